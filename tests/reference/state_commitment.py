"""The state commitment from its definition: sorted lists and recursion, nothing kept.

The twin knows every change since genesis. For the root of an epoch it splits them into windows and
builds D, I and S from scratch.
"""

from collections.abc import Mapping, Sequence

from sogdia.ledger.primitives.hashing import keccak256

ZERO = bytes(32)
Change = Mapping[bytes, bytes | None]  # state key -> new value, None when deleted


def state_root(epochs: Sequence[Change], window: int) -> bytes:
    """Return keccak(S || I || D) after the last of `epochs`, with windows of `window` epochs."""
    current = (len(epochs) - 1) // window
    delta = _overlay(epochs[current * window :])
    frozen = _overlay(epochs[max(0, current - 1) * window : current * window])
    older = _overlay(epochs[: max(0, current - 1) * window])
    settled = {path: value for path, value in older.items() if value != ZERO}
    return keccak256(bucket_root(settled) + trie_root(frozen) + trie_root(delta))


def _overlay(epochs: Sequence[Change]) -> dict[bytes, bytes]:
    leaves: dict[bytes, bytes] = {}
    for changes in epochs:
        for key, value in changes.items():
            leaves[keccak256(key)] = ZERO if value is None else keccak256(value)
    return leaves


def trie_root(leaves: Mapping[bytes, bytes]) -> bytes:
    """Return the root of a trie: zero when empty."""
    return _trie(sorted(leaves.items()), 0) if leaves else ZERO


def _trie(leaves: Sequence[tuple[bytes, bytes]], bit: int) -> bytes:
    if len(leaves) == 1:
        path, value = leaves[0]
        return keccak256(b"\x00" + path + value)
    left = [leaf for leaf in leaves if _bit(leaf[0], bit) == 0]
    right = [leaf for leaf in leaves if _bit(leaf[0], bit) == 1]
    if not left or not right:
        return _trie(leaves, bit + 1)  # no branch where the paths do not part
    sides = _trie(left, bit + 1) + _trie(right, bit + 1)
    return keccak256(b"\x01" + bit.to_bytes(2, "big") + sides)


def _bit(path: bytes, bit: int) -> int:
    return int.from_bytes(path, "big") >> (255 - bit) & 1


def bucket_root(entries: Mapping[bytes, bytes]) -> bytes:
    """Return the root over the 65,536 buckets."""
    buckets: dict[int, list[bytes]] = {}
    for path, value in sorted(entries.items()):
        buckets.setdefault(int.from_bytes(path[:2], "big"), []).append(path + value)
    level = {number: keccak256(b"".join(rows)) for number, rows in buckets.items()}
    for _ in range(16):
        parents = {number >> 1 for number in level}
        level = {
            parent: keccak256(level.get(2 * parent, ZERO) + level.get(2 * parent + 1, ZERO))
            for parent in parents
        }
    return level.get(0, ZERO)
