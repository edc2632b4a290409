"""The consonants of a word in eight coarse classes, for finding what was written by ear.

Whoever writes a foreign name as it sounds keeps the kind of each consonant and little else: George
and Джордж share sibilant, r, sibilant. Letters with several sounds, or none, give several keys.
"""

import re
import unicodedata
from functools import lru_cache

_KEYS_MAX = 8
# Longest first where one begins another. P b p, V f v w, K g h k, T d t, S all sibilants, L M N R.
_LATIN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("tzsch", ("S",)), ("tsch", ("S",)), ("shch", ("S",)), ("dsch", ("S",)),
    ("sch", ("S", "SK")), ("tch", ("S",)), ("dzh", ("S",)),
    ("ch", ("S", "K")), ("sh", ("S",)), ("zh", ("S",)), ("kh", ("K",)), ("gh", ("", "K")),
    ("ph", ("V",)), ("th", ("T", "S")), ("dg", ("S", "TK")), ("dj", ("S",)), ("ts", ("S",)),
    ("tz", ("S",)), ("dz", ("S",)), ("cz", ("S",)), ("ck", ("K",)), ("gn", ("N", "KN")),
    ("ng", ("NK", "N")), ("ll", ("L", "")), ("wh", ("V", "")), ("rz", ("S", "RS")),
    ("cce", ("S", "KS")), ("cci", ("S", "KS")), ("sce", ("S",)), ("sci", ("S",)), ("mc", ("MK",)),
    ("np", ("NP", "MP")), ("nb", ("NP", "MP")), ("nm", ("NM", "M")),
    ("x", ("KS", "K", "S")), ("j", ("S", "", "K")), ("h", ("K", "")), ("w", ("V", "")),
    ("ş", ("S",)), ("ç", ("S",)), ("č", ("S",)), ("ć", ("S",)), ("š", ("S",)), ("ž", ("S",)),
    ("ș", ("S",)), ("ţ", ("S",)), ("ț", ("S",)), ("ğ", ("K", "")), ("ß", ("S",)), ("đ", ("T", "S")),
    ("ę", ("N", "")), ("ą", ("N", "")),
)  # fmt: skip
_CYRILLIC: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("дж", ("S",)), ("тш", ("S",)), ("тч", ("S",)), ("дз", ("S", "TS")), ("тс", ("S", "TS")),
    ("тц", ("S",)), ("ти", ("T", "S")), ("тё", ("T", "S")), ("тю", ("T", "S")), ("тя", ("T", "S")),
    ("х", ("K", "")),
)  # fmt: skip
_ONE = dict(zip("bpvfkqdtszlłmnr", "PPVVKKTTSSLLMNR", strict=True))
_ONE |= dict(zip("бпвфгґкдтжзсцчшщлмнр", "PPVVKKKTTSSSSSSSLMNR", strict=True))
_FRONT = frozenset("eiyéèíêë")
# What French and English leave unspoken at the end: one consonant, or two.
_SILENT_END = re.compile(r"[aeiouy][tdsxzpr]$|[aeiou][rn][tds]$|[eltrn]s$|[pl]t$")


@lru_cache(maxsize=100_000)
def coarse_keys(text: str, *, cyrillic: bool) -> tuple[str, ...]:
    """Return the coarse consonants of a lower-case word, one string for each way to read it."""
    found = [""]
    index = 0
    while index < len(text):
        classes, length = _cyrillic(text, index) if cyrillic else _latin(text, index)
        found = [key + sound for key in found for sound in classes][: 2 * _KEYS_MAX]
        index += length
    keys = [_single(key) for key in found][:_KEYS_MAX]
    if not cyrillic and _SILENT_END.search(text):
        keys += [key[:-1] for key in keys]
        if text.endswith(("pt", "lt")):
            keys += [key[:-1] for key in keys]
    return tuple(dict.fromkeys(keys))[:_KEYS_MAX]


def _cyrillic(text: str, index: int) -> tuple[tuple[str, ...], int]:
    for letters, classes in _CYRILLIC:
        if text.startswith(letters, index):
            return classes, len(letters)
    return (_ONE.get(text[index], ""),), 1


def _latin(text: str, index: int) -> tuple[tuple[str, ...], int]:
    for letters, classes in _LATIN:
        if text.startswith(letters, index):
            return classes, len(letters)
    char, after = text[index], text[index + 1 : index + 2]
    if char == "k" and after == "n" and index == 0:
        return ("N", "KN"), 2
    if char == "c":
        return (("S",) if after in _FRONT and after else ("K",) if after else ("K", "S")), 1
    if char == "g":
        return (("S", "K") if after in _FRONT and after else ("K",)), 1
    plain = _ONE.get(char) or _ONE.get(unicodedata.normalize("NFD", char)[0], "")
    return (plain,), 1


def _single(key: str) -> str:
    """Return a key without classes repeated side by side."""
    return "".join(c for i, c in enumerate(key) if c != key[i - 1 : i])
