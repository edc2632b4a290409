"""Find, among many listed names, the few that may be the name asked for.

Words are looked up in the vocabulary of the lists, which is much smaller than the lists; the words
found lead to names; names in which the most and the rarest words were found come first. Names made
of syllables are found by pairs of syllables instead.

    I1  A name that shares no word and no two syllables with the query is never a candidate.
    I2  The order of candidates does not decide a hit: each is compared in full.
"""

from array import array
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from sogdia.compliance.screening.keys import Ids, KeyFile, pair_keys, token_keys
from sogdia.compliance.screening.name import Name, Part
from sogdia.compliance.screening.similarity import SIMILARITY_MIN, token_similarity
from sogdia.compliance.screening.tokens import Role, Token

CANDIDATES_MAX = 120  # by words, and again by syllables; recall is flat beyond, cost is linear
_SIMILAR_WORDS_MAX = 400  # of one query word in the vocabulary, the most alike first
_FOUND_CACHE_MAX = 50_000  # distinct query words remembered


class NameIndex:
    """The names of one or more lists, ready to be searched. Immutable once built."""

    def __init__(self, names: Sequence[Name]) -> None:
        self._names = names
        self._vocabulary: list[Token] = []
        ids: dict[str, int] = {}
        postings = array("I")
        token_rows = array("I")
        pair_rows = array("I")
        for name_id, name in enumerate(names):
            for token in _words(name.parts):
                token_id = ids.get(token.text)
                if token_id is None:
                    token_id = ids[token.text] = len(self._vocabulary)
                    self._vocabulary.append(token)
                    for key in token_keys(token):
                        token_rows.extend((key, token_id))
                postings.extend((token_id, name_id))
            for part in name.parts:
                if part.syllables:
                    for key in _flat(pair_keys(part.forms)):
                        pair_rows.extend((key, name_id))
        self._tokens = KeyFile(np.frombuffer(token_rows, dtype=np.uint32).reshape(-1, 2))
        self._pairs = KeyFile(np.frombuffer(pair_rows, dtype=np.uint32).reshape(-1, 2))
        self._starts, self._postings = _compressed(postings, len(self._vocabulary))
        self._found: dict[str, tuple[Ids, npt.NDArray[np.float32]]] = {}

    def __len__(self) -> int:
        return len(self._names)

    def candidates(self, name: Name) -> list[int]:
        """Return the ids of the listed names that may match, the likeliest first."""
        found = dict.fromkeys(self._by_words(name))
        found.update(dict.fromkeys(self._by_syllables(name)))
        return list(found)

    def _similar(self, token: Token) -> tuple[Ids, npt.NDArray[np.float32]]:
        """Return the vocabulary's words like `token`, and how alike each is."""
        known = self._found.get(token.text)
        if known is not None:
            return known
        token_ids = np.unique(self._tokens.find(token_keys(token)))
        alike = np.array(
            [token_similarity(token, self._vocabulary[i]) for i in token_ids], dtype=np.float32
        )
        keep = np.flatnonzero(alike >= SIMILARITY_MIN)
        if len(keep) > _SIMILAR_WORDS_MAX:
            keep = keep[np.argsort(-alike[keep], kind="stable")[:_SIMILAR_WORDS_MAX]]
        result = (token_ids[keep].astype(np.uint32), alike[keep])
        if len(self._found) >= _FOUND_CACHE_MAX:
            self._found.clear()
        self._found[token.text] = result
        return result

    def _by_words(self, name: Name) -> list[int]:
        found_ids, found_weights = [], []
        for token in _words(name.parts):
            if token.role in (Role.INITIAL, Role.PARTICLE):
                continue
            names, weights = self._names_with(token)
            if len(names):
                found_ids.append(names)
                found_weights.append(weights)
        if not found_ids:
            return []
        ids, inverse = np.unique(np.concatenate(found_ids), return_inverse=True)
        scores = np.bincount(inverse, weights=np.concatenate(found_weights))
        if len(ids) > CANDIDATES_MAX:
            best = np.argpartition(-scores, CANDIDATES_MAX)[:CANDIDATES_MAX]
        else:
            best = np.arange(len(ids))
        best = best[np.argsort(-scores[best], kind="stable")]
        return [int(i) for i in ids[best]]

    def _names_with(self, token: Token) -> tuple[Ids, npt.NDArray[np.float64]]:
        """Return the names with a word like `token`, each once, with its best weight."""
        token_ids, alike = self._similar(token)
        names, weights = [], []
        for token_id, similarity in zip(token_ids, alike, strict=True):
            posting = self._postings[self._starts[token_id] : self._starts[token_id + 1]]
            rarity = 1.0 + np.log1p(len(self._names) / len(posting)) / 8
            names.append(posting)
            weights.append(np.full(len(posting), similarity**3 * rarity))
        if not names:
            return np.empty(0, dtype=np.uint32), np.empty(0)
        ids, scores = np.concatenate(names), np.concatenate(weights)
        order = np.argsort(-scores, kind="stable")
        unique, first = np.unique(ids[order], return_index=True)
        return unique, scores[order][first]

    def _by_syllables(self, name: Name) -> list[int]:
        """Return the names that share the most pairs of syllables in any one reading."""
        found_ids, found_shares = [], []
        for part in name.parts:
            for pairs in pair_keys(part.forms) if part.syllables else ():
                each = [np.unique(self._pairs.find(keys)) for keys in pairs]
                ids, counts = np.unique(np.concatenate(each), return_counts=True)
                found_ids.append(ids)
                found_shares.append(counts / len(pairs))
        if not found_ids:
            return []
        ids, shares = np.concatenate(found_ids), np.concatenate(found_shares)
        best = np.argsort(-shares, kind="stable")[: 2 * CANDIDATES_MAX]
        return list(dict.fromkeys(int(i) for i in ids[best]))[:CANDIDATES_MAX]


def _flat(readings: list[list[set[int]]]) -> set[int]:
    return {key for pairs in readings for keys in pairs for key in keys}


def _words(parts: Iterable[Part]) -> list[Token]:
    """Return the distinct words of a name over all its tokenisations."""
    return list(
        {t.text: t for part in parts for variant in part.variants for t in variant}.values()
    )


def _compressed(postings: "array[int]", size: int) -> tuple[npt.NDArray[np.int64], Ids]:
    """Return postings as one array of name ids and, for each token id, where its run starts."""
    table = np.frombuffer(postings, dtype=np.uint32).reshape(-1, 2)
    order = np.argsort(table[:, 0], kind="stable")
    starts = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(np.bincount(table[:, 0], minlength=size), out=starts[1:])
    return starts, np.ascontiguousarray(table[order, 1])
