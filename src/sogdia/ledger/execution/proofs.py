"""Proofs of the state, and their verification from a state root alone.

`state_root = keccak(S || I || D)`. D is a trie of what the current window of epochs changed, I that
of the window before, S a table of everything older in 65,536 buckets. A key's value is in the first
of D, I, S that has a leaf for it; a proof walks them in that order and stops at that leaf.

    trie leaf    keccak(0x00 || path || value hash)        path = keccak(state key)
    trie branch  keccak(0x01 || bit (2 bytes) || left || right)
    empty trie   32 zero bytes
    bucket       keccak(path || value hash || path || ...), 32 zero bytes if empty
    bucket tree  keccak(left || right), 32 zero bytes if both are; 16 levels

A branch tests one bit of the path. Following the bits of an absent path leads to a leaf of another
path; as every branch hashes the bit it tests, no other leaf could be reached: that proves absence.
A value hash of 32 zero bytes is a tombstone: the key was deleted in that window.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sogdia.ledger.primitives.errors import SogdiaError
from sogdia.ledger.primitives.hashing import EMPTY_KECCAK, keccak256
from sogdia.ledger.primitives.space import Space

ZERO = bytes(32)
TOMBSTONE = ZERO
BUCKET_LEVELS = 16


@dataclass
class InvalidProof(SogdiaError):
    """A proof that does not lead to the root, or not to the key; `reason` says where it fails."""

    reason: str

    def __str__(self) -> str:
        """Say why."""
        return f"the proof is not valid: {self.reason}"


@dataclass(frozen=True, slots=True)
class Step:
    """A branch above a leaf: the bit of the path that it tests, and the hash on the other side."""

    bit: int
    sibling: bytes


@dataclass(frozen=True, slots=True)
class Walk:
    """The leaf that a path leads to, and the branches above it from the leaf up."""

    path: bytes
    value_hash: bytes
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Bucket:
    """All entries (path, value hash) of a bucket of S, and 16 hashes beside its way to the root."""

    entries: tuple[tuple[bytes, bytes], ...]
    siblings: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ValueProof:
    """The stored value of one key, `None` if absent, and what proves it."""

    value: bytes | None
    delta: Walk | None
    intermediate: Walk | None
    snapshot: Bucket | None


@dataclass(frozen=True, slots=True)
class StateProof:
    """An account and some of its slots, proved against the roots S, I and D of one epoch."""

    epoch: int
    roots: tuple[bytes, bytes, bytes]
    account: ValueProof
    slots: tuple[ValueProof, ...]

    @property
    def state_root(self) -> bytes:
        """The root that a header commits to."""
        return keccak256(b"".join(self.roots))


@dataclass(frozen=True, slots=True)
class ProvedAccount:
    """What a proof shows of an account."""

    nonce: int
    balance: int
    code_hash: bytes


def account_key(address: bytes, space: Space = Space.ESPACE) -> bytes:
    """Return the state key of an account."""
    return bytes([space]) + address


def slot_key(address: bytes, slot: int, space: Space = Space.ESPACE) -> bytes:
    """Return the state key of a storage slot."""
    return account_key(address, space) + slot.to_bytes(32, "big")


def verify_state(
    proof: StateProof, state_root: bytes, address: bytes, slots: Sequence[int]
) -> tuple[ProvedAccount, list[int]]:
    """Return what `proof` shows of `address` and `slots` under `state_root`.

    Raises:
        InvalidProof: it does not lead to that root, or speaks of other keys.
    """
    if proof.state_root != state_root:
        raise InvalidProof(f"its roots make 0x{proof.state_root.hex()}, not 0x{state_root.hex()}")
    if len(proof.slots) != len(slots):
        raise InvalidProof(f"it proves {len(proof.slots)} slots, not {len(slots)}")
    verify_value(proof.account, proof.roots, account_key(address))
    values = []
    for slot, value in zip(slots, proof.slots, strict=True):
        verify_value(value, proof.roots, slot_key(address, slot))
        values.append(int.from_bytes(value.value or b"", "big"))
    return decode_account(proof.account.value), values


def verify_value(proof: ValueProof, roots: tuple[bytes, bytes, bytes], key: bytes) -> None:
    """Check that `proof` shows the value of `key` under the roots S, I and D.

    Raises:
        InvalidProof: says which step fails.
    """
    snapshot_root, intermediate_root, delta_root = roots
    path = keccak256(key)
    expected = TOMBSTONE if proof.value is None else keccak256(proof.value)
    for name, walk, root in (
        ("D", proof.delta, delta_root),
        ("I", proof.intermediate, intermediate_root),
    ):
        found = _find_in_trie(name, walk, root, path)
        if found is not None:
            _require(found == expected, f"{name} holds another value")
            return
    _require(proof.snapshot is not None, "D and I lack the key, and S is not shown")
    assert proof.snapshot is not None
    _require(_find_in_bucket(proof.snapshot, snapshot_root, path) == expected, "S holds another")


def decode_account(row: bytes | None) -> ProvedAccount:
    """Return the account that a stored row encodes: nonce, balance, and a code hash if any.

    Raises:
        InvalidProof: the row is not one that any executor writes.
    """
    if row is None:
        return ProvedAccount(0, 0, EMPTY_KECCAK)
    nonce = shift = place = 0
    while True:
        _require(place < len(row) and shift < 64, "the account's nonce does not end")
        nonce |= (row[place] & 0x7F) << shift
        shift, place = shift + 7, place + 1
        if row[place - 1] < 0x80:
            break
    _require(place < len(row), "the account has no balance")
    end = place + 1 + row[place]
    balance, code_hash = row[place + 1 : end], row[end:]
    _require(len(balance) == row[place] and len(code_hash) in (0, 32), "the account is cut off")
    return ProvedAccount(nonce, int.from_bytes(balance, "big"), code_hash or EMPTY_KECCAK)


def _find_in_trie(name: str, walk: Walk | None, root: bytes, path: bytes) -> bytes | None:
    """Return the value hash at `path`, `None` if the trie has no leaf for it."""
    if walk is None:
        _require(root == ZERO, f"{name} is not empty, and no walk is shown")
        return None
    _require(_walk_root(walk) == root, f"the walk does not lead to the root of {name}")
    for step in walk.steps:
        _require(_bit(walk.path, step.bit) == _bit(path, step.bit), f"the walk in {name} strays")
    return walk.value_hash if walk.path == path else None


def _walk_root(walk: Walk) -> bytes:
    # Without fixed widths other cuts of the same bytes would hash alike.
    _require({32} == {len(walk.path), len(walk.value_hash)}, "a leaf has two hashes")
    _require(all(len(step.sibling) == 32 for step in walk.steps), "a sibling is a hash")
    node = keccak256(b"\x00" + walk.path + walk.value_hash)
    for step in walk.steps:
        _require(0 <= step.bit < 256, f"bit {step.bit} of a path of 256")
        sides = (node, step.sibling) if _bit(walk.path, step.bit) == 0 else (step.sibling, node)
        node = keccak256(b"\x01" + step.bit.to_bytes(2, "big") + sides[0] + sides[1])
    return node


def _bit(path: bytes, bit: int) -> int:
    return path[bit // 8] >> (7 - bit % 8) & 1


def _find_in_bucket(bucket: Bucket, root: bytes, path: bytes) -> bytes:
    """Return the value hash at `path` in S, the tombstone if it is absent."""
    number = int.from_bytes(path[:2], "big")
    widths = {len(part) for entry in bucket.entries for part in entry}
    _require(widths <= {32}, "an entry of a bucket has two hashes")
    paths = [entry for entry, _ in bucket.entries]
    _require(paths == sorted(set(paths)), "the bucket is not in order")
    _require(len(bucket.siblings) == BUCKET_LEVELS, "a bucket has 16 hashes above it")
    node = keccak256(b"".join(p + v for p, v in bucket.entries)) if bucket.entries else ZERO
    for level, sibling in enumerate(bucket.siblings):
        left, right = (node, sibling) if number >> level & 1 == 0 else (sibling, node)
        node = ZERO if left == right == ZERO else keccak256(left + right)
    _require(node == root, "the bucket does not lead to the root of S")
    return dict(bucket.entries).get(path, TOMBSTONE)


def _require(condition: bool, reason: str) -> None:
    if not condition:
        raise InvalidProof(reason)
