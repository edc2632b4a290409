"""How alike a Cyrillic word and Latin words are when one is the other as it sounds.

Russian writes Western names by ear: Джордж is George, Черчилль Churchill. Which letters stand for
which was learned from public pairs of names (`tables/heard_cyrillic.toml`): each pair of letter
groups has a cost, -ln of the share of the cases in which one is written so, the more natural of the
two directions. The cost of two words is the least over all ways to cut both into groups.

    E1  Many words are compared with one at once, in arrays: a word at a time takes 50 times longer.
    E2  Words that share no coarse consonants are strangers and are not compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from sogdia.compliance.screening.tables import latin
from sogdia.compliance.screening.tables.coarse import coarse_keys
from sogdia.compliance.screening.tables.data import load_table

_GROUP_MAX = {True: 2, False: 4}  # letters; Cyrillic and Latin
_LETTERS_MAX = 14  # of a word; longer ones are compared by spelling alone
_LEFT_OUT_COST = 4.0  # a letter that nothing on the other side stands for
_STRANGE_COST = 5.0  # two letters that were never met for one another
_EQUAL = 0.97
# Of 1,500 pairs held back, 96 % cost less than 1.2 a letter, and 0.3 % of strangers with the same
# first letter and length: what costs 1.39 is as alike as SIMILARITY_MIN.
_COST_WEIGHT = 0.18
_COST_MAX = 1.4  # a letter; beyond it words are strangers
_PLAIN = str.maketrans("іїєґў", "ииегу")
_NEVER = 1e6
_UNKNOWN, _NOTHING = 0, 1  # ids of a group that was never met, and of no letters at all

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class _Costs:
    """Ids of the letter groups of both scripts, and what one costs for the other.

    `matrix` is indexed by the id of the Cyrillic group, then by that of the Latin one.
    """

    ids: dict[bool, dict[str, int]]
    matrix: Floats


@cache
def _costs() -> _Costs:
    rows: list[tuple[str, str, float]] = []
    for line in load_table("heard_cyrillic.toml")["costs"].strip().splitlines():
        group, *items = line.split()
        for item in items:
            letters, cost = item.split(":")
            rows.append((group.strip("_"), letters.strip("_"), int(cost) / 10))
    ids: dict[bool, dict[str, int]] = {True: {"": _NOTHING}, False: {"": _NOTHING}}
    for cyrillic, written, _ in rows:
        ids[True].setdefault(cyrillic, len(ids[True]) + 1)
        ids[False].setdefault(written, len(ids[False]) + 1)
    matrix = np.full((len(ids[True]) + 1, len(ids[False]) + 1), _NEVER, dtype=np.float32)
    for cyrillic, written, cost in rows:
        matrix[ids[True][cyrillic], ids[False][written]] = cost
    return _Costs(ids, matrix)


@lru_cache(maxsize=100_000)
def _letters(word: str, *, cyrillic: bool) -> str:
    """Return a word in letters that the table knows; others lose their marks."""
    if cyrillic:
        return word.translate(_PLAIN)
    known = _costs().ids[False]
    return word if word.isascii() else "".join(c if c in known else latin.to_ascii(c) for c in word)


@lru_cache(maxsize=50_000)
def _group_ids(word: str, *, cyrillic: bool) -> bytes:
    """Return the id of each group of the word: for every place, for every length from 0 up."""
    known, longest = _costs().ids[cyrillic], _GROUP_MAX[cyrillic]
    found = np.zeros((_LETTERS_MAX + 1, longest + 1), dtype=np.uint16)
    for place in range(len(word) + 1):
        for end in range(place, min(len(word), place + longest) + 1):
            found[place, end - place] = known.get(word[place:end], _UNKNOWN)
    return found.tobytes()


def heard_similarities(word: str, others: Sequence[str], *, cyrillic: bool) -> Floats:
    """Return how alike `word` and each of `others` are by sound, 0 to 0.97; 0 for strangers.

    `cyrillic` says which script `word` is in; the others are in the other one. All lower case.
    """
    asked = _letters(word, cyrillic=cyrillic)
    written = [_letters(other, cyrillic=not cyrillic) for other in others]
    lengths = np.array([len(w) for w in written], dtype=np.int64)
    longest = np.maximum(lengths, len(asked))
    shortest = np.minimum(lengths, len(asked))
    fit = np.flatnonzero((longest <= _LETTERS_MAX) & (2 * shortest >= longest) & (shortest > 0))
    alike = np.zeros(len(others), dtype=np.float32)
    if len(fit):
        costs = _least_costs(asked, [written[i] for i in fit], cyrillic=cyrillic) / longest[fit]
        alike[fit] = np.where(costs < _COST_MAX, _EQUAL - _COST_WEIGHT * costs, 0.0)
    return alike


def heard_similarity(cyrillic: str, written: str) -> float:
    """Return how alike a Cyrillic and a Latin word are by sound, as `heard_similarities`."""
    keys = set(coarse_keys(cyrillic, cyrillic=True))
    if keys.isdisjoint(coarse_keys(written, cyrillic=False)):
        return 0.0
    return float(heard_similarities(cyrillic, [written], cyrillic=True)[0])


def _least_costs(asked: str, others: Sequence[str], *, cyrillic: bool) -> Floats:
    """Return the least cost of writing `asked` as each of the others."""
    table = _costs()
    matrix = table.matrix if cyrillic else table.matrix.T
    known, longest = table.ids[cyrillic], _GROUP_MAX[cyrillic]
    packed = b"".join(_group_ids(other, cyrillic=not cyrillic) for other in others)
    groups = np.frombuffer(packed, dtype=np.uint16).reshape(len(others), _LETTERS_MAX + 1, -1)
    width = max(map(len, others))
    groups = groups[:, : width + 1]
    skipped = np.minimum(matrix[_NOTHING][groups[:, :, 1]], _LEFT_OUT_COST)
    # rows[place][other, start]: the least cost of the letters before `place` and before `start`.
    rows = [
        np.full((len(others), width + 1), _NEVER, dtype=np.float32) for _ in range(len(asked) + 1)
    ]
    rows[0][:, 0] = 0.0
    for place, row in enumerate(rows):
        for start in range(width):
            np.minimum(row[:, start + 1], row[:, start] + skipped[:, start], out=row[:, start + 1])
        for size in range(1, min(longest, len(asked) - place) + 1):
            group = known.get(asked[place : place + size], _UNKNOWN)
            if group != _UNKNOWN or size == 1:
                _extend(rows[place + size], row, matrix[group][groups], alone=size == 1)
    result: Floats = rows[-1][np.arange(len(others)), [len(other) for other in others]]
    return result


def _extend(later: Floats, row: Floats, costs: Floats, *, alone: bool) -> None:
    """Enter into `later` what one group costs against groups of every length of the others.

    A letter `alone` may also be left out, or stand for a letter it was never met for.
    """
    for length in range(min(costs.shape[2], row.shape[1])):
        cost = costs[:, : row.shape[1] - length, length]
        if alone and length < 2:
            cost = np.minimum(cost, (_LEFT_OUT_COST, _STRANGE_COST)[length])
        target = later[:, length:]
        np.minimum(target, row[:, : row.shape[1] - length] + cost, out=target)
