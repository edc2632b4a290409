"""Proofs as an application gets them: JSON in, what it proves out, nothing believed."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.ledger.execution.test_commitment import CONTRACT, run

from sogdia._core import Store
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.execution.proof_encoding import decode_proof, encode_proof
from sogdia.proofs import InvalidProof, verify_answer

ABSENT = b"\x99" * 20


def answer_for(engine: CoreExecutor, address: bytes, slots: list[int]) -> dict[str, Any]:
    """Return what `eth_getProof` answers, from the executor alone."""
    proof = engine.prove(address, slots)
    parts, values = encode_proof(proof)
    stored = engine.account(address)
    return {
        "address": "0x" + address.hex(),
        "accountProof": ["0x" + part.hex() for part in parts],
        "balance": hex(stored.balance),
        "nonce": hex(stored.nonce),
        "codeHash": "0x" + stored.code_hash.hex(),
        "storageHash": "0x" + proof.state_root.hex(),
        "storageProof": [
            {
                "key": hex(slot),
                "value": hex(engine.storage_at(address, slot)),
                "proof": ["0x" + part.hex() for part in shown],
            }
            for slot, shown in zip(slots, values, strict=True)
        ],
    }


@pytest.fixture(scope="module")
def engine() -> CoreExecutor:
    """Values in D, in I and in S, and one that was deleted."""
    return run([[(n, n + 1), (50, n % 2)] for n in range(1, 7)], 2, Store.memory([]))


def root_of(engine: CoreExecutor) -> bytes:
    """Return the state root of the head."""
    roots = engine.epoch_roots(engine.head()[0])
    assert roots is not None
    return roots.state_root


@pytest.mark.parametrize("address", [CONTRACT, ABSENT])
def test_an_answer_proves_what_is_there_and_what_is_not(
    engine: CoreExecutor, address: bytes
) -> None:
    slots = [1, 3, 5, 6, 50, 77, 2**255]
    proved, account, values = verify_answer(answer_for(engine, address, slots), root_of(engine))
    stored = engine.account(address)
    assert proved == address
    assert (account.nonce, account.balance) == (stored.nonce, stored.balance)
    assert values == {slot: engine.storage_at(address, slot) for slot in slots}
    proof = engine.prove(address, slots)
    assert decode_proof(*encode_proof(proof)).slots == proof.slots


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("balance", "0x1"),
        ("nonce", "0x7"),
        ("codeHash", "0x" + "11" * 32),
        ("storageHash", "0x" + "11" * 32),
        ("address", "0x" + "98" * 20),
        ("address", "0x98"),
        ("accountProof", []),
        ("storageProof", None),
        ("balance", None),
    ],
)
def test_a_claim_that_is_not_proved_is_refused(
    engine: CoreExecutor, member: str, value: object
) -> None:
    answer = answer_for(engine, CONTRACT, [1]) | {member: value}
    with pytest.raises(InvalidProof):
        verify_answer(answer, root_of(engine))


def test_a_value_that_is_not_proved_is_refused(engine: CoreExecutor) -> None:
    wrong = [
        ("value", "0x9"),
        ("value", "0x0"),
        ("key", "0x2"),
        ("key", hex(2**256)),
        ("proof", []),
    ]
    for member, value in wrong:
        answer = answer_for(engine, CONTRACT, [1])
        answer["storageProof"][0][member] = value
        with pytest.raises(InvalidProof):
            verify_answer(answer, root_of(engine))
    with pytest.raises(InvalidProof):
        verify_answer(answer_for(engine, CONTRACT, [1]), bytes(32))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_changed_byte_is_believed(engine: CoreExecutor, data: st.DataObject) -> None:
    """Flip, drop or add bytes anywhere in a proof of an absent or a present key."""
    slot = data.draw(st.sampled_from([1, 6, 50, 77]))
    answer = answer_for(engine, data.draw(st.sampled_from([CONTRACT, ABSENT])), [slot])
    parts = data.draw(st.sampled_from([answer["accountProof"], answer["storageProof"][0]["proof"]]))
    place = data.draw(st.integers(0, len(parts) - 1))
    before = bytes.fromhex(parts[place][2:])
    start = data.draw(st.integers(0, len(before)))
    removed = data.draw(st.integers(0, 3))
    after = before[:start] + data.draw(st.binary(max_size=3)) + before[start + removed :]
    if after == before:
        return
    parts[place] = "0x" + after.hex()
    with pytest.raises(InvalidProof):
        verify_answer(answer, root_of(engine))
