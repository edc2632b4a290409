"""How Korean syllables are spelled in Latin letters.

Canonical form: Revised Romanisation (2000) of the single syllable. Spellings follow it, the
McCune–Reischauer system without diacritics, the usage of the north (initial ㄹ kept), and the
habits of passports.
"""

from functools import cache

_INITIALS: tuple[tuple[str, ...], ...] = (
    ("g", "k"), ("kk", "gg", "k"), ("n",), ("d", "t"), ("tt", "dd"), ("r", "l", "n"), ("m",),
    ("b", "p"), ("pp", "bb"), ("s", "sh"), ("ss", "s"), ("",), ("j", "ch"), ("jj", "ch"),
    ("ch",), ("k",), ("t",), ("p",), ("h",),
)  # fmt: skip
_MEDIALS: tuple[tuple[str, ...], ...] = (
    ("a", "ah"), ("ae", "e", "ai", "ay"), ("ya",), ("yae",), ("eo", "o", "u", "uh"),
    ("e", "eh", "ay"), ("yeo", "yo", "you", "yu"), ("ye", "e"), ("o", "oh"), ("wa",), ("wae",),
    ("oe", "oi", "we"), ("yo",), ("u", "oo", "woo"), ("wo", "weo"), ("we",), ("wi", "wee"),
    ("yu", "yoo", "you"), ("eu", "u", "oo"), ("ui", "eui", "ee"), ("i", "ee", "yi", "ie"),
)  # fmt: skip
# The 28 finals, as they sound at the end of a syllable.
_FINALS: tuple[tuple[str, ...], ...] = (
    ("",), ("k", "g"), ("k",), ("k",), ("n",), ("n",), ("n",), ("t",), ("l", "r"), ("k",), ("m",),
    ("p",), ("l",), ("l",), ("p",), ("l",), ("m",), ("p", "b"), ("p",), ("t", "s"), ("t",),
    ("ng",), ("t",), ("t",), ("k",), ("t",), ("p",), ("t",),
)  # fmt: skip
_WHOLE: dict[str, tuple[str, ...]] = {
    "이": ("lee", "yi", "rhee", "ri", "rhie"), "김": ("kim", "gim"), "박": ("park", "pak", "bak"),
    "최": ("choi", "choe"), "정": ("jung", "jeong", "chung", "chong", "jong", "cheong"),
    "조": ("cho", "jo"), "윤": ("yoon", "yun", "youn"), "임": ("lim", "im", "rim", "yim"),
    "유": ("yoo", "yu", "ryu", "you"), "노": ("roh", "noh", "no", "ro"), "오": ("oh", "o"),
    "우": ("woo", "u", "wu"), "여": ("yeo", "ryo", "yo"), "양": ("yang", "ryang"),
    "신": ("shin", "sin"), "심": ("shim", "sim"), "현": ("hyun", "hyeon", "hyon"),
    "영": ("young", "yeong", "yong"), "연": ("yeon", "yon", "ryon"), "용": ("yong", "ryong"),
    "선": ("sun", "seon", "son"), "성": ("sung", "seong", "song"), "석": ("seok", "suk", "sok"),
    "은": ("eun", "un"), "훈": ("hoon", "hun"), "준": ("jun", "joon", "chun"), "희": ("hee", "hui"),
}  # fmt: skip


def is_syllable(char: str) -> bool:
    """Say whether `char` is a precomposed Hangul syllable."""
    return "가" <= char <= "힣"


@cache
def spellings(char: str) -> dict[str, float]:
    """Return the Latin spellings of a Hangul syllable, each with its cost in similarity."""
    index = ord(char) - 0xAC00
    initial, medial, final = index // 588, index % 588 // 28, index % 28
    found: dict[str, float] = {}
    for rank, spelling in enumerate(_WHOLE.get(char, ())):
        found[spelling] = 0.01 + 0.01 * min(rank, 3)
    for i_rank, head in enumerate(_INITIALS[initial]):
        for m_rank, heart in enumerate(_MEDIALS[medial]):
            for f_rank, tail in enumerate(_FINALS[final]):
                cost = 0.01 + 0.01 * min(i_rank + m_rank + f_rank, 4)
                spelling = head + heart + tail
                if cost < found.get(spelling, 1.0):
                    found[spelling] = cost
    return found


def canonical(char: str) -> str:
    """Return the Revised Romanisation of one Hangul syllable, read alone."""
    index = ord(char) - 0xAC00
    initial, medial, final = index // 588, index % 588 // 28, index % 28
    return _INITIALS[initial][0] + _MEDIALS[medial][0] + _FINALS[final][0]


def common_syllables() -> list[str]:
    """Return the syllables without doubled finals: all that occur in personal names."""
    finals = (0, 1, 4, 8, 16, 17, 19, 21)
    return [
        chr(0xAC00 + initial * 588 + medial * 28 + final)
        for initial in range(19)
        for medial in range(21)
        for final in finals
    ]
