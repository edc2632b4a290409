"""The syllables of Mandarin and how each romanisation spells them.

Hanyu Pinyin (ISO 7098:2015) is the canonical form, without tones and with ü written `v`. The other
spellings follow by rule from initial and final: Wade–Giles (apostrophes left out, as passports and
newspapers do), Tongyong Pinyin (Taiwan, 2002 to 2008), MPS II (Taiwan, 1984 to 2000), frequent
irregular spellings of Taiwanese passports (Gwoyeu Romatzyh and postal usage), and Palladius's
cyrillisation (Russian, after the tables of the Russian State Land Cadastre).
"""

from functools import cache

_INITIAL_LETTERS = "zh ch sh b p m f d t n l g k h j q x r z c s y w"
_INITIALS = tuple(_INITIAL_LETTERS.split())

# Finals each initial takes; the whole syllabary of standard Mandarin in 24 lines.
_SYLLABARY: dict[str, str] = {
    "": "a ai an ang ao e ei en eng er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan uo v ve un",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
}
SYLLABLES: frozenset[str] = frozenset(i + f for i, fs in _SYLLABARY.items() for f in fs.split())


def split_syllable(syllable: str) -> tuple[str, str]:
    """Return initial and final of a pinyin syllable; the initial may be empty."""
    for initial in _INITIALS:
        if syllable.startswith(initial) and syllable[len(initial) :]:
            return initial, syllable[len(initial) :]
    return "", syllable


_WG_INITIAL = {
    "b": "p", "p": "p", "d": "t", "t": "t", "g": "k", "k": "k", "j": "ch", "q": "ch", "x": "hs",
    "zh": "ch", "ch": "ch", "z": "ts", "c": "ts", "r": "j",
}  # fmt: skip
_WG_FINAL = {
    "ian": "ien", "ie": "ieh", "iong": "iung", "ong": "ung", "ve": "ueh", "v": "u", "er": "erh",
}  # fmt: skip
_WG_WHOLE: dict[str, tuple[str, ...]] = {
    "zhi": ("chih",), "chi": ("chih",), "shi": ("shih",), "ri": ("jih",),
    "zi": ("tzu", "tze"), "ci": ("tzu", "tsu", "tze"), "si": ("szu", "ssu", "sze"),
    "yi": ("i", "yi"), "yan": ("yen",), "ye": ("yeh",), "yong": ("yung",), "you": ("yu",),
    "yue": ("yueh",), "er": ("erh",), "e": ("o", "eh"), "ge": ("ko", "keh"),
    "ke": ("ko", "keh", "ker"), "he": ("ho",), "duo": ("to",), "tuo": ("to",),
    "nuo": ("no",), "luo": ("lo",), "zuo": ("tso",), "cuo": ("tso",), "suo": ("so",),
    "zhuo": ("cho",), "chuo": ("cho",), "ruo": ("jo",), "wen": ("wen",), "gui": ("kuei", "kui"),
    "kui": ("kuei", "kui"), "zhe": ("che",), "che": ("che",), "she": ("sheh", "she"),
    "re": ("je",), "lve": ("lueh", "lioh"), "nve": ("nueh",), "xue": ("hsueh",),
    "jue": ("chueh",), "que": ("chueh",), "te": ("te", "teh"), "de": ("te", "teh"),
    "ze": ("tse",), "ce": ("tse",), "se": ("se", "seh"), "le": ("le", "leh"),
    "yuan": ("yuan",), "xiong": ("hsiung",),
}  # fmt: skip


def wade_giles(syllable: str) -> tuple[str, ...]:
    """Return the Wade–Giles spellings of a pinyin syllable, without apostrophes."""
    if syllable in _WG_WHOLE:
        return _WG_WHOLE[syllable]
    initial, final = split_syllable(syllable)
    final = _WG_FINAL.get(final, final)
    if final == "ue" and initial in ("j", "q", "x", "y"):
        final = "ueh"
    return (_WG_INITIAL.get(initial, initial) + final,)


_TONGYONG_INITIAL = {"zh": "jh", "q": "c", "x": "s"}
_TONGYONG_FINAL = {"iu": "iou", "ui": "uei", "v": "yu", "ve": "yue"}
_TONGYONG_WHOLE = {
    "zhi": "jhih", "chi": "chih", "shi": "shih", "ri": "rih", "zi": "zih", "ci": "cih",
    "si": "sih", "feng": "fong", "weng": "wong", "wen": "wun", "xiong": "syong",
    "jiong": "jyong", "qiong": "cyong",
}  # fmt: skip


def tongyong(syllable: str) -> str:
    """Return the Tongyong Pinyin spelling of a pinyin syllable."""
    if syllable in _TONGYONG_WHOLE:
        return _TONGYONG_WHOLE[syllable]
    initial, final = split_syllable(syllable)
    if initial in ("j", "q", "x") and final.startswith("u"):
        final = "y" + final
    else:
        final = _TONGYONG_FINAL.get(final, final)
        if final == "en" and initial in ("f",):
            final = "un"
    return _TONGYONG_INITIAL.get(initial, initial) + final


_MPS_INITIAL = {"zh": "j", "q": "ch", "x": "sh", "z": "tz", "c": "ts"}
_MPS_FINAL = {"iu": "iou", "ui": "uei", "ao": "au", "iao": "iau", "v": "iu", "ve": "iue"}
_MPS_WHOLE = {
    "zhi": "jr", "chi": "chr", "shi": "shr", "ri": "r", "zi": "tz", "ci": "tsz", "si": "sz",
    "feng": "feng", "wen": "wen", "you": "you", "xu": "shiu", "yu": "yu",
}  # fmt: skip


def mps2(syllable: str) -> str:
    """Return the MPS II spelling of a pinyin syllable."""
    if syllable in _MPS_WHOLE:
        return _MPS_WHOLE[syllable]
    initial, final = split_syllable(syllable)
    if initial in ("j", "q", "x") and final.startswith("u"):
        final = "i" + final
    else:
        final = _MPS_FINAL.get(final, final)
    return _MPS_INITIAL.get(initial, initial) + final


# Spellings of Taiwanese and overseas passports that follow no single system: Gwoyeu Romatzyh tone
# letters that survive in names, anglicised finals, and doubled letters.
_IRREGULAR: dict[str, tuple[str, ...]] = {
    "zhi": ("jyh", "jy", "jih", "tsz", "chi", "jhy"), "shi": ("shyh", "shy", "shr", "shi"),
    "chi": ("chyr", "chyh", "chih"), "ri": ("jih",), "zi": ("tzyy", "tsz", "tsu", "tze", "tzy"),
    "si": ("syy", "sy", "su", "szu"), "ci": ("tsyr", "tsu"), "li": ("lee", "lih", "leigh"),
    "wu": ("woo", "wuu"), "gao": ("kau", "kaw"), "hao": ("haw", "hau"), "wei": ("way",),
    "ji": ("jyi", "jih", "gi", "chi"), "qi": ("chyi", "chii", "ci"), "xi": ("shi", "shih", "hsih"),
    "yu": ("yuh", "yue", "yeu", "iu"), "kun": ("kuen",), "gun": ("kuen",), "rong": ("rong", "yung"),
    "jin": ("gin", "jinn", "jing"), "jing": ("jin", "ching"), "ming": ("min",),
    "xin": ("shin", "sing", "hsing"), "xing": ("shin", "hsin", "sing"), "ping": ("pyng",),
    "zong": ("tsong", "tzong", "tsung"), "guo": ("guo", "kwo", "goh"), "cai": ("tsay", "tsai"),
    "ke": ("ker", "kou", "ko"), "ge": ("ger",), "he": ("her",), "de": ("der", "tak"),
    "che": ("cher",), "zhe": ("jer", "cher"), "she": ("sher",), "le": ("ler",), "ye": ("yeh",),
    "qiu": ("chiou", "chiu", "ciou"), "liu": ("lieu", "liou", "lew"), "niu": ("niou",),
    "xiu": ("shiow", "shiou", "hsiou"), "jiu": ("jeou", "jiou"), "tai": ("tay",), "dai": ("tay",),
    "zhen": ("jenn", "jane", "jen"), "zheng": ("jeng", "cheng", "chen"), "zhou": ("jou", "joe"),
    "zhang": ("jang", "chang"), "zhong": ("jong", "jhong"), "zhu": ("ju", "jhu", "jwu"),
    "zhao": ("jaw", "jau"), "zhuang": ("juang", "jwang"), "zhan": ("jan", "jann", "chan"),
    "hui": ("huey", "huei", "hwei"), "hua": ("hwa",), "huang": ("hwang",), "hong": ("horng",),
    "xiao": ("shiau", "siao", "shaw"), "xie": ("shieh", "shie", "sie"),
    "xu": ("hsu", "shu", "shyu"),
    "xue": ("shiueh", "sue"), "yi": ("yih", "ee", "yee", "i"), "ying": ("yin", "ing"),
    "yin": ("ying", "in"), "jun": ("jiun", "chun", "june", "gjun", "chiun"),
    "juan": ("chuan", "jiuan"),
    "xuan": ("shiuan", "hsuan"), "qing": ("chin", "ching"), "feng": ("fong", "fon", "fung"),
    "meng": ("mong",), "peng": ("pong", "perng"), "weng": ("ong", "uong", "wong"),
    "fu": ("foo",), "lu": ("luh", "loo"), "lv": ("lyu", "lu", "leu", "lui"), "nv": ("nyu", "nu"),
    "lve": ("lyue", "lue"), "nve": ("nyue", "nue"), "you": ("yo", "yow", "yu", "yiu"),
    "shu": ("shwu", "su"), "xia": ("shia", "sha"), "xian": ("shian", "shyan", "sian"),
    "xiang": ("shiang", "siang"), "jian": ("jen", "chien"), "jia": ("gia", "chia", "jar"),
    "jie": ("jye", "jey"), "guang": ("kwang", "quang"), "gui": ("guey", "gwei", "kwei"),
    "cui": ("tsui", "chui"), "sui": ("suey",), "rui": ("ruey", "rwei"), "ren": ("jen", "zen"),
    "hu": ("hwu", "hoo"), "yan": ("yen", "ian"), "yao": ("yau",), "yang": ("yeong", "young"),
    "wang": ("wong",), "cheng": ("chen", "tseng", "cherng"), "chen": ("chern", "cheng"),
    "sheng": ("shen", "sherng"), "shen": ("shern",), "lin": ("linn", "ling"), "ling": ("lin",),
    "min": ("ming",), "bin": ("bing", "pin"), "bing": ("bin", "pin"), "tang": ("tarng",),
    "tian": ("tyan",),
    "mei": ("may", "mae"), "bai": ("pai", "by"), "bo": ("po", "bor", "buo"), "zhuo": ("jwo",),
}  # fmt: skip


def irregular(syllable: str) -> tuple[str, ...]:
    """Return spellings of a pinyin syllable met in passports that no system prescribes."""
    return _IRREGULAR.get(syllable, ())


_PALLADIUS_INITIAL = {
    "b": "б", "p": "п", "m": "м", "f": "ф", "d": "д", "t": "т", "n": "н", "l": "л", "g": "г",
    "k": "к", "h": "х", "j": "цз", "q": "ц", "x": "с", "zh": "чж", "ch": "ч", "sh": "ш",
    "r": "ж", "z": "цз", "c": "ц", "s": "с",
}  # fmt: skip
_PALLADIUS_FINAL = {
    "a": "а", "ai": "ай", "an": "ань", "ang": "ан", "ao": "ао", "e": "э", "ei": "эй", "en": "энь",
    "eng": "эн", "i": "и", "ia": "я", "ian": "янь", "iang": "ян", "iao": "яо", "ie": "е",
    "in": "инь", "ing": "ин", "iong": "юн", "iu": "ю", "o": "о", "ong": "ун", "ou": "оу",
    "u": "у", "ua": "уа", "uai": "уай", "uan": "уань", "uang": "уан", "ui": "уй", "un": "унь",
    "uo": "о", "v": "юй", "ve": "юэ",
}  # fmt: skip
_PALLADIUS_UMLAUT = {"u": "юй", "uan": "юань", "ue": "юэ", "un": "юнь"}
_PALLADIUS_WHOLE: dict[str, tuple[str, ...]] = {
    "zhi": ("чжи",), "chi": ("чи",), "shi": ("ши",), "ri": ("жи",), "zi": ("цзы",), "ci": ("цы",),
    "si": ("сы",), "ya": ("я",), "yan": ("янь",), "yang": ("ян",), "yao": ("яо",), "ye": ("е",),
    "yi": ("и",), "yin": ("инь",), "ying": ("ин",), "yo": ("ё", "йо"), "yong": ("юн",),
    "you": ("ю",), "yu": ("юй",), "yuan": ("юань",), "yue": ("юэ",), "yun": ("юнь",),
    "wa": ("ва",), "wai": ("вай",), "wan": ("вань",), "wang": ("ван",), "wei": ("вэй",),
    "wen": ("вэнь",), "weng": ("вэн",), "wo": ("во",), "wu": ("у",), "er": ("эр",),
    "hui": ("хуэй", "хой"), "bo": ("бо",), "gui": ("гуй",), "zhe": ("чжэ",), "luo": ("ло",),
}  # fmt: skip


def palladius(syllable: str) -> tuple[str, ...]:
    """Return the Cyrillic spellings of a pinyin syllable by Palladius's system.

    Source: the system of Palladius (Kafarov) as used in Russian official cartography.
    """
    if syllable in _PALLADIUS_WHOLE:
        return _PALLADIUS_WHOLE[syllable]
    initial, final = split_syllable(syllable)
    if initial in ("j", "q", "x") and final in _PALLADIUS_UMLAUT:
        return (_PALLADIUS_INITIAL[initial] + _PALLADIUS_UMLAUT[final],)
    return (_PALLADIUS_INITIAL.get(initial, "") + _PALLADIUS_FINAL.get(final, final),)


# Surnames as their Hokkien or Teochew bearers spell them, by the pinyin of the same character:
# Taiwan, Singapore, Malaysia and Indonesia.
HOKKIEN_SURNAMES: dict[str, tuple[str, ...]] = {
    "chen": ("tan", "tang"), "lin": ("lim",), "huang": ("ng", "ooi", "oei", "wee", "uy"),
    "zhang": ("teo", "teoh", "tiu", "thio"), "li": ("lee", "lie", "dy"), "wang": ("ong", "heng"),
    "wu": ("goh", "gouw", "go", "gho"), "liu": ("lau", "low", "lauw"),
    "cai": ("chua", "chuah", "tjoa"),
    "yang": ("yeo", "yeoh", "njoo"), "xu": ("koh", "khor", "kho", "co", "chee", "see"),
    "zheng": ("tay", "teh", "the", "tee"), "xie": ("chia", "cheah", "sia"),
    "guo": ("quek", "kwek", "kueh", "kweh"),
    "hong": ("ang",), "zeng": ("chan", "tsan", "chng"), "qiu": ("khoo", "khu", "kho"),
    "zhou": ("chew", "chiew", "tjioe"), "ye": ("yap", "yeap", "iap"), "su": ("soh", "saw", "soo"),
    "zhuang": ("chng", "ching"), "lv": ("loo",), "jiang": ("kang",), "he": ("ho", "hoe"),
    "luo": ("lo", "loh"), "gao": ("ko", "kor"), "pan": ("phua",), "zhu": ("choo", "chu"),
    "zhong": ("cheong",), "you": ("yew", "yu"), "lai": ("luah", "lua"),
    "xiao": ("siew", "seow", "siau"),
    "liao": ("leow", "liow"), "hu": ("oh", "aw"), "fu": ("poh", "hu", "foo"), "shen": ("sim",),
    "wei": ("gui", "ngui"), "dai": ("tay",), "ke": ("kua", "quah", "kwa"), "fang": ("png", "pui"),
    "yan": ("gan",), "wen": ("oon", "boon"), "sun": ("soon", "sng"), "zhao": ("teo", "tio"),
    "ma": ("beh",), "bai": ("peh",), "shi": ("see", "sy", "chok"), "weng": ("ang", "eng"),
    "tang": ("tng", "thng"), "deng": ("teng", "tneg"), "feng": ("pang",), "tu": ("toh",),
    "zhan": ("chiam",), "zou": ("chew",), "ren": ("yam", "jim"), "hou": ("hau",), "guan": ("kuan",),
}  # fmt: skip


# Surnames of two characters, as written in one word, in pinyin, older spellings and Palladius.
_COMPOUND_SURNAMES = """
ouyang auyeung auyeong owyang auyang szeto seeto soto situ szema sima zhuge chuko
chukot shangguan huangfu dongfang gongsun murong linghu xiahou zhangsun yuwen
duanmu nangong ximen dugu helian zhongli tantai puyang chunyu shentu yuchi wanyan
nalan gongye taishi оуян сыма чжугэ шангуань хуанфу дунфан гунсунь мужун линху
сяхоу юйвэнь сыту 欧阳 歐陽 司徒 司马 司馬 诸葛
諸葛 上官 皇甫 东方 東方 公孙
公孫 慕容 令狐 夏侯 长孙 長孫 宇文
端木 尉迟 尉遲
完颜 完顏 纳兰 納蘭 南宫
南宮 西门 西門 独孤 獨孤 赫连 赫連 钟离 鍾離 澹台 澹臺 濮阳 濮陽
"""
COMPOUND_SURNAMES = frozenset(_COMPOUND_SURNAMES.split())


@cache
def spellings(syllable: str) -> dict[str, tuple[float, str]]:
    """Return every Latin spelling of a pinyin syllable, with its cost and the system's name.

    Costs are in units of similarity lost: 0 for pinyin itself, up to 0.06 for irregular forms.
    """
    found: dict[str, tuple[float, str]] = {syllable: (0.0, "pinyin")}

    def add(spelling: str, cost: float, system: str) -> None:
        if cost < found.get(spelling, (1.0, ""))[0]:
            found[spelling] = (cost, system)

    if "v" in syllable:
        add(syllable.replace("v", "u"), 0.0, "pinyin without diaeresis")
        add(syllable.replace("v", "yu"), 0.0, "pinyin, passport ü")
        add(syllable.replace("v", "ue"), 0.01, "pinyin with ue for ü")
    for spelling in wade_giles(syllable):
        add(spelling, 0.02, "Wade–Giles")
    add(tongyong(syllable), 0.02, "Tongyong Pinyin")
    add(mps2(syllable), 0.03, "MPS II")
    for spelling in irregular(syllable):
        add(spelling, 0.05, "passport spelling")
    return found
