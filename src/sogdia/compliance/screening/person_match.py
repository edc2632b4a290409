"""Compare two person names word by word: who is matched with whom, and what is left over.

P1  The score is symmetric: the list may be longer than the customer's name, or the reverse.
P2  What is left over on both sides counts much, on one side little: forms differ in length.
"""

from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from sogdia.compliance.screening.name import Name, Part
from sogdia.compliance.screening.script import Script
from sogdia.compliance.screening.similarity import SIMILARITY_MIN, token_similarity
from sogdia.compliance.screening.syllabic_match import match_syllables
from sogdia.compliance.screening.tokens import Role, Token

_BOTH_SIDES = 0.60  # cost of what is left over on both sides, by share of weight
_ONE_SIDE = 0.35
_EVIDENCE_MIN = 5.0  # consonants; with fewer, two names agree by chance
_EVIDENCE_COST = 0.03
_JOIN_MIN = 0.86
_WHOLE_WORTH = 0.96  # the same letters with the spaces elsewhere
_WHOLE_MIN = 0.95
_WHOLE_LENGTH_MIN = 8


@dataclass(frozen=True, slots=True)
class NameMatch:
    """How alike two names are, and the words that say why."""

    score: float
    path: str


@dataclass(frozen=True, slots=True)
class _Pair:
    ours: Token
    theirs: Token
    similarity: float


def _assign(ours: list[Token], theirs: list[Token]) -> tuple[list[_Pair], list[int], list[int]]:
    """Pair words greedily, the most alike first; return pairs and the words left over."""
    options = []
    for i, a in enumerate(ours):
        for j, b in enumerate(theirs):
            similarity = token_similarity(a, b)
            if similarity >= SIMILARITY_MIN:
                options.append((-similarity, abs(i - j), i, j))
    options.sort()
    used_i: set[int] = set()
    used_j: set[int] = set()
    pairs = []
    for negative, _, i, j in options:
        if i not in used_i and j not in used_j:
            used_i.add(i)
            used_j.add(j)
            pairs.append(_Pair(ours[i], theirs[j], -negative))
    return (
        pairs,
        [i for i in range(len(ours)) if i not in used_i],
        [j for j in range(len(theirs)) if j not in used_j],
    )


def _joined(ours: list[Token], theirs: list[Token]) -> float:
    """Return how alike the words left over are when written together."""
    if not ours or not theirs:
        return 0.0
    if all(t.folds for t in (*ours, *theirs)):
        a, b = ("".join(t.folds[0] for t in side) for side in (ours, theirs))
    elif all(t.skeletons for t in (*ours, *theirs)):
        a, b = ("".join(t.skeletons[0].consonants for t in side) for side in (ours, theirs))
    else:
        return 0.0
    return Levenshtein.normalized_similarity(a, b)


def _evidence(pairs: list[_Pair]) -> float:
    """Return how many consonants the paired words agree in; a leading vowel counts half."""
    total = 0.0
    for pair in pairs:
        sizes = []
        for token in (pair.ours, pair.theirs):
            if token.script is Script.ARABIC and token.skeletons:
                letters = token.skeletons[0].consonants
            else:
                letters = token.bones[0] if token.bones else token.text
            sizes.append(len(letters) - 0.5 * letters[:1].lower().count("a"))
        total += min(sizes)
    return total


def _significant(tokens: tuple[Token, ...]) -> list[Token]:
    kept = [t for t in tokens if t.role is not Role.PARTICLE]
    return kept or list(tokens)


def match_words(ours: tuple[Token, ...], theirs: tuple[Token, ...]) -> NameMatch:
    """Compare two tokenised names; the score is 0 when too little is in common."""
    left, right = _significant(ours), _significant(theirs)
    pairs, rest_i, rest_j = _assign(left, right)
    weights_i, weights_j = [t.weight for t in left], [t.weight for t in right]
    matched = sum(max(p.ours.weight, p.theirs.weight) for p in pairs)
    gained = sum(max(p.ours.weight, p.theirs.weight) * p.similarity for p in pairs)
    note = ""
    if rest_i and rest_j:
        joined = _joined([left[i] for i in rest_i], [right[j] for j in rest_j])
        if joined >= _JOIN_MIN:
            weight = sum(weights_i[i] for i in rest_i)
            matched += weight
            gained += weight * (joined - 0.02)
            note = ", words joined"
            rest_i, rest_j = [], []
    if not matched:
        return NameMatch(0.0, "")
    open_i = sum(weights_i[i] for i in rest_i) / sum(weights_i)
    open_j = sum(weights_j[j] for j in rest_j) / sum(weights_j)
    quality = gained / matched
    score = quality * (1 - _BOTH_SIDES * min(open_i, open_j) - _ONE_SIDE * max(open_i, open_j))
    score -= _thin_evidence(pairs, left, right, note)
    if score < _WHOLE_WORTH and (rest_i or rest_j):
        whole = _joined(left, right)
        if whole >= _WHOLE_MIN and sum(len(t.text) for t in left) >= _WHOLE_LENGTH_MIN:
            return NameMatch(whole * _WHOLE_WORTH, "letters of the whole name, spaces apart")
    return NameMatch(max(0.0, score), _describe(pairs) + note)


def _thin_evidence(pairs: list[_Pair], left: list[Token], right: list[Token], note: str) -> float:
    """Return the deduction for names that agree in too little to mean anything."""
    exact = all(p.ours.text == p.theirs.text for p in pairs)
    if exact and len(pairs) == len(left) == len(right):
        return 0.0
    thin = max(0.0, _EVIDENCE_MIN - _evidence(pairs)) * _EVIDENCE_COST if not note else 0.0
    lone = 0.25 if len(pairs) == 1 and not note and max(len(left), len(right)) > 1 else 0.0
    return thin + lone


def _describe(pairs: list[_Pair]) -> str:
    parts = []
    for pair in pairs:
        if pair.ours.text == pair.theirs.text:
            parts.append(pair.ours.text)
        else:
            paths = dict.fromkeys((pair.ours.path, pair.theirs.path))
            parts.append(
                f"{pair.ours.text} ~ {pair.theirs.text} {pair.similarity:.2f} ({', '.join(paths)})"
            )
    return "; ".join(parts)


def _match_parts(ours: Part, theirs: Part, *, syllables: bool) -> NameMatch:
    best = NameMatch(0.0, "")
    for a in ours.variants:
        for b in theirs.variants:
            found = match_words(a, b)
            if found.score > best.score:
                best = found
    if syllables and best.score < 0.99 and ours.syllables and theirs.syllables:
        syllabic = match_syllables(ours.forms, theirs.forms, (ours.script, theirs.script))
        if syllabic is not None and syllabic.score > best.score:
            best = NameMatch(syllabic.score, syllabic.path)
    return best


def match_names(ours: Name, theirs: Name, *, syllables: bool = True) -> NameMatch:
    """Return the best match between the parts of two analysed person names.

    `syllables` may be false when an index already knows that they share no two syllables.
    """
    if ours.text == theirs.text:
        return NameMatch(1.0, f"{ours.text} (identical)")
    best = NameMatch(0.0, "")
    for a in ours.parts:
        for b in theirs.parts:
            found = _match_parts(a, b, syllables=syllables)
            if found.score > best.score:
                best = found
    return best
