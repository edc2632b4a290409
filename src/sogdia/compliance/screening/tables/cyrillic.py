"""How Cyrillic letters are written in Latin ones: Russian, Ukrainian, Belarusian, Kazakh and kin.

The spelling follows ICAO Doc 9303 part 3 (machine readable travel documents) where it speaks, and
BGN/PCGN for the letters of Turkic languages. Other standards (GOST, ISO 9, Library of Congress,
German and French usage) differ from it in ways that `latin.fold` removes, so that one spelling is
enough for matching.
"""

import re

LETTERS: dict[str, str] = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z",
    "и": "i", "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r",
    "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh",
    "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    # Ukrainian, Belarusian, Rusyn
    "ґ": "g", "є": "ye", "і": "i", "ї": "yi", "ў": "u", "ѣ": "e",
    # Kazakh, Kyrgyz, Tatar, Bashkir, Uzbek, Tajik
    "ә": "a", "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "җ": "j",
    "ҙ": "z", "ҡ": "k", "ҫ": "s", "ҳ": "kh", "ҷ": "j", "ӣ": "i", "ӯ": "u", "ҥ": "n", "ҕ": "g",
    # Serbian, Macedonian, Caucasian
    "ђ": "dj", "ј": "y", "љ": "ly", "њ": "ny", "ћ": "c", "џ": "dzh", "ѓ": "g", "ѕ": "dz",
    "ќ": "k", "ӏ": "", "ӑ": "a", "ӗ": "e", "ӱ": "u", "ӧ": "o", "ҝ": "k", "ҹ": "ch",
}  # fmt: skip
KAZAKH_LETTERS = frozenset("әғқңөұүһі")


def to_latin(token: str) -> str:
    """Return the Latin spelling of a lower-case Cyrillic token; unknown letters are kept."""
    return "".join(LETTERS.get(char, char) for char in token)


_WEST = re.compile(r"^у(?=[аеиоэ])|(?<=[кт])у(?=[аеиоэ])")


def western_spelling(token: str) -> str | None:
    """Return the spelling with w for у before a vowel (Уайт, Уоттс), or `None` without one."""
    spelled = _WEST.sub("w", token)
    return None if spelled == token else to_latin(spelled)


# Kazakh as written in Arabic letters in Xinjiang (төте жазу, 1924 and 1982), to Latin.
KAZAKH_ARABIC: dict[str, str] = {
    "ا": "a", "ٵ": "a", "ب": "b", "ۆ": "v", "گ": "g", "ع": "g", "د": "d", "ە": "e", "ه": "e",
    "ج": "zh", "ز": "z", "ي": "y", "ك": "k", "ق": "k", "ل": "l", "م": "m", "ن": "n", "ڭ": "n",
    "و": "o", "ٶ": "o", "پ": "p", "ر": "r", "س": "s", "ت": "t", "ۋ": "u", "ۇ": "u", "ٷ": "u",
    "ف": "f", "ح": "kh", "ھ": "h", "چ": "ch", "ش": "sh", "ى": "y", "ٸ": "i", "ء": "", "ئ": "",
    "ې": "e", "غ": "g", "خ": "kh", "ژ": "zh", "ۈ": "u",
}  # fmt: skip
# Letters of which one is enough to know that an Arabic-script token is Kazakh or Uyghur.
KAZAKH_ARABIC_LETTERS = frozenset("ٵۆڭٶۋۇٷھٸەېۈ")


def kazakh_arabic_to_latin(token: str) -> str:
    """Return the Latin spelling of a Kazakh token in Arabic letters."""
    return "".join(KAZAKH_ARABIC.get(char, "") for char in token)
