"""One form for the many ways a sound is spelled in Latin letters.

`fold` maps spellings that transliteration standards, passports and typists use for one another to
one string; `bones` drops the vowels of it, which carry the least evidence between languages.
"""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

# Letters that decomposition does not reduce to a–z.
_PLAIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l",
     "ħ": "h", "ı": "i", "ə": "a", "ŋ": "n"}
)  # fmt: skip
# Letters that are also written by their sound: Müller Mueller, Vučić Vuchich, Şahin Shahin.
_BY_SOUND = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "ş": "sh", "ç": "ch", "č": "ch",
     "ć": "ch", "š": "sh", "ž": "zh", "ţ": "ts", "ț": "ts", "ș": "sh", "ñ": "ny"}
)  # fmt: skip
# Applied in order to a token of a–z. Right-hand capitals are single sounds: S sh, C ch, J zh/j.
_FOLDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"shch|schtsch|stsch|sch|sh|szcz|sz", "S"),
        (r"tsch|tch|cz|ch", "C"),
        (r"dzh|dzs|dsch|dj|dg(?=[ei])|zh", "J"),
        (r"kh|gh(?=[^aeiouy]|$)", "h"),
        (r"gh", "g"),
        (r"ph", "f"),
        (r"th", "t"),
        (r"dh", "d"),
        (r"ts|tz|cs|zz", "c"),
        (r"ck|cq", "k"),
        (r"c(?![eiy]|$)|q", "k"),
        (r"x", "ks"),
        (r"w", "v"),
        (r"j(?=$|[^aeiouyJ])", "i"),
        (r"(?<=[aeiou])j(?=[ae])", "i"),
        (r"j", "J"),
        (r"ou|oo|uo", "u"),
        (r"[iy]?ee+|(?<!^)ie$", "i"),
        (r"(?:^|(?<=[aeiou]))[yi]e|(?<=[^aeiou])[yi]e(?=.)", "e"),
        (r"y", "i"),
        (r"i+", "i"),
        (r"(.)\1+", r"\1"),
        (r"(?<=[aeiou])h(?=$|[^aeiou])", ""),
        (r"(?<=[aeiou])i(?=[aou])", "i"),
    )
)
_VOWELS = re.compile(r"[aeiou]+")


@lru_cache(maxsize=200_000)
def to_ascii(token: str) -> str:
    """Return a lower-case token in a–z and digits: diacritics dropped, other scripts romanised."""
    if token.isascii():
        return token
    special = token.translate(_PLAIN)
    decomposed = unicodedata.normalize("NFKD", special)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    if not plain.isascii():
        plain = anyascii(plain).lower()
    return "".join(c for c in plain if c.isalnum())


def spelling_by_sound(token: str) -> str | None:
    """Return the spelling with ue for ü, ch for č and the like; `None` when there is none."""
    spelled = token.translate(_BY_SOUND)
    return None if spelled == token else to_ascii(spelled)


def fold(ascii_token: str) -> str:
    """Return the sound form of a token of a–z: lower case, with S, C, J for sh, ch, zh."""
    for pattern, replacement in _FOLDS:
        ascii_token = pattern.sub(replacement, ascii_token)
    return ascii_token


def bones(folded: str) -> str:
    """Return the consonants of a folded token; a leading vowel of any kind stays as `a`."""
    skeleton = _VOWELS.sub("", folded)
    return "a" + skeleton if folded[:1] in "aeiou" else skeleton
