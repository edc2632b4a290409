"""A state proof in the shape of `eth_getProof`'s answer, and back.

Ethereum's answer (EIP-1186) holds lists of byte strings, whose meaning is the commitment's affair.
Ours are, in this order:

    accountProof           roots S || I || D, then the four of a value proof
    storageProof[i].proof  the four of a value proof
    value proof            stored value (empty: absent) · walk in D · walk in I · bucket of S

    walk     path || value hash || (bit, 2 bytes || sibling)... from the leaf up; empty: not shown
    bucket   16 siblings from the bucket up || (path || value hash)... in order; empty: not shown

    PE1  Decoding is strict: every byte string that decodes is what `encode_proof` writes for it.
    PE2  What the answer claims beside the proofs must be what the proofs show.

`storageHash` is the state root itself: one root commits to accounts and slots alike.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sogdia.ledger.execution.proofs import (
    BUCKET_LEVELS,
    Bucket,
    InvalidProof,
    ProvedAccount,
    StateProof,
    Step,
    ValueProof,
    Walk,
    verify_state,
)

HASH_BYTES = 32
STEP_BYTES = 34
VALUE_PARTS = 4


def encode_proof(proof: StateProof) -> tuple[list[bytes], list[list[bytes]]]:
    """Return the byte strings of `accountProof`, and those of each slot's `proof`."""
    account = [b"".join(proof.roots), *_encode_value(proof.account)]
    return account, [_encode_value(slot) for slot in proof.slots]


def decode_proof(account: Sequence[bytes], slots: Sequence[Sequence[bytes]]) -> StateProof:
    """Return the proof that the byte strings encode; its `epoch` is unknown and shown as -1.

    Raises:
        InvalidProof: they are not what `encode_proof` writes.
    """
    if not account or len(account[0]) != 3 * HASH_BYTES:
        raise InvalidProof("it does not begin with the roots of S, I and D, 96 bytes")
    snapshot, intermediate, delta = _cut(account[0], HASH_BYTES)
    return StateProof(
        epoch=-1,
        roots=(snapshot, intermediate, delta),
        account=_decode_value(account[1:]),
        slots=tuple(_decode_value(slot) for slot in slots),
    )


def verify_answer(
    answer: Mapping[str, Any], state_root: bytes
) -> tuple[bytes, ProvedAccount, dict[int, int]]:
    """Return (address, account, value by slot) that an answer of `eth_getProof` proves.

    Raises:
        InvalidProof: a member is missing or misshapen, the proofs do not lead to `state_root`, or
            the answer claims something else than they show.
    """
    try:
        address = _bytes_of(answer["address"])
        shown = answer["storageProof"]
        slots = [_number_of(entry["key"]) for entry in shown]
        claimed = [_number_of(entry["value"]) for entry in shown]
        proof = decode_proof(
            [_bytes_of(part) for part in answer["accountProof"]],
            [[_bytes_of(part) for part in entry["proof"]] for entry in shown],
        )
        stated = ProvedAccount(
            _number_of(answer["nonce"]),
            _number_of(answer["balance"]),
            _bytes_of(answer["codeHash"]),
        )
        root = _bytes_of(answer["storageHash"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidProof(f"the answer lacks a member or has a misshapen one: {error}") from None
    _check_widths(address, slots)
    account, values = verify_state(proof, state_root, address, slots)
    if stated != account:
        raise InvalidProof(f"the answer claims {stated}, the proof shows {account}")
    if claimed != values:
        raise InvalidProof(f"the answer claims the values {claimed}, the proofs show {values}")
    if root != state_root:
        raise InvalidProof("storageHash is not the state root")
    return address, account, dict(zip(slots, values, strict=True))


def _encode_value(proof: ValueProof) -> list[bytes]:
    walks = [_encode_walk(walk) for walk in (proof.delta, proof.intermediate)]
    return [proof.value or b"", *walks, _encode_bucket(proof.snapshot)]


def _encode_walk(walk: Walk | None) -> bytes:
    if walk is None:
        return b""
    steps = (step.bit.to_bytes(2) + step.sibling for step in walk.steps)
    return b"".join((walk.path, walk.value_hash, *steps))


def _encode_bucket(bucket: Bucket | None) -> bytes:
    if bucket is None:
        return b""
    entries = (part for entry in bucket.entries for part in entry)
    return b"".join((*bucket.siblings, *entries))


def _decode_value(parts: Sequence[bytes]) -> ValueProof:
    if len(parts) != VALUE_PARTS:
        raise InvalidProof(f"a value is proved by {VALUE_PARTS} byte strings, not {len(parts)}")
    value, delta, intermediate, snapshot = parts
    return ValueProof(
        value or None, _decode_walk(delta), _decode_walk(intermediate), _decode_bucket(snapshot)
    )


def _decode_walk(data: bytes) -> Walk | None:
    if not data:
        return None
    head, rest = data[: 2 * HASH_BYTES], data[2 * HASH_BYTES :]
    if len(head) != 2 * HASH_BYTES or len(rest) % STEP_BYTES:
        raise InvalidProof(f"{len(data)} bytes are no walk: want 64 and 34 for each step")
    steps = tuple(Step(int.from_bytes(s[:2]), s[2:]) for s in _cut(rest, STEP_BYTES))
    return Walk(head[:HASH_BYTES], head[HASH_BYTES:], steps)


def _decode_bucket(data: bytes) -> Bucket | None:
    if not data:
        return None
    split = BUCKET_LEVELS * HASH_BYTES
    siblings, rest = data[:split], data[split:]
    if len(siblings) != split or len(rest) % (2 * HASH_BYTES):
        raise InvalidProof(f"{len(data)} bytes are no bucket: want {split} and 64 for each entry")
    entries = tuple((e[:HASH_BYTES], e[HASH_BYTES:]) for e in _cut(rest, 2 * HASH_BYTES))
    return Bucket(entries, tuple(_cut(siblings, HASH_BYTES)))


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def _bytes_of(text: Any) -> bytes:
    """Read `0x…` text; client libraries hand over bytes, which pass."""
    if isinstance(text, bytes):
        return bytes(text)
    if type(text) is not str or not text.startswith("0x"):
        raise ValueError(f"want 0x and hex digits, got {text!r:.80}")
    return bytes.fromhex(text[2:])


def _number_of(value: Any) -> int:
    """Read a quantity or a key; client libraries hand over numbers or bytes, which pass."""
    if type(value) is int:
        return value
    if isinstance(value, bytes):
        return int.from_bytes(value)
    if type(value) is not str or not value.startswith("0x"):
        raise ValueError(f"want a quantity, got {value!r:.80}")
    return int(value, 16)


def _check_widths(address: bytes, slots: Sequence[int]) -> None:
    if len(address) != 20:
        raise InvalidProof(f"an address has 20 bytes, not {len(address)}")
    for slot in slots:
        if not 0 <= slot < 1 << 256:
            raise InvalidProof(f"slot {slot} does not fit 256 bits")
