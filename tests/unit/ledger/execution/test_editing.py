"""Edits of the latest state: what they show, what undo gives back, what a reopening finds."""

import pytest
from tests.unit.ledger.execution.builders import CHAIN_ID, address_of, block, epoch, sign, signer

from sogdia._core import Store
from sogdia.ledger.execution.api import AccountOverride, GenesisAccount
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.execution.errors import WrongEpoch
from sogdia.ledger.params.execution import ExecutionParams

ALICE = signer(1)
CAROL = b"\x33" * 20
CODE = bytes.fromhex("60005460005260206000f3")


def opened(store: Store) -> CoreExecutor:
    return CoreExecutor(store, ExecutionParams(history_epochs=None), chain_id=CHAIN_ID)


def begun(store: Store) -> CoreExecutor:
    engine = opened(store)
    engine.genesis([GenesisAccount(address_of(ALICE), 10**21)], b"g" * 32)
    return engine


def test_genesis_is_not_amended() -> None:
    engine = begun(Store.memory([]))
    with pytest.raises(WrongEpoch):
        engine.editor.edit({CAROL: AccountOverride(balance=1)})
    assert engine.account(CAROL).balance == 0


def test_an_edit_is_the_last_thing_its_epoch_did() -> None:
    store = Store.memory([])
    engine = begun(store)
    engine.execute_epoch(epoch(1, block("a", [sign(ALICE, 0, to=CAROL, value=5)])))
    roots = engine.epoch_roots(1)
    engine.editor.edit({CAROL: AccountOverride(balance=9, code=CODE, storage_diff={1: 7})})
    edited = engine.epoch_roots(1)
    assert edited is not None and edited != roots
    assert (engine.account(CAROL).balance, engine.code(CAROL)) == (9, CODE)
    assert engine.storage_at(CAROL, 1) == 7
    assert engine.account(CAROL, 0).balance == 0 and engine.storage_at(CAROL, 1, 0) == 0
    # A reopening rebuilds the commitment from the change records and compares it with the roots.
    assert opened(store).epoch_roots(1) == edited
    engine.editor.edit({CAROL: AccountOverride(balance=5, code=b"", storage_diff={1: 0})})
    assert engine.epoch_roots(1) == roots
    assert opened(store).account(CAROL).balance == 5


def test_undoing_the_epoch_undoes_the_edit() -> None:
    store = Store.memory([])
    engine = begun(store)
    engine.execute_epoch(epoch(1, block("a")))
    engine.editor.edit({CAROL: AccountOverride(balance=1)})
    engine.execute_epoch(epoch(2, block("b")))
    before = engine.epoch_roots(2)
    engine.editor.edit({CAROL: AccountOverride(balance=2, nonce=3)})
    assert [engine.account(CAROL, at).balance for at in (0, 1, 2)] == [0, 1, 2]
    engine.undo_to(1)
    assert engine.account(CAROL).balance == 1
    assert engine.execute_epoch(epoch(2, block("b"))).roots == before
    engine.undo_to(0)
    assert engine.account(CAROL).balance == 0
    assert opened(store).head()[0] == 0
