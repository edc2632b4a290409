"""Ethereum's Merkle Patricia trie, as plainly as the yellow paper (appendix D) states it.

Only a root is computed, from all pairs at once: enough to compare a state with Ethereum's suites.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.rlp import encode

EMPTY_ROOT = keccak256(b"\x80")

Pairs = list[tuple[bytes, bytes]]  # nibbles of the key, value


@dataclass(frozen=True, slots=True)
class AccountState:
    """What Ethereum's state trie keeps of an account."""

    nonce: int
    balance: int
    code_hash: bytes
    storage: Mapping[int, int]


def state_root(accounts: Mapping[bytes, AccountState]) -> bytes:
    """Return Ethereum's state root; empty accounts must not be among `accounts`."""
    return secure_root({address: _account_leaf(account) for address, account in accounts.items()})


def secure_root(pairs: Mapping[bytes, bytes]) -> bytes:
    """Return the root of a trie whose keys are hashed first."""
    return root({keccak256(key): value for key, value in pairs.items()})


def root(pairs: Mapping[bytes, bytes]) -> bytes:
    """Return the root of a trie with these keys and values."""
    if not pairs:
        return EMPTY_ROOT
    return keccak256(_node([(_nibbles(key), value) for key, value in sorted(pairs.items())], 0))


def _account_leaf(account: AccountState) -> bytes:
    slots = {
        slot.to_bytes(32, "big"): encode(_integer(value)) for slot, value in account.storage.items()
    }
    fields = [
        _integer(account.nonce),
        _integer(account.balance),
        secure_root(slots),
        account.code_hash,
    ]
    return encode(fields)


def _integer(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _nibbles(key: bytes) -> bytes:
    return bytes(half for byte in key for half in (byte >> 4, byte & 15))


def _hex_prefix(nibbles: bytes, *, is_leaf: bool) -> bytes:
    flag = 2 * is_leaf + len(nibbles) % 2
    head = bytes([flag, nibbles[0]]) if len(nibbles) % 2 else bytes([flag, 0])
    padded = head + nibbles[len(nibbles) % 2 :]
    return bytes(high << 4 | low for high, low in zip(padded[::2], padded[1::2], strict=True))


def _node(pairs: Pairs, depth: int) -> bytes:
    """Return the RLP of the node that holds `pairs`, which share their first `depth` nibbles."""
    if len(pairs) == 1:
        key, value = pairs[0]
        return encode([_hex_prefix(key[depth:], is_leaf=True), value])
    shared = depth
    first, last = pairs[0][0], pairs[-1][0]
    while shared < min(len(first), len(last)) and first[shared] == last[shared]:
        shared += 1
    if shared > depth:
        return _list(
            encode(_hex_prefix(first[depth:shared], is_leaf=False)), _reference(pairs, shared)
        )
    children = []
    for nibble in range(16):
        inside = [pair for pair in pairs if len(pair[0]) > depth and pair[0][depth] == nibble]
        children.append(_reference(inside, depth + 1) if inside else encode(b""))
    ends_here = [value for key, value in pairs if len(key) == depth]
    return _list(*children, encode(ends_here[0] if ends_here else b""))


def _reference(pairs: Pairs, depth: int) -> bytes:
    """Return the encoded reference to a node: itself if it is shorter than a hash."""
    node = _node(pairs, depth)
    return node if len(node) < 32 else encode(keccak256(node))


def _list(*encoded: bytes) -> bytes:
    payload = b"".join(encoded)
    size = len(payload)
    if size < 56:
        return bytes([0xC0 + size]) + payload
    length = _integer(size)
    return bytes([0xF7 + len(length)]) + length + payload
