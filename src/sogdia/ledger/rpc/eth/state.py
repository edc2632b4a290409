"""What an account holds, now or at a kept epoch."""

from typing import Any

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.errors import InvalidParams
from sogdia.ledger.rpc.eth.epochs import get_epoch
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import (
    Address,
    Epoch,
    Object,
    Slot,
    Tag,
    WrongParam,
    hex_data,
    hex_quantity,
    parse_address,
    parse_list,
    parse_slot,
)

# Slots in one request: as many as a node reads in about ten milliseconds.
STORAGE_VALUES_MAX = 1_024


def get_balance(node: Backend, address: Address, block: Epoch = Tag.LATEST) -> str:
    """Return the balance in drip."""
    if block is Tag.LATEST or block is Tag.PENDING:
        return hex(node.at_hand.balance(address))
    return hex_quantity(node.executor.account(address, get_epoch(node, block)).balance)


def get_transaction_count(node: Backend, address: Address, block: Epoch = Tag.LATEST) -> str:
    """Return the next nonce; for `pending`, the one after everything that waits ready."""
    nonce = node.executor.account(address, get_epoch(node, block)).nonce
    if block is Tag.PENDING:
        nonce = max(nonce, node.pool.pending_nonce(address))
    return hex_quantity(nonce)


def get_code(node: Backend, address: Address, block: Epoch = Tag.LATEST) -> str:
    """Return the code of a contract, `0x` when there is none."""
    return hex_data(node.executor.code(address, get_epoch(node, block)))


def get_account_info(node: Backend, address: Address, block: Epoch = Tag.LATEST) -> dict[str, str]:
    """Return balance, nonce and code of an account at once."""
    at = get_epoch(node, block)
    account = node.executor.account(address, at)
    return {
        "balance": hex_quantity(account.balance),
        "nonce": hex_quantity(account.nonce),
        "code": hex_data(node.executor.code(address, at)),
    }


def get_storage_at(node: Backend, address: Address, slot: Slot, block: Epoch = Tag.LATEST) -> str:
    """Return the 32 bytes of a storage slot."""
    return _word(node.executor.storage_at(address, slot, get_epoch(node, block)))


def get_storage_values(node: Backend, requests: Object, block: Epoch = Tag.LATEST) -> Any:
    """Return the values of many slots of many accounts at once."""
    at = get_epoch(node, block)
    try:
        wanted = {
            name: (parse_address(name), parse_list(slots, parse_slot, STORAGE_VALUES_MAX))
            for name, slots in requests.items()
        }
    except WrongParam as wrong:
        raise InvalidParams(f"invalid argument 0: {wrong}") from None
    count = sum(len(slots) for _, slots in wanted.values())
    if count == 0:
        raise InvalidParams("empty request")
    if count > STORAGE_VALUES_MAX:
        raise InvalidParams(f"too many slots (max {STORAGE_VALUES_MAX}): {count}")
    return {
        name: [_word(node.executor.storage_at(address, slot, at)) for slot in slots]
        for name, (address, slots) in wanted.items()
    }


def _word(value: int) -> str:
    return f"0x{value:064x}"


METHODS = (
    Method.of("eth_getBalance", get_balance),
    Method.of("eth_getTransactionCount", get_transaction_count),
    Method.of("eth_getCode", get_code),
    Method.of("eth_getAccountInfo", get_account_info),
    Method.of("eth_getStorageAt", get_storage_at),
    Method.of("eth_getStorageValues", get_storage_values),
)
