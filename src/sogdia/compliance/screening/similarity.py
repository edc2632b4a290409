"""How alike two tokens are: a number from 0 to 1, and the path that led to it."""

from functools import lru_cache

from rapidfuzz.distance import OSA, Levenshtein

from sogdia.compliance.screening.heard import heard_similarity
from sogdia.compliance.screening.script import Script
from sogdia.compliance.screening.tables.arabic import Skeleton, slot_cost
from sogdia.compliance.screening.tokens import Role, Token

SIMILARITY_MIN = 0.72  # below this two tokens are strangers; half of the letters differ
FOLD_EQUAL = 0.97
SAME_BONES = 0.96
# How much vowels count when all consonants agree, by the number of consonants.
VOWEL_SHARE = {2: 0.55, 3: 0.30}
SKELETON_EQUAL = 0.97
HEARD = frozenset((Script.CYRILLIC, Script.LATIN))  # scripts written by ear for one another
TRANSPOSED = 0.96  # two neighbouring letters exchanged: the commonest slip of typists


def _spelling_similarity(a: str, b: str, fold_a: str, fold_b: str, bones: tuple[str, str]) -> float:
    """Compare two spellings by letters, sounds and consonants, the best evidence first."""
    if a == b:
        return 1.0
    if fold_a == fold_b:
        return FOLD_EQUAL
    sounds = Levenshtein.normalized_similarity(fold_a, fold_b)
    if bones[0] == bones[1] and len(bones[0]) >= 2:
        # Same consonants: what is left to doubt is the vowels, the more the fewer consonants.
        share = VOWEL_SHARE.get(len(bones[0]), 0.15)
        return max(sounds, (1 - share) * SAME_BONES + share * sounds)
    consonants = Levenshtein.normalized_similarity(*bones)
    blended = 0.5 * sounds + 0.5 * consonants
    length = min(len(a), len(b))
    if length >= 3 and OSA.distance(a, b, score_cutoff=1) <= 1:
        if len(a) == len(b) and sorted(a) == sorted(b):
            return max(blended, TRANSPOSED - 0.3 / length)
        if length >= 4:
            blended = max(blended, 1.0 - 0.9 / length)
    if fold_a[:1] != fold_b[:1]:
        blended -= 0.06  # typists and transliterators rarely err in the first sound
    return blended


def _skeleton_similarity(written: Skeleton, heard: Skeleton) -> float:
    """Compare an Arabic-script skeleton with one of Latin letters."""
    a, b = written.consonants, heard.consonants
    if a == b:
        base = SKELETON_EQUAL - slot_cost(written.slots, heard.slots)
        return base if len(a) >= 2 else base - 0.1
    if min(len(a), len(b)) < 3:
        return 0.0
    return Levenshtein.normalized_similarity(a, b) - 0.08


def _arabic_similarity(a: Token, b: Token) -> float:
    if a.script is Script.ARABIC and b.script is Script.ARABIC:
        if a.text == b.text:
            return 1.0
        return Levenshtein.normalized_similarity(a.text, b.text) if len(a.text) >= 4 else 0.0
    written, heard = (a, b) if a.script is Script.ARABIC else (b, a)
    best = 0.0
    for rank, reading in enumerate(written.skeletons):
        for other in heard.skeletons:
            best = max(best, _skeleton_similarity(reading, other) - (0.02 if rank else 0.0))
    return best


@lru_cache(maxsize=500_000)
def token_similarity(a: Token, b: Token, *, heard: bool = True) -> float:
    """Return how alike two tokens are: 1 equal, 0 nothing in common; symmetric.

    `heard` may be false where many words are compared by sound at once (`heard_similarities`).
    """
    if a.text == b.text:
        return 1.0
    if Role.INITIAL in (a.role, b.role):
        heads = {s[:1] for s in a.spellings} & {s[:1] for s in b.spellings}
        return 0.8 if heads else 0.0
    if Script.ARABIC in (a.script, b.script):
        return _arabic_similarity(a, b)
    best = 0.0
    stems = a.role is Role.PATRONYMIC and b.role is Role.PATRONYMIC
    for i, spelling in enumerate(a.spellings):
        for j, other in enumerate(b.spellings):
            score = _spelling_similarity(
                spelling, other, a.folds[i], b.folds[j], (a.bones[i], b.bones[j])
            )
            if stems and i and j:
                score -= 0.02  # -ович and -ұлы: same father, other suffix
            best = max(best, score)
    if heard and a.script is not b.script and {a.script, b.script} == HEARD:
        cyrillic, written = (a, b) if a.script is Script.CYRILLIC else (b, a)
        best = max(best, heard_similarity(cyrillic.text, written.text))
    return best
