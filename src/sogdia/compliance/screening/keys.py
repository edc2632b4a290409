"""The keys under which tokens and syllables are filed, and the file: sorted arrays of hashes.

K1  Two tokens that may be alike share a key: their consonants, or those less one letter.
K2  A collision of hashes costs a comparison, never a hit: everything found is compared again.
"""

from collections.abc import Iterable, Sequence
from itertools import product
from zlib import crc32

import numpy as np
import numpy.typing as npt

from sogdia.compliance.screening.script import Script
from sogdia.compliance.screening.syllabic import SyllabicForm, System
from sogdia.compliance.screening.tables.coarse import coarse_keys
from sogdia.compliance.screening.tokens import Role, Token

Ids = npt.NDArray[np.uint32]

_WHOLE_CONSONANTS_MIN = 4  # fewer are shared by too many names
_DELETE_FROM = 4  # consonants; shorter ones less one letter are shared by strangers


def _with_deletions(prefix: str, text: str) -> set[str]:
    found = {prefix + text}
    if len(text) >= _DELETE_FROM:
        found.update(f"{prefix}{text[:i]}{text[i + 1 :]}" for i in range(len(text)))
    return found


def token_keys(token: Token, *, filing: bool) -> set[int]:
    """Return the hashes under which a token is filed, or those under which it is looked up.

    They differ for skeletons and coarse consonants: those of another script are looked up, because
    two words of one script are compared by their letters and sounds.
    """
    found: set[str] = set()
    if token.role is Role.INITIAL:
        return {crc32(b"i" + token.text.encode())}
    for fold, bones in zip(token.folds, token.bones, strict=True):
        if len(bones) >= 2:
            found |= _with_deletions("b", bones)
        else:
            found.add("f" + fold)
    arabic = token.script is Script.ARABIC
    for skeleton in token.skeletons:
        if len(skeleton.consonants) >= 2:
            found |= _with_deletions("s" if arabic is filing else "t", skeleton.consonants)
    if arabic:
        found |= _with_deletions("a", token.text)
    elif token.script in (Script.CYRILLIC, Script.LATIN):
        cyrillic = token.script is Script.CYRILLIC
        prefix = "x" if cyrillic is filing else "y"
        found.update(prefix + key for key in coarse_keys(token.text, cyrillic=cyrillic))
    return {crc32(key.encode()) for key in found}


def whole_key(tokens: Sequence[Token]) -> int | None:
    """Return the hash of all consonants of a name together, wherever its spaces are."""
    spelled = [t.bones[0] for t in tokens if t.bones and t.role is not Role.PARTICLE]
    whole = "".join(bones.replace("a", "") for bones in spelled)
    return crc32(b"w" + whole.encode()) if len(whole) >= _WHOLE_CONSONANTS_MIN else None


def pair_keys(forms: Iterable[SyllabicForm]) -> list[list[set[int]]]:
    """Return for each distinct reading, for each two of its syllables, the hashes of the pair.

    The order of the two syllables does not enter the hash, so that a surname may stand first or
    last; what syllables stand for does, one hash for every combination.
    """
    readings: list[list[set[int]]] = []
    seen: set[tuple[str, ...]] = set()
    for form in forms:
        signature = (form.system, *sorted(form.raw))
        if signature in seen:
            continue  # the same syllables in another order have the same pairs
        seen.add(signature)
        positions = [sorted(p) for p in form.positions if p]
        pairs = [
            {_pair_hash(form.system, a, b) for a, b in product(left, right)}
            for i, left in enumerate(positions)
            for right in positions[i + 1 :]
        ]
        if pairs:
            readings.append(pairs)
    return readings


def _pair_hash(system: System, a: str, b: str) -> int:
    low, high = (a, b) if a < b else (b, a)
    return crc32(f"{system}{low}|{high}".encode())


_SIEVE_PLACES_MAX = 1 << 24  # 16 MB, for the millions of keys of 100,000 entities
_NO_IDS: Ids = np.empty(0, dtype=np.uint32)


class KeyFile:
    """An immutable multimap from 32-bit keys to ids, in two sorted arrays of 4 bytes a row.

    A sieve, one byte for all keys that end in the same bits, says at once of most keys that nothing
    is filed under them: a short list is asked for a million names in vain.
    """

    __slots__ = ("_ids", "_keys", "_mask", "_sieve")

    def __init__(self, rows: Sequence[tuple[int, int]] | npt.NDArray[np.uint32]) -> None:
        table = np.asarray(rows, dtype=np.uint32).reshape(-1, 2)
        order = np.argsort(table[:, 0], kind="stable")
        self._keys: Ids = np.ascontiguousarray(table[order, 0])
        self._ids: Ids = np.ascontiguousarray(table[order, 1])
        places = min(_SIEVE_PLACES_MAX, 1 << (8 * len(table)).bit_length())
        self._mask = places - 1
        sieve = np.zeros(places, dtype=np.uint8)
        sieve[self._keys & np.uint32(self._mask)] = 1
        self._sieve = sieve.tobytes()

    def find(self, keys: Iterable[int]) -> Ids:
        """Return the ids filed under any of `keys`, one entry for each match, in no order."""
        mask, sieve = self._mask, self._sieve
        kept = [key for key in keys if sieve[key & mask]]
        if not kept:
            return _NO_IDS
        wanted = np.array(kept, dtype=np.uint32)
        first = np.searchsorted(self._keys, wanted, side="left")
        last = np.searchsorted(self._keys, wanted, side="right")
        hit = np.flatnonzero(last > first)
        if not len(hit):
            return _NO_IDS
        return np.concatenate([self._ids[first[i] : last[i]] for i in hit])

    def __len__(self) -> int:
        return len(self._keys)
