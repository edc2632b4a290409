"""Arabic, Persian and Urdu names by their consonants, and the same consonants in Latin letters.

Arabic script leaves short vowels out, so a name in it and its many Latin spellings share the
consonants and the long vowels only. A *skeleton* is the consonants in a coarse alphabet; the
*slots* are what stands between them: for Arabic script the long vowels written, for Latin the
vowels heard. Two tokens are alike when their skeletons are equal and their slots can agree.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

# Coarse alphabet: $ sh, C ch, J j. Each letter lists the classes it is transcribed to, usual first.
_CONSONANTS: dict[str, tuple[str, ...]] = {
    "ب": ("b",), "پ": ("b",), "ت": ("t",), "ث": ("t", "s"), "ج": ("J", "g"), "چ": ("C",),
    "ح": ("h",), "خ": ("h", "k"), "د": ("d",), "ذ": ("d", "z"), "ر": ("r",), "ز": ("z",),
    "ژ": ("J", "z"), "س": ("s",), "ش": ("$",), "ص": ("s",), "ض": ("d", "z"), "ط": ("t",),
    "ظ": ("z", "d"), "غ": ("g",), "ف": ("f",), "ق": ("k", "g"), "ك": ("k",), "گ": ("g",),
    "ل": ("l",), "م": ("m",), "ن": ("n",), "ه": ("h",), "ڤ": ("f",), "ٹ": ("t",), "ڈ": ("d",),
    "ڑ": ("r",), "ں": ("n",), "ټ": ("t",), "ډ": ("d",), "ړ": ("r",), "ږ": ("z", "g"),
    "ښ": ("$", "h"), "ځ": ("z",), "څ": ("s",), "ڼ": ("n",), "ڭ": ("n",), "ھ": ("h",),
}  # fmt: skip
_LONG = {"ا": "a", "أ": "a", "إ": "i", "آ": "a", "ٱ": "a", "ى": "?", "و": "u", "ي": "i",
         "ؤ": "u", "ئ": "i", "ے": "i", "ۋ": "u", "ۇ": "u"}  # fmt: skip
_UNIFY = str.maketrans("یکۀہۂێې", "يكهههيي", "ًٌٍَُِّْٰـٕٔء")
_ALTERNATIVES_MAX = 6


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Consonants, and the vowels before, between and after them (one more than consonants)."""

    consonants: str
    slots: tuple[str, ...]


def unify(token: str) -> str:
    """Return an Arabic-script token with Persian letter forms and vowel marks made uniform."""
    return token.translate(_UNIFY)


@lru_cache(maxsize=100_000)
def skeletons(token: str) -> tuple[Skeleton, ...]:
    """Return the skeletons of an Arabic-script token, the most usual reading first."""
    plain = unify(token)
    parts: list[tuple[str, ...]] = []
    slots = [""]
    for index, char in enumerate(plain):
        last = index == len(plain) - 1
        if char == "ه" and last and 0 < index <= 2:  # طه: in short words it is heard
            parts.append(("h",))
            slots.append("?")
        elif char in _CONSONANTS and not (char == "ه" and last and index > 0):
            parts.append(_CONSONANTS[char])
            slots.append("")
        elif char == "و" and index == 0:
            parts.append(("v",))
            slots.append("")
        elif char == "ي" and index == 0:
            parts.append(("y",))
            slots.append("")
        elif char == "ع":
            slots[-1] += "?"
        else:
            slots[-1] += _LONG.get(char, "?" if char in "هة" else "")
    if slots[0]:
        # A leading vowel letter or ع is a consonant of its own: it keeps Ali and Li apart.
        # Which vowel it carries is not written.
        parts.insert(0, ("A",))
        slots[:1] = ["", slots[0][1:] + "?"]
    choices = list(product(*parts))[:_ALTERNATIVES_MAX] if parts else []
    return tuple(Skeleton("".join(choice), tuple(slots)) for choice in choices)


_DIGRAPHS: dict[str, tuple[str, ...]] = {
    "sh": ("$",), "kh": ("h",), "gh": ("g",), "th": ("t",), "dh": ("d",), "ch": ("$", "C"),
    "dj": ("J",), "ph": ("f",), "ck": ("k",), "zh": ("J",), "tj": ("J",), "sc": ("s",),
}  # fmt: skip
_LETTERS: dict[str, str] = {
    "b": "b", "c": "k", "d": "d", "f": "f", "g": "g", "h": "h", "j": "J", "k": "k", "l": "l",
    "m": "m", "n": "n", "p": "b", "q": "k", "r": "r", "s": "s", "t": "t", "v": "v", "x": "h",
    "z": "z",
}  # fmt: skip
_VOWELS = frozenset("aeiouwy")


# Digraphs that may also be something else: two letters, or another letter of the same sound.
_AMBIGUOUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("th", ("s", "z")), ("sh", ("sh",)), ("ch", ("C",)), ("kh", ("kh",)), ("zh", ("zh",)),
    ("dh", ("dh", "z")), ("gh", ("gh",)),
)  # fmt: skip
_JOINED_ARTICLE = re.compile(r"^[ae](?:l(?=[^aeiouyl]\w{3})|([srtdnz])(?=\1\w{3}))")
_LATIN_ALTERNATIVES_MAX = 5


@lru_cache(maxsize=200_000)
def latin_skeletons(token: str) -> tuple[Skeleton, ...]:
    """Return the skeletons of a token of a–z read as a romanised Arabic or Persian name."""
    if token.startswith("abdul") and len(token) > 6:
        token = "abd-" + token[5:]  # the article is not written between عبد and the divine name
    found = [_latin_skeleton(token, {})]
    for digraph, others in _AMBIGUOUS:
        if digraph in token:
            found.extend(_latin_skeleton(token, {digraph: other}) for other in others)
    if "v" in token:
        found.append(_latin_skeleton(token.replace("v", "w"), {}))
    if len(token) > 3 and token[-1] == "h" and token[-2] in "aeiou":  # Mamdouh: ح, not ه
        kept = _latin_skeleton(token[:-1], {})
        found.append(Skeleton(kept.consonants + "h", (*kept.slots, "")))
    article = _JOINED_ARTICLE.match(token)
    if article:  # Alzawahiri, Essabar
        found.append(_latin_skeleton(token[article.end() :], {}))
    unique = dict.fromkeys(s for s in found if s.consonants)
    return tuple(unique)[:_LATIN_ALTERNATIVES_MAX]


def _latin_skeleton(token: str, special: dict[str, str]) -> Skeleton:
    consonants: list[str] = []
    slots = [""]
    index = 0
    while index < len(token):
        pair, char = token[index : index + 2], token[index]
        if pair in _DIGRAPHS:
            value = special.get(pair, _DIGRAPHS[pair][0])
            index += 2
        elif index == 0 and char in "wy":
            value = "v" if char == "w" else "y"
            index += 1
        elif char in _VOWELS or not char.isalpha():
            slots[-1] += char if char.isalpha() else ""
            index += 1
            continue
        elif char == "c" and token[index + 1 : index + 2] in ("e", "i", "y"):
            value = "s"
            index += 1
        else:
            value = _LETTERS.get(char, "")
            index += 1
        last = index >= len(token)
        if value == "h" and last and slots[-1] and consonants:
            slots[-1] += "h"  # a final h after a vowel is ة or ه and often left out
            continue
        for sound in value:
            if consonants and consonants[-1] == sound and not slots[-1]:
                continue  # doubled letters are one letter with shadda
            consonants.append(sound)
            slots.append("")
    if slots[0]:
        consonants.insert(0, "A")
        slots.insert(0, "")
    return Skeleton("".join(consonants), tuple(slots))


_SOUNDS = {"a": frozenset("aeo"), "u": frozenset("uow"), "i": frozenset("iyea")}
_SLOT_COST = 0.09  # a long vowel written but not heard: Khalid for خلود
_DIPHTHONG_COST = 0.03


@lru_cache(maxsize=200_000)
def slot_cost(arabic: tuple[str, ...], latin: tuple[str, ...]) -> float:
    """Return how much the vowels of Latin contradict the long vowels of Arabic script.

    Both tuples have one entry per gap; entries are what `Skeleton.slots` holds.
    """
    cost = 0.0
    for index, (written, heard) in enumerate(zip(arabic, latin, strict=True)):
        letters = set(heard)
        final = index == len(arabic) - 1
        for long_vowel in written:
            if long_vowel in "?":
                continue
            if not _SOUNDS[long_vowel] & letters:
                cost += _SLOT_COST
        if not written and final and letters - {"h", "e"}:
            cost += _SLOT_COST
        elif not written and len(letters) > 1 and not final:
            cost += _DIPHTHONG_COST
        elif written == "u" and letters == {"a"}:
            cost += _SLOT_COST
    return cost


ARTICLE = "ال"
# Words that join or relate and carry no identity, in Arabic script.
PARTICLES = frozenset(
    ("بن", "ابن", "بنت", "ولد", "آل", "ال", "ابو", "أبو", "ابي", "أبي", "و", "او", "د")
)
