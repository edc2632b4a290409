"""Compare two names syllable by syllable, in the best system they have in common."""

from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from sogdia.compliance.screening.script import Script
from sogdia.compliance.screening.syllabic import Position, SyllabicForm, System
from sogdia.compliance.screening.tables import frequencies

# What equality of all syllables is worth, for names of two syllables and of three or more: two
# syllables of pinyin are shared by many people, three by few.
_WORTH: dict[System, tuple[float, float]] = {
    System.HAN: (0.99, 1.0),
    System.MANDARIN: (0.90, 0.97),
    System.CANTONESE: (0.88, 0.96),
    System.KOREAN: (0.86, 0.95),
}
# Between two names in Latin letters equality of syllables means two spellings of one reading.
_WORTH_SAME_SCRIPT: dict[System, tuple[float, float]] = {
    System.MANDARIN: (0.86, 0.92),
    System.CANTONESE: (0.80, 0.87),
    System.KOREAN: (0.78, 0.86),
}
_WORTH_HOMOPHONE = (0.68, 0.78)  # two Han names that sound alike and are written otherwise
_ORDER_COST = 0.01
_SHORT_NAME_FACTOR = 2.0  # of two syllables both must be spelled well: 成王 is not Chen Wang
# A name of two syllables that one in 2**13 bears is worth what _WORTH says, a commoner one less.
_EVIDENCE_ENOUGH_BITS = 13.0
_BIT_COST = 0.022
_MIXED_COST = 0.10  # Zhimin is pinyin, and so its second syllable is no passport's Ming
_OWN_SPELLINGS = ("pinyin", "Han", "Palladius")
_NEAR_COST = 0.13  # one syllable of three or more that is only nearly the same
_NEAR_SURNAME_COST = 0.20
_FAR_COST = 0.26
_NEAR_MIN = 0.6


@dataclass(frozen=True, slots=True)
class SyllabicMatch:
    """How alike two names are by syllables, and by what path."""

    score: float
    path: str


def _worth(system: System, scripts: tuple[Script, Script], size: int) -> float:
    same = scripts[0] is scripts[1]
    if same and scripts[0] is Script.HAN and system is not System.HAN:
        pair = _WORTH_HOMOPHONE
    elif same and system in _WORTH_SAME_SCRIPT and scripts[0] is not Script.HANGUL:
        pair = _WORTH_SAME_SCRIPT[system]
    else:
        pair = _WORTH[system]
    return pair[0] if size == 2 else pair[1]


def _position_cost(a: Position, b: Position) -> tuple[float, str] | None:
    """Return the least cost of a common syllable and the two spelling systems, or `None`."""
    best: tuple[float, str] | None = None
    for canonical, (cost, label) in a.items():
        other = b.get(canonical)
        if other is not None and (best is None or cost + other[0] < best[0]):
            best = (cost + other[0], f"{label} = {other[1]}")
    return best


def _nearness(a: Position, b: Position, raw_a: str, raw_b: str) -> float:
    lefts = {raw_a, *a} if raw_a.isascii() else set(a)
    rights = {raw_b, *b} if raw_b.isascii() else set(b)
    return max(
        (Levenshtein.normalized_similarity(x, y) for x in lefts for y in rights), default=0.0
    )


def _compare(
    a: SyllabicForm, b: SyllabicForm, scripts: tuple[Script, Script]
) -> tuple[float, list[str]]:
    size = len(a.positions)
    lost, labels, missed = 0.0, [], 0
    for index in range(size):
        found = _position_cost(a.positions[index], b.positions[index])
        if found is None:
            missed += 1
            if missed > 1 or size < 3:
                return 0.0, []
            near = _nearness(a.positions[index], b.positions[index], a.raw[index], b.raw[index])
            if a.system is System.HAN or near < _NEAR_MIN:
                lost += _FAR_COST * size
            else:
                lost += (_NEAR_SURNAME_COST if index == 0 else _NEAR_COST) * size
            continue
        lost += found[0]
        labels.append(found[1])
    if size == 2:
        lost *= _SHORT_NAME_FACTOR
    score = _worth(a.system, scripts, size) - lost / size - a.cost - b.cost
    if size == 2 and a.system is System.MANDARIN:
        score -= _evidence_cost(a, b)
    if (a.pinyin or b.pinyin) and not all(map(_is_pinyin_label, labels)):
        score -= _MIXED_COST
    if a.note.endswith("first") is not b.note.endswith("first"):
        score -= _ORDER_COST
    return score, labels


def _is_pinyin_label(label: str) -> bool:
    return all(side.startswith(_OWN_SPELLINGS) for side in label.split(" = "))


def _evidence_cost(a: SyllabicForm, b: SyllabicForm) -> float:
    """Return the deduction for a name of two syllables that very many people bear."""
    surname, given = (
        frozenset(x.keys() & y.keys()) for x, y in zip(a.positions, b.positions, strict=True)
    )
    plain = frozenset(s.removeprefix(f"{System.MANDARIN}:") for s in surname)
    # Which of the two is the surname is often a guess: what counts is the commoner way to be met.
    bits = min(
        frequencies.surname_bits(plain) + frequencies.given_bits(given),
        frequencies.surname_bits(given) + frequencies.given_bits(plain),
    )
    return _BIT_COST * max(0.0, _EVIDENCE_ENOUGH_BITS - bits)


def match_syllables(
    ours: tuple[SyllabicForm, ...], theirs: tuple[SyllabicForm, ...], scripts: tuple[Script, Script]
) -> SyllabicMatch | None:
    """Return the best match of two sets of readings, or `None` when no two are comparable."""
    best, path = 0.0, ""
    spelled = scripts[0] is scripts[1] and scripts[0] is not Script.HAN
    for a in ours:
        for b in theirs:
            if spelled and (a.cost or b.cost or a.raw == b.raw):
                continue  # two Latin names: only another spelling of the whole name is news
            if a.system is not b.system or len(a.positions) != len(b.positions):
                continue
            if a.note.endswith("last") and b.note.endswith("last"):
                continue
            score, labels = _compare(a, b, scripts)
            if score > best:
                best = score
                notes = dict.fromkeys(labels)
                path = f"{'-'.join(a.raw)} ~ {'-'.join(b.raw)} ({'; '.join(notes)})"
    return SyllabicMatch(best, path) if best > 0 else None
