"""Which writing system a text is in.

Ranges are those of Unicode 15 for the scripts that names on sanction lists and in customer files
are written in; everything else with letters is `OTHER` and reaches the matcher through a generic
romanisation.
"""

from collections import Counter
from enum import StrEnum
from functools import lru_cache


class Script(StrEnum):
    """A writing system, named by its Unicode name."""

    LATIN = "Latin"
    CYRILLIC = "Cyrillic"
    ARABIC = "Arabic"
    HAN = "Han"
    HANGUL = "Hangul"
    KANA = "Kana"
    OTHER = "Other"


# (first, last, script), both inclusive; letters in no range are OTHER.
_RANGES: tuple[tuple[int, int, Script], ...] = (
    (0x0041, 0x024F, Script.LATIN),
    (0x0250, 0x02AF, Script.LATIN),
    (0x0400, 0x052F, Script.CYRILLIC),
    (0x0600, 0x06FF, Script.ARABIC),
    (0x0750, 0x077F, Script.ARABIC),
    (0x08A0, 0x08FF, Script.ARABIC),
    (0x1100, 0x11FF, Script.HANGUL),
    (0x1C80, 0x1C8F, Script.CYRILLIC),
    (0x1D00, 0x1EFF, Script.LATIN),
    (0x2DE0, 0x2DFF, Script.CYRILLIC),
    (0x3005, 0x3007, Script.HAN),
    (0x3041, 0x30FF, Script.KANA),
    (0x3400, 0x4DBF, Script.HAN),
    (0x4E00, 0x9FFF, Script.HAN),
    (0xA640, 0xA69F, Script.CYRILLIC),
    (0xAC00, 0xD7A3, Script.HANGUL),
    (0xF900, 0xFAFF, Script.HAN),
    (0xFB50, 0xFDFF, Script.ARABIC),
    (0xFE70, 0xFEFC, Script.ARABIC),
    (0x20000, 0x323AF, Script.HAN),
)


@lru_cache(maxsize=65_536)
def char_script(char: str) -> Script | None:
    """Return the script of one character, or `None` when it is not a letter."""
    code = ord(char)
    for first, last, script in _RANGES:
        if first <= code <= last:
            return script if char.isalpha() or script is Script.HAN else None
    return Script.OTHER if char.isalpha() else None


def text_scripts(text: str) -> Counter[Script]:
    """Return how many letters of each script `text` has."""
    return Counter(s for s in map(char_script, text) if s is not None)


def dominant_script(text: str) -> Script:
    """Return the script of most letters of `text`; `OTHER` when it has none."""
    if text.isascii():
        return Script.LATIN
    counts = text_scripts(text)
    return counts.most_common(1)[0][0] if counts else Script.OTHER
