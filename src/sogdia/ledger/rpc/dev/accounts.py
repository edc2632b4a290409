"""Editing accounts of a development chain, and acting as them."""

from collections.abc import Callable
from typing import Any

from sogdia.ledger.execution.api import AccountOverride
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.dev.mining import controls
from sogdia.ledger.rpc.errors import InvalidParams
from sogdia.ledger.rpc.eth.accounts import filled_and_signed, settled
from sogdia.ledger.rpc.eth.call_request import Call
from sogdia.ledger.rpc.eth.pending import PENDING_SHOWN_MAX, pending_transaction
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import (
    UINT256_MAX,
    Address,
    Bool,
    Data,
    Hash,
    Quantity,
    Slot,
    Uint64,
)
from sogdia.ledger.rpc.wire import ReadyJson


async def set_balance(node: Backend, address: Address, balance: Quantity) -> bool:
    """Give an account this balance, in drip."""
    await controls(node).edit({address: AccountOverride(balance=balance)})
    return True


async def set_nonce(node: Backend, address: Address, nonce: Uint64) -> bool:
    """Give an account this nonce."""
    await controls(node).edit({address: AccountOverride(nonce=nonce)})
    return True


async def set_code(node: Backend, address: Address, code: Data) -> bool:
    """Put code at an address; its storage stays."""
    if node.console is not None:
        node.console.note_code(code)
    await controls(node).edit({address: AccountOverride(code=code)})
    return True


async def set_storage_at(node: Backend, address: Address, slot: Slot, value: Hash) -> bool:
    """Write one storage slot."""
    number = int.from_bytes(value, "big")
    await controls(node).edit({address: AccountOverride(storage_diff={slot: number})})
    return True


async def add_balance(node: Backend, address: Address, amount: Quantity) -> bool:
    """Give an account so much more, in drip."""
    balance = node.executor.account(address).balance + amount
    if balance > UINT256_MAX:
        raise InvalidParams(f"the balance would be {balance}, more than 256 bits hold")
    await controls(node).edit({address: AccountOverride(balance=balance)})
    return True


def pending_transactions(node: Backend) -> list[ReadyJson]:
    """Return what waits, ready and queued, in the shape of `eth_getTransactionByHash`."""
    ready, queued = node.pool.content()
    return [pending_transaction(each) for each in (*ready, *queued)[:PENDING_SHOWN_MAX]]


async def drop_transaction(node: Backend, transaction: Hash) -> bool:
    """Take a waiting transaction out of the pool; false if it does not wait."""
    return await controls(node).drop([transaction])


async def drop_all_transactions(node: Backend) -> bool:
    """Empty the pool."""
    await controls(node).drop_all(None)
    return True


async def drop_sender(node: Backend, address: Address) -> bool:
    """Take one sender's transactions out of the pool."""
    await controls(node).drop_all(address)
    return True


def impersonate(node: Backend, address: Address) -> bool:
    """Take `eth_sendTransaction` from this account without its key."""
    node.signer.impersonate(address)
    return True


def stop_impersonating(node: Backend, address: Address) -> bool:
    """Ask for the account's key again; false if it was not impersonated."""
    return node.signer.stop_impersonating(address)


def auto_impersonate(node: Backend, enabled: Bool) -> bool:
    """Take `eth_sendTransaction` from every account without its key, or not any more."""
    node.signer.impersonates_all = enabled
    return True


async def send_unsigned_transaction(node: Backend, transaction: Call) -> str:
    """Take a transaction of any account without its key."""
    async with node.signer.sequence:
        with node.signer.impersonating(transaction.sender):
            raw = await filled_and_signed(node, transaction)
        (outcome,) = await node.intake.submit([raw])
    return await settled(node, outcome)


_HANDLERS: dict[str, Callable[..., Any]] = {
    "setBalance": set_balance,
    "setNonce": set_nonce,
    "setCode": set_code,
    "setStorageAt": set_storage_at,
    "dropTransaction": drop_transaction,
    "impersonateAccount": impersonate,
    "stopImpersonatingAccount": stop_impersonating,
}

METHODS = (
    *(
        Method.of(f"{tool}_{name}", handler)
        for tool in ("hardhat", "anvil")
        for name, handler in _HANDLERS.items()
    ),
    Method.of("anvil_autoImpersonateAccount", auto_impersonate),
    Method.of("hardhat_autoImpersonateAccount", auto_impersonate),
    Method.of("anvil_addBalance", add_balance),
    Method.of("hardhat_addBalance", add_balance),
    Method.of("anvil_dropAllTransactions", drop_all_transactions),
    Method.of("hardhat_dropAllTransactions", drop_all_transactions),
    Method.of("debug_clearTxpool", drop_all_transactions),
    Method.of("anvil_removePoolTransactions", drop_sender),
    Method.of("eth_pendingTransactions", pending_transactions),
    Method.of("eth_sendUnsignedTransaction", send_unsigned_transaction),
    # Ganache's names for the same.
    Method.of("evm_setAccountBalance", set_balance),
    Method.of("evm_setAccountNonce", set_nonce),
    Method.of("evm_setAccountCode", set_code),
    Method.of("evm_setAccountStorageAt", set_storage_at),
)
