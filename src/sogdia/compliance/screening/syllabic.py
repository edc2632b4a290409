"""Names whose units are syllables: Chinese and Korean, in any script.

A name is read as a sequence of syllables in one *system* at a time: the Han character itself,
Mandarin (canonical form pinyin), Cantonese (Jyutping) or Korean (Revised Romanisation). Characters
have readings, Latin and Cyrillic syllables have canonical forms they may stand for, and two names
match in a system when every position has a form in common.

    S1  Systems are never mixed within one match: 陈 is Chan in Cantonese only if all is Cantonese.
    S2  Order counts: the surname is first, or last; the given name is never torn apart.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import product

from sogdia.compliance.screening.script import Script
from sogdia.compliance.screening.tables import (
    cantonese,
    frequencies,
    han,
    korean,
    mandarin,
)

SYLLABLES_MAX = 5  # compound surname and three-character given name
_SEGMENTATIONS_MAX = 4
_FORMS_MAX = 24
_DROP_COST = 0.02  # a Western given name left out
_ODD_COST = 0.0  # a syllable no table knows; the comparison itself charges for it
_ODD_SYLLABLE_MAX = 7  # letters; no romanisation spells a syllable with more
_FOREIGN_SURNAME_COST = 0.05
_PINYIN_ONLY = ("zh", "x", "q")
_NATIVE_LAST_COST = 0.02  # in Han and Hangul the surname is first; otherwise is somebody's slip
_ODD_SURNAME_COST = 0.02  # no known surname: a name of a people of one name, or no Chinese name
_SPACED_ODD_SURNAME_COST = 0.06  # and written in words, as Japanese names are: 舞 清水

# canonical syllable -> (cost in units of similarity, name of the spelling system)
Position = dict[str, tuple[float, str]]


class System(StrEnum):
    """The language in which a name's syllables are compared."""

    HAN = "H"
    MANDARIN = "P"
    CANTONESE = "C"
    KOREAN = "K"


# Surnames wander between the Chinese languages more than given names do.
_SURNAME_SYSTEM = {System.MANDARIN: System.CANTONESE, System.CANTONESE: System.MANDARIN}


@dataclass(frozen=True, slots=True)
class SyllabicForm:
    """One way to read a name: positions in order, the surname first; `note` says where it stood.

    `pinyin` says that the letters are those of pinyin and of hardly anything else.
    """

    system: System
    positions: tuple[Position, ...]
    raw: tuple[str, ...]
    cost: float
    note: str
    pinyin: bool = False


@cache
def _latin_table(system: System) -> dict[str, Position]:
    """Return for each Latin syllable the canonical syllables it may stand for in `system`."""
    table: dict[str, Position] = {}

    def add(spelling: str, canonical: str, cost: float, label: str) -> None:
        position = table.setdefault(spelling, {})
        if cost < position.get(canonical, (1.0, ""))[0]:
            position[canonical] = (cost, label)

    if system is System.MANDARIN:
        for syllable in mandarin.SYLLABLES:
            for spelling, (cost, label) in mandarin.spellings(syllable).items():
                add(spelling, syllable, cost, label)
        for syllable, surnames in mandarin.HOKKIEN_SURNAMES.items():
            for spelling in surnames:
                add(spelling, syllable, 0.07, "Hokkien surname")
    elif system is System.CANTONESE:
        for syllable in _jyutping_syllables():
            for spelling, cost in cantonese.spellings(syllable).items():
                add(spelling, syllable, cost, "Hong Kong spelling")
    elif system is System.KOREAN:
        for char in korean.common_syllables():
            for spelling, cost in korean.spellings(char).items():
                add(spelling, korean.canonical(char), cost, "Korean romanisation")
    return table


@cache
def _palladius_table() -> dict[str, Position]:
    table: dict[str, Position] = {}
    for syllable in mandarin.SYLLABLES:
        for spelling in mandarin.palladius(syllable):
            table.setdefault(spelling, {})[syllable] = (0.0, "Palladius")
            # Newspapers write е for э and drop the soft sign before a vowel letter's syllable.
            table.setdefault(spelling.replace("э", "е"), {}).setdefault(
                syllable, (0.02, "Palladius, е for э")
            )
    return table


@cache
def _jyutping_syllables() -> frozenset[str]:
    """Return the Cantonese syllables that the characters of names are read with."""
    common = (chr(code) for code in range(0x4E00, 0x9FA6))
    return frozenset(reading for char in common for reading in han.cantonese(char))


@lru_cache(maxsize=100_000)
def _segment(token: str, system: System, script: Script) -> tuple[tuple[str, ...], ...]:
    """Return the ways to cut `token` into at most three syllables of `system`, shortest first."""
    table = _palladius_table() if script is Script.CYRILLIC else _latin_table(system)
    longest = 7
    found: list[tuple[str, ...]] = []

    def extend(start: int, parts: tuple[str, ...]) -> None:
        if start == len(token):
            found.append(parts)
            return
        if len(parts) == 3:
            return
        for end in range(min(len(token), start + longest), start, -1):
            if token[start:end] in table:
                extend(end, (*parts, token[start:end]))

    if len(token) <= 3 * longest:
        extend(0, ())
    found.sort(key=len)
    return tuple(found[:_SEGMENTATIONS_MAX])


def _cuts(token: str, system: System, script: Script, *, alone: bool) -> list[tuple[str, ...]]:
    """Return the cuts worth trying: a token that is one syllable among many stays whole."""
    cuts = _segment(token, system, script)
    if cuts and alone and len(cuts[0]) == 1:
        return [cuts[0]]
    return [cut for cut in cuts if len(cut) <= len(cuts[0]) + 1]


@lru_cache(maxsize=20_000)
def _spelled_position(syllable: str, system: System, script: Script, *, surname: bool) -> Position:
    """Return what a spelled syllable may stand for; nothing when no table knows it."""
    if script is Script.CYRILLIC:
        return _palladius_table().get(syllable, {})
    return _with_other_system(
        _latin_table(system).get(syllable, {}),
        lambda other: _latin_table(other).get(syllable, {}),
        system,
        surname=surname,
    )


def _with_other_system(
    position: Position, reading: Callable[[System], Position], system: System, *, surname: bool
) -> Position:
    """Let a surname be spelled in the other Chinese system: LIAO Cheung-kong, Siaw of Taiwan."""
    other = _SURNAME_SYSTEM.get(system)
    if not surname or other is None:
        return position
    foreign = {
        f"{other}:{canonical}": (cost + _FOREIGN_SURNAME_COST, label)
        for canonical, (cost, label) in reading(other).items()
    }
    own = {f"{system}:{canonical}": value for canonical, value in position.items()}
    return position | foreign | own


def _spelled_forms(
    tokens: tuple[str, ...], system: System, script: Script
) -> Iterable[SyllabicForm]:
    """Read tokens of Latin or Cyrillic letters as syllables of `system`, in both name orders."""
    cuts = [_cuts(token, system, script, alone=len(tokens) >= 3) for token in tokens]
    for kept, cost, note in _selections(tokens, cuts):
        options = [cuts[i] or [(tokens[i],)] for i in kept]
        for choice in product(*options):
            for parts, order in _orders(choice):
                if len(parts) <= SYLLABLES_MAX and _has_surname(choice, order):
                    positions = tuple(
                        _spelled_position(p, system, script, surname=i == 0)
                        for i, p in enumerate(parts)
                    )
                    pinyin = script is Script.LATIN and _is_pinyin(choice)
                    yield SyllabicForm(system, positions, parts, cost, note + order, pinyin)


def _is_pinyin(choice: tuple[tuple[str, ...], ...]) -> bool:
    """Say whether a spelling is surely pinyin: zh, x and q, or syllables written together."""
    parts = sum(choice, ())
    if any(p in mandarin.SYLLABLES and p.startswith(_PINYIN_ONLY) for p in parts):
        return True
    joined = any(len(cut) > 1 for cut in choice)
    return joined and all(p in mandarin.SYLLABLES for p in parts)


def _selections(
    tokens: tuple[str, ...], cuts: list[list[tuple[str, ...]]]
) -> Iterable[tuple[list[int], float, str]]:
    """Yield which tokens to read: all, or all but a Western given name at either end.

    At most one token that is no known syllable is kept as a syllable of its own.
    """
    everyone = list(range(len(tokens)))
    unread = {i for i in everyone if not cuts[i]}
    odd = {i for i in unread if len(tokens[i]) <= _ODD_SYLLABLE_MAX}
    if len(tokens) > SYLLABLES_MAX + 1 or len(unread) > 2:
        return
    if len(tokens) >= 2 and (not unread or (len(unread) == 1 and odd and len(tokens) >= 3)):
        yield everyone, _ODD_COST * len(unread), ""
    for gone in {0, len(tokens) - 1}:
        rest = [i for i in everyone if i != gone]
        still = unread - {gone}
        if len(rest) < 2 or not (gone in unread or len(tokens) >= 4):
            continue
        if not still or (len(still) == 1 and still <= odd and len(rest) >= 3):
            yield rest, _DROP_COST + _ODD_COST * len(still), f"without {tokens[gone]!r}, "


def _has_surname(choice: tuple[tuple[str, ...], ...], order: str) -> bool:
    """Say whether the token in the surname's place can be one: one syllable or a compound."""
    surname = choice[0] if order.endswith("first") else choice[-1]
    return len(surname) == 1 or "".join(surname) in mandarin.COMPOUND_SURNAMES


def _orders(choice: tuple[tuple[str, ...], ...]) -> Iterable[tuple[tuple[str, ...], str]]:
    """Yield the syllables with the surname read first, and with it read last."""
    yield sum(choice, ()), "surname first"
    if len(choice) >= 2:
        yield choice[-1] + sum(choice[:-1], ()), "surname last"
    if len(choice) >= 4:  # Su-Mei Kao Chin: the surname is two words
        yield choice[-2] + choice[-1] + sum(choice[:-2], ()), "surname last"


def _han_orders(tokens: tuple[str, ...]) -> list[tuple[tuple[str, ...], str, float]]:
    """Return the ways to order Han words, the surname first, each with its note and cost.

    Where a word stands in the surname's place that is a known surname, only those orders are left.
    """
    choice = tuple(tuple(token) for token in tokens)
    orders = list(_orders(choice))
    if len(choice) >= 2:
        # 志偉 陳: what stands in the surname's place must be able to be one.
        orders = [o for o in orders if _has_surname(choice, o[1])] or orders
    known = [o for o in orders if _is_han_surname(o[0])]
    odd = 0.0 if known else _ODD_SURNAME_COST if len(choice) == 1 else _SPACED_ODD_SURNAME_COST
    return [
        (chars, order, odd + (_NATIVE_LAST_COST if order.endswith("last") else 0.0))
        for chars, order in known or orders
    ]


def _is_han_surname(chars: tuple[str, ...]) -> bool:
    known = frequencies.surname_characters()
    return han.simplified(chars[0]) in known or "".join(chars[:2]) in mandarin.COMPOUND_SURNAMES


def _han_forms(tokens: tuple[str, ...]) -> Iterable[SyllabicForm]:
    """Read Han tokens as characters, in Mandarin and in Cantonese."""
    for chars, order, cost in _han_orders(tokens):
        if not 2 <= len(chars) <= SYLLABLES_MAX:
            continue
        plain = tuple(han.simplified(c) for c in chars)
        same = tuple({c: (0.0, "Han")} for c in plain)
        yield SyllabicForm(System.HAN, same, chars, 0.0, order)
        for system in (System.MANDARIN, System.CANTONESE):
            positions = tuple(_han_position(c, system, surname=i == 0) for i, c in enumerate(chars))
            yield SyllabicForm(system, positions, chars, cost, order)


@lru_cache(maxsize=65_536)
def _han_position(char: str, system: System, *, surname: bool) -> Position:
    def reading(wanted: System) -> Position:
        if wanted is System.CANTONESE:
            return {r: (c, "Jyutping") for r, c in han.cantonese(char).items()}
        return {r: (c, "pinyin") for r, c in han.mandarin(char, surname=surname).items()}

    return _with_other_system(reading(system), reading, system, surname=surname)


def _hangul_forms(tokens: tuple[str, ...]) -> Iterable[SyllabicForm]:
    choice = tuple(tuple(token) for token in tokens)
    for chars, order in _orders(choice):
        if 2 <= len(chars) <= SYLLABLES_MAX and all(map(korean.is_syllable, chars)):
            positions = tuple({korean.canonical(c): (0.0, "Hangul")} for c in chars)
            cost = _NATIVE_LAST_COST if order.endswith("last") else 0.0
            yield SyllabicForm(System.KOREAN, positions, chars, cost, order)


def build_forms(tokens: tuple[str, ...], script: Script) -> tuple[SyllabicForm, ...]:
    """Return every syllabic reading of a name, at most `_FORMS_MAX`; empty when it has none."""
    if script is Script.HAN:
        forms = list(_han_forms(tokens))
    elif script is Script.HANGUL:
        forms = list(_hangul_forms(tokens))
    elif script is Script.CYRILLIC:
        forms = list(_spelled_forms(tokens, System.MANDARIN, script))
    elif script is Script.LATIN:
        forms = [
            form
            for system in (System.MANDARIN, System.CANTONESE, System.KOREAN)
            for form in list(_spelled_forms(tokens, system, script))[: _FORMS_MAX // 3]
        ]
    else:
        return ()
    return tuple(forms[:_FORMS_MAX])
