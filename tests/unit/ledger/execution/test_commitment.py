"""The state root against its slow twin, and proofs against the root alone."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference.state_commitment import state_root
from tests.unit.ledger.execution.builders import (
    CHAIN_ID,
    address_of,
    block,
    epoch,
    executor,
    sign,
    signer,
)

from sogdia._core import Store
from sogdia.ledger.execution.api import AccountOverride, GenesisAccount
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.execution.errors import MissingHistory
from sogdia.ledger.execution.proofs import (
    InvalidProof,
    StateProof,
    ValueProof,
    Walk,
    verify_state,
)
from sogdia.ledger.params.execution import ExecutionParams

ALICE = signer(1)
# Writes word 1 of its call data to the slot in word 0.
WRITER = bytes.fromhex("60203560003555")
CONTRACT = b"\xcc" * 20

Writes = list[tuple[int, int]]


def rows(store: Store) -> dict[bytes, bytes]:
    """Return the whole state table."""
    return dict(store.range("state"))


def run(epochs: list[Writes], window: int, store: Store) -> CoreExecutor:
    """Execute one write a transaction, and compare each root with the twin's."""
    params = ExecutionParams(snapshot_epochs=window)
    engine = executor(
        ALICE, store=store, params=params, accounts=[GenesisAccount(CONTRACT, code=WRITER)]
    )
    history: list[dict[bytes, bytes | None]] = [dict(rows(store))]
    nonce = 0
    for number, writes in enumerate(epochs, start=1):
        before = rows(store)
        transactions = []
        for slot, value in writes:
            data = slot.to_bytes(32, "big") + value.to_bytes(32, "big")
            transactions.append(sign(ALICE, nonce, to=CONTRACT, data=data))
            nonce += 1
        outcome = engine.execute_epoch(epoch(number, block(f"b{number}", transactions)))
        after = rows(store)
        history.append({k: after.get(k) for k in before | after if before.get(k) != after.get(k)})
        assert outcome.roots.state_root == state_root(history, window)
    return engine


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=3),
        min_size=1,
        max_size=9,
    ),
    st.integers(1, 4),
)
def test_every_root_equals_the_twins(epochs: list[Writes], window: int) -> None:
    """C1, C2: writes, overwrites and deletions, over several windows."""
    run(epochs, window, Store.memory([]))


@pytest.mark.parametrize("length", [1, 3, 5, 8])
def test_proofs_show_what_is_there_and_what_is_not(length: int) -> None:
    """With windows of 2 epochs, values lie in D, in I and in S."""
    epochs = [[(n, n + 1), (100 - n, 7), (50, n % 2)] for n in range(1, length + 1)]
    engine = run(epochs, 2, Store.memory([]))
    head, _ = engine.head()
    roots = engine.epoch_roots(head)
    assert roots is not None
    slots = [*range(12), 50, *range(90, 101), 2**255]
    proof = engine.prove(CONTRACT, slots)
    account, values = verify_state(proof, roots.state_root, CONTRACT, slots)
    assert values == [engine.storage_at(CONTRACT, slot) for slot in slots]
    stored = engine.account(CONTRACT)
    assert (account.nonce, account.balance) == (stored.nonce, stored.balance)
    assert account.code_hash == stored.code_hash
    nobody = engine.prove(b"\x99" * 20, [])
    assert verify_state(nobody, roots.state_root, b"\x99" * 20, [])[0].balance == 0
    sender = engine.prove(address_of(ALICE), [])
    found, _ = verify_state(sender, roots.state_root, address_of(ALICE), [])
    assert found.nonce == 3 * length


@pytest.mark.parametrize("window", [1, 2, 5, 100])
def test_every_epoch_of_the_present_window_is_proved(window: int) -> None:
    """Each against its own root; those before it are refused, and the head's proof stays."""
    engine = run([[(n % 3, n), (100 - n, 7)] for n in range(1, 9)], window, Store.memory([]))
    head, _ = engine.head()
    latest = engine.prove(CONTRACT, [0, 1, 2])
    provable = []
    for number in range(head + 1):
        roots = engine.epoch_roots(number)
        assert roots is not None
        try:
            proof = engine.prove(CONTRACT, [0, 1, 2], number)
        except MissingHistory as refused:
            assert (refused.epoch, refused.newest) == (number, head)
            assert number < refused.oldest <= head
        else:
            provable.append(number)
            _, values = verify_state(proof, roots.state_root, CONTRACT, [0, 1, 2])
            assert values == [engine.storage_at(CONTRACT, slot, number) for slot in range(3)]
            assert proof.epoch == number
        assert engine.prove(CONTRACT, [0, 1, 2]) == latest
    assert provable == list(range(head - head % window, head + 1))


def test_a_proof_takes_back_a_bounded_number_of_changes() -> None:
    """10,000 at most: 40 epochs of 300 writes are 12,000 and more."""
    engine = executor(ALICE, accounts=[GenesisAccount(CONTRACT, code=WRITER)])
    for number in range(1, 41):
        engine.execute_epoch(epoch(number, block(f"b{number}")))
        edits = dict.fromkeys(range(300), number)
        engine.editor.edit({CONTRACT: AccountOverride(storage_diff=edits)})
    engine.prove(CONTRACT, [1], 20)
    with pytest.raises(MissingHistory) as refused:
        engine.prove(CONTRACT, [1], 1)
    assert 1 < refused.value.oldest < 20
    proof = engine.prove(CONTRACT, [1], refused.value.oldest)
    roots = engine.epoch_roots(refused.value.oldest)
    assert roots is not None
    verify_state(proof, roots.state_root, CONTRACT, [1])


def test_a_proof_of_other_keys_or_another_value_is_refused() -> None:
    engine = run([[(1, 5)], [(2, 6)], [(3, 7)], [(4, 8)]], 2, Store.memory([]))
    head, _ = engine.head()
    roots = engine.epoch_roots(head)
    assert roots is not None
    proof = engine.prove(CONTRACT, [1, 3])
    for slots in ([3, 1], [1, 4], [1]):
        with pytest.raises(InvalidProof):
            verify_state(proof, roots.state_root, CONTRACT, slots)
    with pytest.raises(InvalidProof):
        verify_state(proof, bytes(32), CONTRACT, [1, 3])
    for forged in forgeries(proof):
        with pytest.raises(InvalidProof):
            verify_state(forged, roots.state_root, CONTRACT, [1, 3])


def forgeries(proof: StateProof) -> list[StateProof]:
    """Return the proof with another value, without a value, and with each part altered."""
    first, second = proof.slots
    forged = [
        replace(proof, slots=(replace(first, value=b"\x09"), second)),
        replace(proof, slots=(replace(first, value=None), second)),
        replace(proof, slots=(ValueProof(None, None, None, None), second)),
    ]
    chance = random.Random(1)
    for value in proof.slots:
        for name in ("delta", "intermediate"):
            walk = getattr(value, name)
            if walk is None:
                continue
            assert isinstance(walk, Walk)
            altered = replace(walk, value_hash=chance.randbytes(32))
            forged.append(replace(proof, slots=(first, replace(value, **{name: altered}))))
            forged.append(replace(proof, slots=(first, replace(value, **{name: None}))))
    return forged


def test_a_reopened_executor_proves_the_same() -> None:
    store = Store.memory([])
    engine = run([[(n, n)] for n in range(1, 8)], 2, store)
    reopened = CoreExecutor(store, ExecutionParams(snapshot_epochs=2), chain_id=CHAIN_ID)
    assert reopened.prove(CONTRACT, [1, 5, 9]) == engine.prove(CONTRACT, [1, 5, 9])
