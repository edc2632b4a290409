"""What one Han character says: its simplified form and its readings in Mandarin and Cantonese.

Readings come from pypinyin and ToJyutping, simplification from OpenCC. What those libraries read
as common words but names read otherwise (surnames), and variants that OpenCC keeps apart, is here.
"""

import unicodedata
from functools import cache, lru_cache

import opencc
import ToJyutping
from pypinyin.constants import PINYIN_DICT

# Surname readings that differ from a character's usual one (现代汉语词典, 6th ed., entries 姓).
SURNAME_READINGS: dict[str, str] = {
    "曾": "zeng", "单": "shan", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "盖": "ge",
    "乐": "yue", "朴": "piao", "任": "ren", "华": "hua", "尉": "wei", "覃": "qin", "卜": "bu",
    "召": "shao", "纪": "ji", "种": "chong", "员": "yun", "缪": "miao", "翟": "zhai", "洗": "xian",
    "冼": "xian", "洪": "hong", "秘": "bi", "那": "na", "折": "she", "黑": "he", "逄": "pang",
    "葛": "ge", "燕": "yan", "哈": "ha", "宁": "ning", "应": "ying", "宿": "su", "谌": "chen",
    "繁": "po", "郗": "xi", "晟": "cheng", "牟": "mou", "隗": "wei", "祭": "zhai", "贾": "jia",
    "柏": "bai", "薄": "bo", "能": "nai", "句": "gou", "过": "guo", "撒": "sa", "令": "ling",
    "车": "che", "石": "shi", "沈": "shen", "叶": "ye", "吕": "lv", "万": "wan", "重": "chong",
    "俞": "yu", "于": "yu", "褚": "chu", "长": "zhang", "强": "qiang", "占": "zhan", "色": "se",
    "鲍": "bao", "臧": "zang", "藏": "zang", "阚": "kan", "郇": "xun", "亓": "qi", "芮": "rui",
    "么": "yao", "幺": "yao", "尹": "yin", "訾": "zi", "乜": "nie",
    "恽": "yun", "邸": "di", "麻": "ma", "殷": "yin", "颉": "xie", "佴": "nai", "佘": "she",
}  # fmt: skip
# Variants that OpenCC keeps apart and that registries and passports use for one another.
_VARIANTS = str.maketrans(
    "呉凃喆堃昇陞煇峯邨衞羣啓鉅菓脩甯寗崐崑晧頴頥祐迺玥昱淸潁枏犇麤嶽",
    "吴涂哲坤升升辉峰村卫群启巨果修宁宁昆昆皓颖颐佑乃月煜清颖楠奔粗岳",
)
_READINGS_MAX = 4  # rarer readings than the fourth are of archaic words, never of names


@cache
def _converters() -> tuple[opencc.OpenCC, opencc.OpenCC]:
    """Return the converters Japanese forms → traditional, and traditional → simplified."""
    return opencc.OpenCC("jp2t"), opencc.OpenCC("t2s")


@lru_cache(maxsize=65_536)
def simplified(char: str) -> str:
    """Return the simplified form of one character; Japanese and variant forms are folded too."""
    japanese, traditional = _converters()
    direct: str = traditional.convert(char)
    if direct == char:
        direct = traditional.convert(japanese.convert(char))
    return direct.translate(_VARIANTS)


def _toneless(reading: str) -> str:
    decomposed = unicodedata.normalize("NFD", reading.replace("ü", "v"))
    letters = "".join(c for c in decomposed if not unicodedata.combining(c) or c == "\u0308")
    return letters.replace("u\u0308", "v").replace("\u0308", "").replace("ê", "e")


@lru_cache(maxsize=65_536)
def mandarin(char: str, *, surname: bool) -> dict[str, float]:
    """Return the pinyin readings of a character, each with its cost in units of similarity.

    In the place of a surname the surname's reading comes first; the ordinary reading stays
    possible, as transliterators by machine use it.
    """
    costs: dict[str, float] = {}
    for source in {char: 0, simplified(char): 0}:
        listed = PINYIN_DICT.get(ord(source), "")
        for rank, reading in enumerate(listed.split(",")[:_READINGS_MAX]):
            plain = _toneless(reading)
            if plain:
                costs.setdefault(plain, 0.0 if rank == 0 else 0.02)
    special = SURNAME_READINGS.get(simplified(char))
    if surname and special:
        costs = {r: c if r == special else 0.02 for r, c in costs.items()} | {special: 0.0}
    return costs


@lru_cache(maxsize=65_536)
def cantonese(char: str) -> dict[str, float]:
    """Return the Jyutping readings (no tone) of a character, each with its cost."""
    costs: dict[str, float] = {}
    for source in (char, simplified(char)):
        for _, readings in ToJyutping.get_jyutping_candidates(source):
            for rank, reading in enumerate((readings or [])[:_READINGS_MAX]):
                plain = reading.rstrip("0123456789")
                costs.setdefault(plain, 0.0 if rank == 0 else 0.01)
    return costs
