"""The same person, written in another script or system, is found; namesakes in part are not.

The pairs are of public figures or invented; none is taken from the sets that are measured.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sogdia.compliance.screening.entity import Entity, Kind, parse_birth_date
from sogdia.compliance.screening.errors import InvalidName
from sogdia.compliance.screening.features import Comparison, evaluate
from sogdia.compliance.screening.name import analyse
from sogdia.compliance.screening.person_match import match_names
from sogdia.compliance.screening.script import Script
from sogdia.compliance.screening.thresholds import DEFAULTS

SAME = [
    # Mandarin: pinyin in both orders, joined and spaced, Wade–Giles, Palladius
    ("习近平", "Xi Jinping"),
    ("习近平", "Jinping XI"),
    ("习近平", "Xi Jin Ping"),
    ("習近平", "习近平"),
    ("习近平", "Си Цзиньпин"),
    ("Xi Jinping", "Си Цзиньпин"),
    ("毛泽东", "Mao Tse-tung"),
    ("蒋经国", "Chiang Ching-kuo"),
    ("蔡英文", "Tsai Ing-wen"),
    ("曾庆红", "Zeng Qinghong"),
    ("吕秀莲", "Lu Hsiu-lien"),
    ("诸葛亮明", "Zhuge Liangming"),
    ("歐陽修文", "Ouyang Xiuwen"),
    # Hong Kong and Macao
    ("李家超", "John LEE Ka-chiu"),
    ("林鄭月娥", "LAM CHENG Yuet-ngor"),
    ("陳大文", "Chan Tai Man"),
    ("曾蔭權", "Donald Tsang Yam-kuen"),
    # Korean
    ("김정은", "Kim Jong Un"),
    ("박근혜", "Park Geun-hye"),
    # Cyrillic, by several standards
    ("Владимир Путин", "Vladimir Putin"),
    ("Щербаков Юрий Евгеньевич", "Yury Shcherbakov"),
    ("Хрущёв Никита", "Nikita Khrushchev"),
    ("Жириновский Владимир", "Vladimir Zhirinovskiy"),
    ("Зеленський Володимир", "Volodymyr Zelenskyy"),
    # Western names as Russian hears them
    ("Маргарет Тэтчер", "Margaret Thatcher"),
    ("Жак Ширак", "Jacques Chirac"),
    ("Герхард Шрёдер", "Gerhard Schröder"),
    ("Уильям Шекспир", "William Shakespeare"),
    ("Реджеп Эрдоган", "Recep Erdoğan"),
    ("Лех Валенса", "Lech Wałęsa"),
    ("Ион Чебан", "Ion Ceban"),
    ("Джозеф Байден", "Joe Biden"),
    # Fathers' names with a word of their own for son and daughter
    ("Ильхам Гейдар оглы Алиев", "Ilham Aliyev"),
    ("Мехрибан Ариф кызы Алиева", "Mehriban Əliyeva"),
    ("Ильхам Алиев", "İlham Heydər oğlu Əliyev"),
    # Kazakh in three scripts
    ("Қасым-Жомарт Тоқаев", "Kassym-Jomart Tokayev"),
    ("Қасым-Жомарт Тоқаев", "Касым-Жомарт Токаев"),
    ("Нұрсұлтан Әбішұлы Назарбаев", "Nursultan Nazarbayev"),
    ("نۇرسۇلتان نازاربايەۆ", "Нұрсұлтан Назарбаев"),
    # Arabic and Persian
    ("معمر القذافي", "Muammar al-Gaddafi"),
    ("عبد الفتاح السيسي", "Abdel Fattah el-Sisi"),
    ("عبدالرحمن الراشد", "Abd al-Rahman al-Rashid"),
    ("صلاح الدين يوسف", "Salahuddin Yusuf"),
    ("محمود احمدی نژاد", "Mahmoud Ahmadinejad"),
    ("ياسر عرفات", "Yasser Arafat"),
    # Latin: order, diacritics, spelling, a slip
    ("PUTIN, Vladimir", "Vladimir Putin"),
    ("Recep Tayyip Erdoğan", "Recep Tayyip Erdogan"),
    ("Jürgen Müller", "Juergen Mueller"),
    ("Mohammed Hussein", "Muhammad Hussain"),
    ("Slobodan Milosevic", "Slobodan Milošević"),
    ("Radovan Karadzic", "Radovan Kardazic"),
    ("Aleksandar Vucic", "Aleksandar Vučić"),
    ("Александар Вучић", "Aleksandar Vučić"),
]
OTHER = [
    ("Vladimir Putin", "Vladimir Popov"),
    ("John Smith", "Mary Smith"),
    ("习近平", "Li Keqiang"),
    ("王建国", "Zhang Jianguo"),
    ("محمد علي", "محمود حسن"),
    ("Mohammed Ali Hassan", "Omar Ali Said"),
    ("Нурлан Ахметов", "Ерлан Ахметов"),
    ("Maria Lopez Garcia", "Jose Perez Garcia"),
    ("김정은", "Park Geun-hye"),
    ("Дарья Петрова", "George Patterson"),
    ("Маргарет Тэтчер", "Margarita Teixeira"),
]


@pytest.mark.parametrize(("ours", "theirs"), SAME)
def test_two_spellings_of_one_person_score_high(ours: str, theirs: str) -> None:
    match = match_names(analyse(ours), analyse(theirs))
    assert match.score >= 0.83, match.path


@pytest.mark.parametrize(("ours", "theirs"), OTHER)
def test_two_persons_score_low(ours: str, theirs: str) -> None:
    match = match_names(analyse(ours), analyse(theirs))
    assert match.score < 0.78, match.path


@pytest.mark.parametrize(("ours", "theirs"), SAME)
def test_the_score_is_the_same_from_both_sides(ours: str, theirs: str) -> None:
    one = match_names(analyse(ours), analyse(theirs)).score
    other = match_names(analyse(theirs), analyse(ours)).score
    assert one == pytest.approx(other, abs=0.02)


def test_the_path_names_the_transliteration() -> None:
    assert "Palladius" in match_names(analyse("习近平"), analyse("Си Цзиньпин")).path
    assert "Wade–Giles" in match_names(analyse("毛泽东"), analyse("Mao Tse-tung")).path
    assert "Hong Kong" in match_names(analyse("陳大文"), analyse("Chan Tai Man")).path
    assert "Arabic consonants" in match_names(analyse("ياسر عرفات"), analyse("Yasser Arafat")).path


def test_a_short_name_is_worth_what_it_says() -> None:
    """王伟 is borne by hundreds of thousands, 逄飒 by hardly anybody; characters say more."""
    common = match_names(analyse("王伟"), analyse("Wang Wei")).score
    rare = match_names(analyse("逄飒"), analyse("Pang Sa")).score
    assert common < DEFAULTS[Script.HAN] <= rare
    assert match_names(analyse("王伟"), analyse("王伟")).score >= DEFAULTS[Script.HAN]
    assert match_names(analyse("王伟"), analyse("Ван Вэй")).score >= DEFAULTS[Script.CYRILLIC]


def test_a_shared_birth_date_makes_a_hit_of_a_common_short_name() -> None:
    born = (parse_birth_date("1970-03-02"),)
    customer = Entity("c", Kind.PERSON, ("王伟",), birth_dates=born)
    listed = Entity("e", Kind.PERSON, ("Wang Wei",), birth_dates=born)
    name = match_names(analyse("王伟"), analyse("Wang Wei"))
    assert evaluate(Comparison(customer, listed, name))[0] >= DEFAULTS[Script.HAN]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("舞 清水", "Wu Jinshui"),  # a Japanese name: 舞 is no surname, 清水 no given name of it
        ("志明 陳", "Chen Zhimin"),  # Zhimin is pinyin: its min is no Taiwanese ming
        ("桂芝 王", "Yu Kuizhi"),
    ],
)
def test_han_is_not_stretched_to_fit_pinyin(ours: str, theirs: str) -> None:
    match = match_names(analyse(ours), analyse(theirs))
    assert match.score < DEFAULTS[Script.HAN], match.path


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_every_name_that_can_be_analysed_matches_itself(text: str) -> None:
    try:
        name = analyse(text)
    except InvalidName:
        return
    assert match_names(name, analyse(text)).score == 1.0
