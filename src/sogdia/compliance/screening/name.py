"""A name as the matcher sees it: its words and its syllables, per script it is written in.

A1  Analysis never guesses away: doubtful readings are kept beside each other as variants.
A2  A name written in two scripts (王伟 Wang Wei) is two parts; either may match.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from sogdia.compliance.screening.normalisation import normalise
from sogdia.compliance.screening.script import Script, char_script
from sogdia.compliance.screening.syllabic import SyllabicForm, build_forms
from sogdia.compliance.screening.tables import arabic, mandarin, words
from sogdia.compliance.screening.tokens import Role, Token, build_token

# 12: the longest listed person has 11 words; beyond that a name is a sentence and is cut for
# matching, never refused.
WORDS_MAX = 12

_CAMEL = re.compile(r"(?<=[a-zа-я]{4})(?=[A-ZА-Я][a-zа-я]{3})")
_SPLIT = re.compile(r"[\s\-,;:/()\[\]{}\"“”«»·・．•、，_|+&]+")
_BRACKETED = re.compile(r"[(（\[][^)）\]]*[)）\]]")
_DOTTED = re.compile(r"\.(?=\S)")
_ABD = re.compile(r"^abd(?:[aeou]{1,2}(?:l(?=[^aeiou]|l|[aeiou]\w{2})|(?=([rsdnzt])\1)))")
_DIN = re.compile(r"^(\w{3,}?)(?:[aeiou]l|[aeou]d|i)?d(?:i|ee|ie|ii|y)nn?e?$")
_DIN_WORD = re.compile(r"^(?:[aeu][ld])?d(?:i|ee|ie)n+e?$")
_ALLAH = re.compile(r"^(?:al|ul)?lah$|^allah$|^ullah$")
_ABD_HEAD = frozenset(
    ["abd", "abdul", "abdel", "abdal", "abdoul", "abdool", "abdur", "abder", "abdus", "abd-al"]
)


@dataclass(frozen=True, slots=True)
class Part:
    """A name in one script: its words in up to three tokenisations, and its syllables."""

    script: Script
    variants: tuple[tuple[Token, ...], ...]
    syllables: tuple[str, ...]

    @property
    def forms(self) -> tuple[SyllabicForm, ...]:
        """Return the syllabic readings; built when asked, as most names never need them."""
        return _forms(self.syllables, self.script)


@dataclass(frozen=True, slots=True)
class Name:
    """An analysed name. `steps` are the normalisations that changed the text."""

    text: str
    parts: tuple[Part, ...]
    steps: tuple[str, ...]


@lru_cache(maxsize=30_000)
def _forms(syllables: tuple[str, ...], script: Script) -> tuple[SyllabicForm, ...]:
    return build_forms(syllables, script) if syllables else ()


def split_words(text: str) -> list[str]:
    """Return the words of a normalised name in lower case, apostrophes and dots taken out."""
    spaced = _CAMEL.sub(" ", text) if not text.isupper() else text
    found = []
    for word in _SPLIT.split(_DOTTED.sub(". ", spaced)):
        bare = word.replace("'", "").replace(".", "").lower()
        bare = "".join(c for c in bare if c.isalnum() or ord(c) > 0x2FF)
        if bare:
            found.append(bare)
    return found


def _by_script(found: list[str]) -> dict[Script, list[str]]:
    """Group words by script, cutting words that change script in the middle."""
    groups: dict[Script, list[str]] = {}
    for word in found:
        if word.isascii():
            groups.setdefault(Script.LATIN, []).append(word)
            continue
        piece, current = "", None
        for char in word:
            script = char_script(char) or current
            if current is not None and script is not current and script is not None:
                groups.setdefault(current, []).append(piece)
                piece = ""
            piece, current = piece + char, script or current
        groups.setdefault(current or Script.OTHER, []).append(piece)
    return groups


def canonical_abd(word: str) -> str:
    """Return Abdurrahman, Abdelrahman and kin as `abdul` and the divine name."""
    match = _ABD.match(word)
    if match is None or len(word) - match.end() < 3:
        return word
    rest = word[match.end() :]
    return "abdul" + (rest[1:] if len(rest) > 1 and rest[0] == rest[1] else rest)


def _join_abd(found: list[str]) -> list[str]:
    """Join the words of a servant name: Abd al-Rahman, Abdul Rahman, Abd ar Rahman."""
    joined: list[str] = []
    index = 0
    while index < len(found):
        word = found[index]
        after = index + 1
        if word in _ABD_HEAD and after < len(found):
            if found[after] in words.ARABIC_PARTICLES and after + 1 < len(found):
                after += 1
            joined.append(canonical_abd("abdul" + found[after]))
            index = after + 1
            continue
        joined.append(canonical_abd(word))
        index += 1
    return joined


def _join_servants(found: list[str]) -> list[str]:
    """Join names that end in din (faith) or Allah: Salah al-Din, Noureddine, Khayr Allah."""
    joined: list[str] = []
    for word in found:
        relation = joined and joined[-1] in words.ARABIC_PARTICLES
        head = len(joined) - (2 if relation else 1)
        if head >= 0 and joined[head] not in words.PARTICLES:
            if _DIN_WORD.match(word):
                joined[head:] = [joined[head] + "din"]
                continue
            if _ALLAH.match(word):
                joined[head:] = [joined[head] + "ullah"]
                continue
        match = _DIN.match(word)
        joined.append(match.group(1) + "din" if match else word)
    return joined


def _join_fathers(found: list[str]) -> list[str]:
    """Join a father's name and the word that makes a patronymic of it: Сабир оглы, Sabir qızı."""
    joined: list[str] = []
    for word in found:
        # Of two words the second is the family's name: Mehmet Oglu.
        if word in words.FATHER_SUFFIXES and len(joined) >= 1 and len(found) >= 3:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _join_arabic(found: list[str]) -> list[str]:
    """Join عبد and the divine name in Arabic script, without the article; drop relations."""
    joined: list[str] = []
    index = 0
    plain = [arabic.unify(word) for word in found]
    while index < len(plain):
        word = plain[index]
        if word == "عبد" and index + 1 < len(plain):
            word = word + plain[index + 1]
            index += 1
        if word.startswith("عبدال") and len(word) > 6:
            word = "عبد" + word[5:]
        if word.startswith("ابو") and len(word) >= 6:
            word = word[3:]
        if joined and word in ("الله", "الدين"):
            joined[-1] += "له" if word == "الله" else "دين"
        elif word not in arabic.PARTICLES:
            joined.append(_without_article_inside(word))
        index += 1
    return joined or plain


def _without_article_inside(word: str) -> str:
    """Return a joined word (نورالدين, نصرالله) without the article between its halves."""
    for tail, short in (("الدين", "دين"), ("الله", "له")):
        if word.endswith(tail) and len(word) > len(tail) + 1:
            return word[: -len(tail)] + short
    return word


def _variants(found: list[str], script: Script) -> tuple[tuple[Token, ...], ...]:
    if script is Script.ARABIC:
        lists = [_join_arabic(found)]
    elif script is Script.LATIN:
        found = _join_fathers(found)
        lists = [_join_servants(_join_abd(found)), found]
    elif script in (Script.HAN, Script.HANGUL):
        # Syllables are compared one by one; only transliterated foreign names read as words.
        lists = [found] if max(map(len, found)) > 4 or len(found) > 4 else []
    else:
        lists = [_join_fathers(found)]
    unique = dict.fromkeys(tuple(words_[:WORDS_MAX]) for words_ in lists)
    return tuple(tuple(build_token(w) for w in words_) for words_ in unique)


def analyse(name: str) -> Name:
    """Analyse a person's name, of any script or several.

    Raises:
        InvalidName: the name is empty, without letters, or longer than the limit.
    """
    normal = normalise(name)
    parts = []
    outside = _BRACKETED.sub(" ", normal.text)
    text = outside if any(map(str.isalpha, outside)) else normal.text
    for script, found in _by_script(split_words(text)).items():
        plain_words = [w for w in found if w not in words.HONORIFICS or w in mandarin.SYLLABLES]
        syllables: tuple[str, ...] = ()
        if script is Script.LATIN:
            tokens = [build_token(word) for word in plain_words]
            plain = [t.spellings[0] for t in tokens if t.role is not Role.INITIAL]
            syllables = tuple(plain) if 2 <= len(plain) <= 6 else ()
        elif script in (Script.HAN, Script.HANGUL, Script.CYRILLIC):
            syllables = tuple(plain_words) if len(plain_words) <= 4 else ()
        parts.append(Part(script, _variants(found, script), syllables))
    return Name(normal.text, tuple(parts), normal.steps)
