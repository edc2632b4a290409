"""The words of a name, each with the forms in which it is compared.

T1  A token is analysed once: names share tokens, and tokens are what the index holds.
T2  Every reading of a token names the step that led to it, for the explanation.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from sogdia.compliance.screening.script import Script, dominant_script
from sogdia.compliance.screening.tables import arabic, common_names, cyrillic, latin, words


class Role(StrEnum):
    """What a token is for in a name, which decides how much its absence says."""

    WORD = "word"
    INITIAL = "initial"
    PARTICLE = "particle"
    PATRONYMIC = "patronymic"
    TITLE = "title"
    GENERIC = "generic"


# How much a word of each role weighs in a comparison, relative to an ordinary word.
ROLE_WEIGHTS = {
    Role.WORD: 1.0,
    Role.PATRONYMIC: 0.4,  # passports leave it out
    Role.GENERIC: 0.4,
    Role.INITIAL: 0.25,
    Role.TITLE: 0.15,
    Role.PARTICLE: 0.05,
}
COMMON_WEIGHT = 0.65  # a third of all men on some lists are called Mohammed


# Compared by identity: tokens are shared through the cache of `build_token`, and hashing all their
# readings at every comparison cost more than the comparison.
@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """One word of a name. `spellings` are a–z; `folds` and `bones` are parallel to them.

    `weight` is how much its presence or absence says, 1 for an ordinary word.
    """

    text: str
    script: Script
    role: Role
    spellings: tuple[str, ...]
    folds: tuple[str, ...]
    bones: tuple[str, ...]
    skeletons: tuple[arabic.Skeleton, ...]
    path: str
    weight: float


def _with_forms(
    text: str, script: Script, role: Role, spellings: tuple[str, ...], path: str
) -> Token:
    folds = tuple(latin.fold(s) for s in spellings)
    common = role is Role.WORD and common_names.is_common_sound(folds[0])
    return Token(
        text, script, role, spellings, folds, tuple(map(latin.bones, folds)),
        arabic.latin_skeletons(spellings[0]), path,
        COMMON_WEIGHT if common else ROLE_WEIGHTS[role],
    )  # fmt: skip


def _role(spelling: str) -> Role:
    if len(spelling) == 1:
        return Role.INITIAL
    if spelling in words.PARTICLES:
        return Role.PARTICLE
    if spelling in words.HONORIFICS:
        return Role.TITLE
    match = words.PATRONYMIC.search(spelling)
    return Role.PATRONYMIC if match and match.start() >= 2 else Role.WORD


def _patronymic_stem(spelling: str) -> str:
    """Return the father's name in a patronymic, without the vowel that joins the suffix."""
    stem = words.PATRONYMIC.sub("", spelling)
    return stem.rstrip("aeiouy") or stem


def _from_spelling(text: str, script: Script, spelling: str, path: str) -> Token:
    role = Role.TITLE if text in words.HONORIFICS else _role(spelling)
    spellings = [spelling]
    if role is Role.PATRONYMIC:
        spellings.append(_patronymic_stem(spelling))
    if script is Script.CYRILLIC:
        western = cyrillic.western_spelling(text)
        spellings += [western] if western else []
        spellings += words.CYRILLIC_GIVEN_NAMES.get(text, ())
    by_sound = latin.spelling_by_sound(text) if script is Script.LATIN else None
    if by_sound:
        spellings.append(by_sound)
    return _with_forms(text, script, role, tuple(spellings), path)


def _from_arabic(text: str) -> Token:
    if cyrillic.KAZAKH_ARABIC_LETTERS & set(text):
        spelling = cyrillic.kazakh_arabic_to_latin(text)
        if spelling:
            return _from_spelling(text, Script.OTHER, spelling, "Kazakh in Arabic letters to Latin")
    plain = arabic.unify(text)
    if plain in arabic.PARTICLES:
        role = Role.PARTICLE
    else:
        role = Role.TITLE if text in words.HONORIFICS else Role.WORD
    skeletons = arabic.skeletons(plain)
    if plain.startswith(arabic.ARTICLE) and len(plain) >= 5:
        skeletons = arabic.skeletons(plain[2:]) + skeletons[:1]
    common = role is Role.WORD and common_names.is_common_arabic(plain)
    weight = COMMON_WEIGHT if common else ROLE_WEIGHTS[role]
    return Token(plain, Script.ARABIC, role, (), (), (), skeletons, "Arabic consonants", weight)


@lru_cache(maxsize=400_000)
def build_token(text: str) -> Token:
    """Analyse one lower-case word of a name, of any script."""
    script = Script.LATIN if text.isascii() else dominant_script(text)
    if script is Script.LATIN:
        return _from_spelling(text, script, latin.to_ascii(text), "Latin spelling")
    if script is Script.CYRILLIC:
        spelling = latin.to_ascii(cyrillic.to_latin(text))
        standard = "Kazakh" if cyrillic.KAZAKH_LETTERS & set(text) else "passport"
        return _from_spelling(text, script, spelling, f"Cyrillic to Latin ({standard} standard)")
    if script is Script.ARABIC:
        return _from_arabic(text)
    spelling = latin.to_ascii(text)
    if not spelling:
        return _with_forms(text, script, Role.WORD, (text,), "letters as they are")
    return _from_spelling(text, script, spelling, f"{script} romanised")


@lru_cache(maxsize=10_000)
def build_generic(word: str) -> Token:
    """Return the token of a translated type word (bank, trading): its absence says little."""
    return _with_forms(word, Script.LATIN, Role.GENERIC, (word,), "translated word")
