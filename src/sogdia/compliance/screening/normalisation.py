"""Bring a name to one form before it is read: what is invisible or a disguise is taken out.

N1  Two texts a reader cannot tell apart normalise to the same text.
N2  What was removed or replaced is named, so that an explanation can say so.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from sogdia.compliance.screening.errors import InvalidName
from sogdia.compliance.screening.script import Script, char_script

# 512: the longest name on the OFAC, UN and EU lists is under 300 characters; a field longer than
# this is not a name but a document or an attack, and matching cost grows with its tokens.
NAME_LENGTH_MAX = 512

# 1 for the scripts that lists use, so that combining marks (Zalgo text) cannot hide a name.
_APOSTROPHES = "'`´‘’‚‛ʹʺʻʼʽʾʿˈˊˋ′‵＇\u02be\u02bf\u0374"
_DASHES = "-‐‑‒–—―−﹘﹣－"
_SPACES = re.compile(r"\s+")

# Letters of one script that are drawn like letters of another. Keys are what is seen in a token
# whose other letters are of the target script.
_LOOKS_LATIN = str.maketrans(
    "авсеһіјкмнорԛѕтухѵԝүАВСЕҺІЈКМНОРԚЅТУХѴԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχɑɡı",
    "abcehijkmhopqstyxvwyABCEHIJKMHOPQSTYXVWABEZHIKMNOPTYXaiknoptuxagi",
)
_LOOKS_CYRILLIC = str.maketrans("aceijopsxykmhtbACEIJOPSXYKMHTB", "асеіјорѕхукмнтвАСЕІЈОРЅХУКМНТВ")


@dataclass(frozen=True, slots=True)
class Normalised:
    """A name in its normal form, and the names of the steps that changed it."""

    text: str
    steps: tuple[str, ...]


def _strip_invisible(text: str) -> str:
    """Drop controls, zero-width and bidirectional marks; keep line breaks as spaces."""
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if category in ("Cf", "Co", "Cn", "Cs"):
            continue
        kept.append(" " if category in ("Cc", "Zs", "Zl", "Zp") else char)
    return "".join(kept)


@lru_cache(maxsize=65_536)
def _fold_homoglyphs(token: str) -> str:
    """Rewrite a token that mixes Latin with look-alikes of another script into one script."""
    scripts = {s for s in map(char_script, token) if s is not None}
    greek = any("Ͱ" <= char <= "Ͽ" for char in token)
    if not (scripts >= {Script.LATIN, Script.CYRILLIC} or (greek and Script.LATIN in scripts)):
        return token
    latin = token.translate(_LOOKS_LATIN)
    if all(char_script(c) in (Script.LATIN, None) for c in latin):
        return latin
    cyrillic = token.translate(_LOOKS_CYRILLIC)
    if all(char_script(c) in (Script.CYRILLIC, None) for c in cyrillic):
        return cyrillic
    return token


def normalise(name: str) -> Normalised:
    """Return the normal form of `name`.

    Raises:
        InvalidName: the name is empty, has no letter or digit, or is longer than
            `NAME_LENGTH_MAX` characters.
    """
    if len(name) > NAME_LENGTH_MAX:
        raise InvalidName(
            f"it has {len(name)} characters, the limit is {NAME_LENGTH_MAX}", name[:40] + "…"
        )
    steps: list[str] = []
    if name.isascii() and name.isprintable():
        text = name
    else:
        text, steps = _normalise_unicode(name)
    text = text.translate(_PUNCTUATION)
    text = _SPACES.sub(" ", text).strip()
    if not any(char.isalnum() for char in text):
        raise InvalidName("it has no letter or digit", name[:40])
    return Normalised(text, tuple(steps))


_PUNCTUATION = str.maketrans({**dict.fromkeys(_APOSTROPHES, "'"), **dict.fromkeys(_DASHES, "-")})


def _normalise_unicode(name: str) -> tuple[str, list[str]]:
    """Apply the steps that only text beyond printable ASCII can need."""
    steps = []
    visible = _strip_invisible(name)
    if visible != name:
        steps.append("invisible characters removed")
    composed = unicodedata.normalize("NFKC", visible)
    if composed != visible:
        steps.append("compatibility forms replaced (NFKC)")
    folded = " ".join(map(_fold_homoglyphs, composed.split(" ")))
    if folded != composed:
        steps.append("look-alike letters replaced")
    return folded, steps
