"""Find, among many listed names, the few that may be the name asked for.

Words are looked up in the vocabulary of the lists, which is much smaller than the lists; the words
found lead to names; names in which the most and the rarest words were found come first. Names made
of syllables are found by pairs of syllables instead.

    I1  A name that shares one word of several is no candidate: it could not reach a threshold.
    I2  The order of candidates does not decide a hit: each is compared in full.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from sogdia.compliance.screening.heard import heard_similarities
from sogdia.compliance.screening.keys import Ids, KeyFile, pair_keys, token_keys, whole_key
from sogdia.compliance.screening.name import Name, Part
from sogdia.compliance.screening.script import Script
from sogdia.compliance.screening.similarity import HEARD, SIMILARITY_MIN, token_similarity
from sogdia.compliance.screening.tokens import Role, Token

CANDIDATES_MAX = 100  # by words, and again by syllables; recall is flat beyond, cost is linear
_SIMILAR_WORDS_MAX = 400  # of one query word in the vocabulary, the most alike first
_FOUND_CACHE_MAX = 50_000  # distinct query words remembered
_FEW_WORDS = 40
_FEW_NAMES = 100  # found by the words of one name
_SOUNDS_MIN = 0.40  # alike in less, two words do not reach SIMILARITY_MIN whatever their consonants
_NAMED_CACHE_NAMES_MAX = 256  # names of one query word remembered: 3 kB; longer are merged anew
_PAIRS_SHARE_MIN = 0.3  # two of three syllables make one of three pairs
_PAIRS_SHARE_ALL = 0.99


@dataclass(frozen=True, slots=True)
class Candidate:
    """A listed name worth comparing; `syllables` when it was found by them."""

    name_id: int
    syllables: bool


class _Rows:
    """Pairs of numbers gathered for a `KeyFile`."""

    __slots__ = ("_flat",)

    def __init__(self) -> None:
        self._flat = array("I")

    def add(self, keys: Iterable[int], number: int) -> None:
        for key in keys:
            self._flat.append(key)
            self._flat.append(number)

    def table(self) -> npt.NDArray[np.uint32]:
        return np.frombuffer(self._flat, dtype=np.uint32).reshape(-1, 2)


class NameIndex:
    """The names of one or more lists, ready to be searched. Immutable once built."""

    def __init__(self, names: Sequence[Name]) -> None:
        self._vocabulary: list[Token] = []
        ids: dict[str, int] = {}
        postings, words, pairs, wholes = _Rows(), _Rows(), _Rows(), _Rows()
        sizes = array("B")
        latin = array("B")
        for name_id, name in enumerate(names):
            tokens = _words(name.parts)
            for token in tokens:
                token_id = ids.get(token.text)
                if token_id is None:
                    token_id = ids[token.text] = len(self._vocabulary)
                    self._vocabulary.append(token)
                    words.add(token_keys(token, filing=True), token_id)
                postings.add((token_id,), name_id)
            for part in name.parts:
                wholes.add(_whole_keys(part), name_id)
                if part.syllables:
                    pairs.add(_flat(pair_keys(part.forms)), name_id)
            sizes.append(min(255, _size(name)))
            latin.append(all(part.script is Script.LATIN for part in name.parts))
        self._tokens, self._pairs = KeyFile(words.table()), KeyFile(pairs.table())
        self._wholes = KeyFile(wholes.table())
        self._sizes = np.frombuffer(sizes, dtype=np.uint8)
        self._latin = np.frombuffer(latin, dtype=np.uint8).astype(bool)
        # Empty for words of several readings, or none in Latin: those are always compared.
        self._folds = [t.folds[0] if len(t.folds) == 1 else "" for t in self._vocabulary]
        self._starts, self._postings = _compressed(postings.table(), len(self._vocabulary))
        self._found: dict[str, tuple[Ids, npt.NDArray[np.float32]]] = {}
        self._named: dict[str, tuple[Ids, npt.NDArray[np.float64]]] = {}

    def __len__(self) -> int:
        return len(self._sizes)

    def candidates(self, name: Name) -> list[Candidate]:
        """Return the listed names that may match, each once, the likeliest first."""
        found = dict.fromkeys((int(i) for i in self._by_whole(name)), False)
        found.update(dict.fromkeys(self._by_words(name), False))
        found.update(dict.fromkeys(self._by_syllables(name), True))
        return [Candidate(name_id, syllables) for name_id, syllables in found.items()]

    def _similar(self, token: Token) -> tuple[Ids, npt.NDArray[np.float32]]:
        """Return the vocabulary's words like `token`, and how alike each is."""
        known = self._found.get(token.text)
        if known is not None:
            return known
        token_ids = np.unique(self._tokens.find(token_keys(token, filing=False)))
        alike = np.zeros(len(token_ids), dtype=np.float32)
        for place in self._plausible(token, token_ids):
            theirs = self._vocabulary[token_ids[place]]
            alike[place] = token_similarity(token, theirs, heard=False)
        self._hear(token, token_ids, alike)
        keep = np.flatnonzero(alike >= SIMILARITY_MIN)
        if len(keep) > _SIMILAR_WORDS_MAX:
            keep = keep[np.argsort(-alike[keep], kind="stable")[:_SIMILAR_WORDS_MAX]]
        result = (token_ids[keep].astype(np.uint32), alike[keep])
        if len(self._found) >= _FOUND_CACHE_MAX:
            self._found.clear()
        self._found[token.text] = result
        return result

    def _hear(self, token: Token, token_ids: Ids, alike: npt.NDArray[np.float32]) -> None:
        """Raise in `alike` the words of the other script that are `token` written by ear."""
        if token.script not in HEARD:
            return
        other = [
            place
            for place, i in enumerate(token_ids)
            if self._vocabulary[i].script in HEARD and self._vocabulary[i].script != token.script
        ]
        if other:
            texts = [self._vocabulary[token_ids[place]].text for place in other]
            cyrillic = token.script is Script.CYRILLIC
            heard = heard_similarities(token.text, texts, cyrillic=cyrillic)
            alike[other] = np.maximum(alike[other], heard)

    def _plausible(self, token: Token, token_ids: Ids) -> npt.NDArray[np.intp]:
        """Return the places of the words that are not too far away in sound to be alike."""
        if len(token.folds) != 1 or len(token_ids) <= _FEW_WORDS:
            return np.arange(len(token_ids))
        folds = [self._folds[i] for i in token_ids]
        sounds = cdist(
            [token.folds[0]], folds, scorer=Levenshtein.normalized_similarity, dtype=np.float32
        )[0]
        manifold = np.fromiter((not fold for fold in folds), dtype=bool, count=len(folds))
        return np.flatnonzero((sounds >= _SOUNDS_MIN) | manifold)

    def _by_whole(self, name: Name) -> Ids:
        keys = {key for part in name.parts for key in _whole_keys(part)}
        return np.unique(self._wholes.find(keys))[:CANDIDATES_MAX]

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
        if sum(map(len, found_ids)) <= _FEW_NAMES:
            return self._best_of_few(found_ids, found_weights, size=_size(name))
        ids, inverse, counts = np.unique(
            np.concatenate(found_ids), return_inverse=True, return_counts=True
        )
        scores = np.bincount(inverse, weights=np.concatenate(found_weights))
        # One word in common is enough only where one of the names has no more words.
        enough = (counts >= 2) | (self._sizes[ids] <= 1) | (_size(name) <= 1)
        ids, scores = ids[enough], scores[enough]
        best = np.argsort(-scores, kind="stable")[:CANDIDATES_MAX]
        return [int(i) for i in ids[best]]

    def _best_of_few(
        self, ids: list[Ids], weights: list[npt.NDArray[np.float64]], *, size: int
    ) -> list[int]:
        """Return what `_by_words` returns; for a few names arrays take longer than they save."""
        scores: dict[int, float] = {}
        counts: dict[int, int] = {}
        for some, theirs in zip(ids, weights, strict=True):
            for name_id, weight in zip(some.tolist(), theirs.tolist(), strict=True):
                scores[name_id] = scores.get(name_id, 0.0) + weight
                counts[name_id] = counts.get(name_id, 0) + 1
        enough = [
            name_id
            for name_id, count in counts.items()
            if count >= 2 or size <= 1 or self._sizes[name_id] <= 1
        ]
        return sorted(enough, key=lambda name_id: (-scores[name_id], name_id))[:CANDIDATES_MAX]

    def _names_with(self, token: Token) -> tuple[Ids, npt.NDArray[np.float64]]:
        """Return the names with a word like `token`, each once, with its best weight."""
        known = self._named.get(token.text)
        if known is None:
            known = self._find_names(token)
            if len(known[0]) <= _NAMED_CACHE_NAMES_MAX:
                if len(self._named) >= _FOUND_CACHE_MAX:
                    self._named.clear()
                self._named[token.text] = known
        return known

    def _find_names(self, token: Token) -> tuple[Ids, npt.NDArray[np.float64]]:
        token_ids, alike = self._similar(token)
        if not len(token_ids):
            return np.empty(0, dtype=np.uint32), np.empty(0)
        first, last = self._starts[token_ids], self._starts[token_ids + 1]
        rarity = 1.0 + np.log1p(len(self) / (last - first)) / 8
        weights = alike.astype(np.float64) ** 3 * rarity
        order = np.argsort(-weights, kind="stable")
        ids = np.concatenate([self._postings[first[i] : last[i]] for i in order])
        scores = np.repeat(weights[order], (last - first)[order])
        unique, where = np.unique(ids, return_index=True)
        return unique, scores[where]

    def _by_syllables(self, name: Name) -> list[int]:
        """Return the names that share the most pairs of syllables in any one reading."""
        found_ids, found_shares = [], []
        for part in name.parts:
            for pairs in pair_keys(part.forms) if part.syllables else ():
                found = [ids for keys in pairs if len(ids := self._pairs.find(keys))]
                if not found:
                    continue
                each = [np.unique(ids) for ids in found]
                ids, counts = np.unique(np.concatenate(each), return_counts=True)
                shares = counts / len(pairs)
                # Latin against Latin only the whole name is news: parts are found by words.
                whole = self._latin[ids] if part.script is Script.LATIN else False
                keep = shares >= np.where(whole, _PAIRS_SHARE_ALL, _PAIRS_SHARE_MIN)
                found_ids.append(ids[keep])
                found_shares.append(shares[keep])
        if not found_ids:
            return []
        ids, shares = np.concatenate(found_ids), np.concatenate(found_shares)
        best = np.argsort(-shares, kind="stable")[: 2 * CANDIDATES_MAX]
        return list(dict.fromkeys(int(i) for i in ids[best]))[:CANDIDATES_MAX]


def _flat(readings: list[list[set[int]]]) -> set[int]:
    return {key for pairs in readings for keys in pairs for key in keys}


def _whole_keys(part: Part) -> set[int]:
    keys = (whole_key(variant) for variant in part.variants)
    return {key for key in keys if key is not None}


def _size(name: Name) -> int:
    """Return how many words count in the shortest way to read a name."""
    sizes = [
        sum(t.role not in (Role.PARTICLE, Role.INITIAL, Role.TITLE) for t in variant)
        for part in name.parts
        for variant in part.variants
    ]
    return min(sizes, default=0)


def _words(parts: Iterable[Part]) -> list[Token]:
    """Return the distinct words of a name over all its tokenisations."""
    return list(
        {t.text: t for part in parts for variant in part.variants for t in variant}.values()
    )


def _compressed(postings: npt.NDArray[np.uint32], size: int) -> tuple[npt.NDArray[np.int64], Ids]:
    """Return postings as one array of name ids and, for each token id, where its run starts."""
    order = np.argsort(postings[:, 0], kind="stable")
    starts = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(np.bincount(postings[:, 0], minlength=size), out=starts[1:])
    return starts, np.ascontiguousarray(postings[order, 1])
