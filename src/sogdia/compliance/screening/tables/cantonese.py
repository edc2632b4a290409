"""How Cantonese syllables are spelled in the names of Hong Kong and Macao.

Canonical form: Jyutping (LSHK 1993) without the tone. Hong Kong's government spells by habit, not
by one system; the tables list for each initial and final the spellings in use, most usual first.
"""

from functools import cache

_INITIALS: dict[str, tuple[str, ...]] = {
    "gw": ("kw", "gw", "ku"), "kw": ("kw",), "ng": ("ng", ""), "b": ("p", "b"), "p": ("p",),
    "m": ("m",), "f": ("f",), "d": ("t", "d"), "t": ("t",), "n": ("n", "l"), "l": ("l",),
    "g": ("k", "g"), "k": ("k",), "h": ("h",), "z": ("ch", "ts", "j", "tz", "c"),
    "c": ("ch", "ts", "c"), "s": ("s", "sh"), "j": ("y", "i", ""), "w": ("w", "v"),
    "": ("", "ng"),
}  # fmt: skip
_FINALS: dict[str, tuple[str, ...]] = {
    "aa": ("a", "ah", "ar"), "aai": ("ai", "aai"), "aau": ("au", "aau"), "aam": ("am", "aam"),
    "aan": ("an", "aan"), "aang": ("ang", "aang"), "aap": ("ap", "aap"), "aat": ("at", "aat"),
    "aak": ("ak", "aak"), "a": ("a",), "ai": ("ai", "ei", "i", "ay"),
    "au": ("au", "ow", "ou", "ao"),
    "am": ("am", "um", "om"), "an": ("an", "un", "en"), "ang": ("ang", "eng", "ung"),
    "ap": ("ap", "up", "op"), "at": ("at", "ut"), "ak": ("ak", "uk", "ek"),
    "e": ("e", "eh", "ea"), "ei": ("ei", "i", "ee", "ay", "ey"), "eu": ("eu",), "em": ("em",),
    "eng": ("eng", "iang", "ing", "eang"), "ep": ("ep",), "ek": ("ek", "ik"),
    "i": ("i", "ee", "ie"),
    "iu": ("iu", "ew", "iew", "eu", "io", "iao"), "im": ("im", "em"),
    "in": ("in", "een", "ien", "ean"),
    "ing": ("ing", "eng"), "ip": ("ip", "ipp"), "it": ("it", "eet", "iet"),
    "ik": ("ik", "ick", "ek"),
    "o": ("o", "or", "oh", "aw"), "oi": ("oi", "oy", "oey"),
    "ou": ("o", "ou", "oe", "u", "ow", "oo"),
    "on": ("on", "orn"), "ong": ("ong", "aung"), "ot": ("ot",), "ok": ("ok", "ock", "oc"),
    "oe": ("oe", "euh"), "oeng": ("eung", "eong", "iong", "erng", "ong"),
    "oek": ("euk", "eok", "eock"),
    "eoi": ("ui", "eui", "oi", "oy", "uy"), "eon": ("un", "eon", "eun", "on"), "eot": ("ut", "eot"),
    "u": ("u", "oo"), "ui": ("ui", "oy"), "un": ("un", "oon", "oun"), "ung": ("ung", "ong"),
    "ut": ("ut", "oot"), "uk": ("uk", "ook", "ok"), "yu": ("yu", "u", "ue", "y", "ee", "i"),
    "yun": ("uen", "un", "yuen", "une", "een"), "yut": ("uet", "ut", "yuet"), "m": ("m",),
    "ng": ("ng", "m"),
}  # fmt: skip
# Whole syllables whose usual spelling no table of parts gives.
_WHOLE: dict[str, tuple[str, ...]] = {
    "zi": ("tsz", "tze", "tse", "chi", "tsu", "ji", "gee"), "ci": ("tsz", "tse", "chi", "tze"),
    "si": ("sze", "see", "si", "shi", "szeto"), "ng": ("ng", "ung", "eng"), "m": ("ng",),
    "jyu": ("yu", "yue", "u", "yee"), "jyun": ("yuen", "yun", "un"), "jyut": ("yuet", "yut"),
    "jan": ("yan", "yun", "ian", "yen"), "jin": ("yin", "in", "yeen"), "jung": ("yung", "ung"),
    "ji": ("yi", "yee", "i", "ee", "yih"), "jing": ("ying", "ing", "yeng"),
    "jiu": ("yiu", "yew", "iu"),
    "jau": ("yau", "yow", "iao"), "jim": ("yim", "im"), "jip": ("yip", "ip", "yap"),
    "jam": ("yam", "yum", "iam"), "jeoi": ("yui", "yeoh"), "jeng": ("yeng", "ying"),
    "joeng": ("yeung", "yeong", "young", "ieong"), "joek": ("yeuk",), "jit": ("yit",),
    "gwok": ("kwok", "kwock", "quok", "kok", "kuok"), "gwan": ("kwan", "kwun", "guan", "quan"),
    "gwaan": ("kwan", "quan", "kuan"), "gwong": ("kwong", "kong"), "gwai": ("kwai", "kuai"),
    "gwing": ("kwing",), "gwo": ("kwo", "gwo", "kuo"), "gwaa": ("kwa",), "wong": ("wong", "vong"),
    "waa": ("wa", "wah", "va"), "caa": ("cha", "char"), "sau": ("sau", "shou"),
    "syu": ("shu", "su", "sue", "syu"),
    "zyu": ("chu", "chue", "tsu", "ju", "choo"), "cyu": ("chu", "chue", "chui"),
    "syun": ("suen", "shuen", "sun"),
    "zyun": ("chuen", "chun", "tsuen", "juen"), "cyun": ("chuen", "chun", "tsuen"),
    "hyun": ("huen", "hun", "hiuen"),
    "gyun": ("kuen", "kun"), "kyun": ("kuen", "kun"), "lyun": ("luen", "lun", "lyn"),
    "dyun": ("tuen", "tun"),
    "hei": ("hei", "hay", "hee", "hi", "hy"), "kei": ("kei", "ki", "kay", "kee"),
    "gei": ("kei", "kee", "ki", "gei"),
    "coi": ("choi", "tsoi", "choy", "tsoy"), "cung": ("chung", "tsung"),
    "zung": ("chung", "tsung", "jung"),
    "zoeng": ("cheung", "cheong", "jeung", "tseung", "chiong", "chang", "chiang"),
    "soeng": ("sheung", "seung", "shang"),
    "goeng": ("keung", "geung", "keong"), "hoeng": ("heung", "hueng", "hong"),
    "loeng": ("leung", "leong", "liang"),
    "cou": ("cho", "tso", "chow", "chou"), "zou": ("cho", "tso", "jo", "chow"),
    "sou": ("so", "su", "sow"),
    "lou": ("lo", "lou", "low", "loo"), "mou": ("mo", "mou", "moo"), "bou": ("po", "bo", "pou"),
    "tou": ("to", "tou"), "dou": ("to", "do", "tou"), "hou": ("ho", "hou"),
    "gou": ("ko", "go", "kou"),
    "lau": ("lau", "low", "lao"), "caai": ("chai",), "zau": ("chau", "chow", "jau", "chao"),
    "cau": ("chau", "chow"), "zaa": ("cha",), "zaan": ("chan", "tsan"), "can": ("chan",),
    "zang": ("tsang", "chang", "jang"), "cang": ("tsang", "chang"), "caang": ("chaang", "chang"),
    "zing": ("ching", "jing", "cheng"), "cing": ("ching", "tsing"),
    "zeng": ("cheng", "ching", "cheang"),
    "ceoi": ("chui", "tsui", "choi", "chu"), "zeoi": ("chui", "tsui", "jui"),
    "seoi": ("sui", "shui", "seui"),
    "heoi": ("hui", "hoi"), "leoi": ("lui", "lei", "loi"), "zeon": ("chun", "jun", "tsun"),
    "ceon": ("chun", "tsun", "chuen"), "seon": ("shun", "sun"), "leon": ("lun", "leon"),
    "deon": ("tun",),
    "saa": ("sa", "sha"), "hung": ("hung", "hong"), "luk": ("luk", "look", "lok"),
    "faan": ("fan", "faan"),
    "faat": ("fat",), "ging": ("king", "keng", "ging"), "gin": ("kin", "gin", "kean", "jian"),
    "gam": ("kam", "gam", "kum"), "gim": ("kim", "gim"), "daai": ("tai", "dai"),
}  # fmt: skip


def split_syllable(syllable: str) -> tuple[str, str]:
    """Return initial and final of a Jyutping syllable; the initial may be empty."""
    for size in (2, 1):
        initial, final = syllable[:size], syllable[size:]
        if len(initial) == size and initial in _INITIALS and final in _FINALS:
            return initial, final
    return "", syllable


@cache
def spellings(syllable: str) -> dict[str, float]:
    """Return the spellings of a Jyutping syllable, each with its cost in units of similarity."""
    found: dict[str, float] = {}
    for rank, spelling in enumerate(_WHOLE.get(syllable, ())):
        found.setdefault(spelling, 0.01 + 0.01 * min(rank, 4))
    initial, final = split_syllable(syllable)
    for i_rank, head in enumerate(_INITIALS.get(initial, (initial,))):
        for f_rank, tail in enumerate(_FINALS.get(final, (final,))):
            cost = 0.01 + 0.01 * min(i_rank + f_rank, 5)
            spelling = head + tail
            if spelling and cost < found.get(spelling, 1.0):
                found[spelling] = cost
    found.setdefault(syllable, 0.02)
    return found
