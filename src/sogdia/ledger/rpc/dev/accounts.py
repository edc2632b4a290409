"""Editing accounts of a development chain, and acting as them."""

from collections.abc import Callable
from typing import Any

from sogdia.ledger.execution.api import AccountOverride
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.dev.mining import controls
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import (
    Address,
    Bool,
    Data,
    Hash,
    Quantity,
    Slot,
    Uint64,
)


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
    await controls(node).edit({address: AccountOverride(code=code)})
    return True


async def set_storage_at(node: Backend, address: Address, slot: Slot, value: Hash) -> bool:
    """Write one storage slot."""
    number = int.from_bytes(value, "big")
    await controls(node).edit({address: AccountOverride(storage_diff={slot: number})})
    return True


async def drop_transaction(node: Backend, transaction: Hash) -> bool:
    """Take a waiting transaction out of the pool; false if it does not wait."""
    return await controls(node).drop([transaction])


def set_coinbase(node: Backend, address: Address) -> bool:
    """Name the author of the blocks that come."""
    controls(node).set_coinbase(address)
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


_HANDLERS: dict[str, Callable[..., Any]] = {
    "setBalance": set_balance,
    "setNonce": set_nonce,
    "setCode": set_code,
    "setStorageAt": set_storage_at,
    "dropTransaction": drop_transaction,
    "setCoinbase": set_coinbase,
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
)
