"""The `cfx_` methods about accounts of Core Space.

An account here is a user's: Core Space has no contracts on this node, so nobody has code, storage,
stakes or sponsors, and the answers say so.
"""

from typing import Any

from sogdia.conflux.addresses import InvalidCoreAddress, decode_address, encode_address
from sogdia.conflux.backend import HarnessBackend
from sogdia.conflux.errors import InvalidParameter
from sogdia.conflux.keys import core_state_address
from sogdia.conflux.params import Data, Epoch, EpochName, EpochTag, Number, Text
from sogdia.conflux.transfers import CoreTransfer
from sogdia.ledger.execution.api import Account
from sogdia.ledger.primitives.transaction import Transaction
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import hex_data, hex_quantity

NOTHING = hex_quantity(0)
NO_HASH = hex_data(bytes(32))
DRIP_PER_STORED_BYTE = 10**18 // 1_024
PENDING_MAX = 1_000


def get_balance(node: HarnessBackend, address: Text, epoch: Epoch = EpochTag.STATE) -> str:
    """Return what an account of Core Space has, in drip."""
    return hex_quantity(_account(node, address, epoch).balance)


def get_next_nonce(node: HarnessBackend, address: Text, epoch: Epoch = EpochTag.STATE) -> str:
    """Return the nonce of the next transaction of an account of Core Space."""
    return hex_quantity(_account(node, address, epoch).nonce)


def get_account(
    node: HarnessBackend, address: Text, epoch: Epoch = EpochTag.STATE
) -> dict[str, Any]:
    """Return everything that is known of an account."""
    account = _account(node, address, epoch)
    network_id = node.parts.params.network_id
    return {
        "address": address,
        "balance": hex_quantity(account.balance),
        "nonce": hex_quantity(account.nonce),
        "codeHash": hex_data(account.code_hash),
        "stakingBalance": NOTHING,
        "collateralForStorage": NOTHING,
        "accumulatedInterestReturn": NOTHING,
        "admin": encode_address(bytes(20), network_id),
    }


def get_nothing(node: HarnessBackend, address: Text, epoch: Epoch = EpochTag.STATE) -> str:
    """Return what an account has staked, or pays for storage: nothing, without contracts."""
    _account(node, address, epoch)
    return NOTHING


def get_code(node: HarnessBackend, address: Text, epoch: Epoch = EpochTag.STATE) -> str:
    """Return an account's code: a user has none."""
    _account(node, address, epoch)
    return "0x"


def get_storage_at(
    node: HarnessBackend, address: Text, slot: Data, epoch: Epoch = EpochTag.STATE
) -> None:
    """Return what a slot holds: without contracts no slot was ever written."""
    del slot
    _account(node, address, epoch)


def get_admin(node: HarnessBackend, address: Text, epoch: Epoch = EpochTag.STATE) -> None:
    """Return who administers a contract: nobody, without contracts."""
    _account(node, address, epoch)


def get_list(
    node: HarnessBackend, address: Text, epoch: Epoch = EpochTag.STATE
) -> list[dict[str, str]]:
    """Return an account's deposits, or its locked votes: none, without staking."""
    _account(node, address, epoch)
    return []


def get_sponsor_info(
    node: HarnessBackend, address: Text, epoch: Epoch = EpochTag.STATE
) -> dict[str, str]:
    """Return who pays for a contract's callers: nobody."""
    _account(node, address, epoch)
    nobody = encode_address(bytes(20), node.parts.params.network_id)
    return {
        "sponsorForGas": nobody,
        "sponsorForCollateral": nobody,
        "sponsorGasBound": NOTHING,
        "sponsorBalanceForGas": NOTHING,
        "sponsorBalanceForCollateral": NOTHING,
        "availableStoragePoints": NOTHING,
        "usedStoragePoints": NOTHING,
    }


def check_balance(  # noqa: PLR0917  the family's own order
    node: HarnessBackend,
    account: Text,
    contract: Text,
    gas: Number,
    gas_price: Number,
    storage_limit: Number,
    epoch: Epoch = EpochTag.STATE,
) -> dict[str, bool]:
    """Return whether an account can pay for a transaction, and whether nobody does it instead."""
    _account(node, contract, epoch)
    needed = gas * gas_price + storage_limit * DRIP_PER_STORED_BYTE
    return {
        "willPayTxFee": True,
        "willPayCollateral": True,
        "isBalanceEnough": _account(node, account, epoch).balance >= needed,
    }


def get_pending_info(node: HarnessBackend, address: Text) -> dict[str, str]:
    """Return what of an account waits in the pool."""
    waiting = _waiting(node, address)
    return {
        "localNonce": hex_quantity(_account(node, address, EpochTag.STATE).nonce),
        "pendingCount": hex_quantity(len(waiting)),
        "pendingNonce": hex_quantity(waiting[0].nonce if waiting else 0),
        "nextPendingTx": hex_data(waiting[0].hash) if waiting else NO_HASH,
    }


def get_pending_transactions(
    node: HarnessBackend,
    address: Text,
    from_nonce: Number | None = None,
    limit: Number | None = None,
) -> dict[str, Any]:
    """Return the waiting transactions of an account, by nonce, and why the first one waits."""
    waiting = _waiting(node, address)
    shown = [each for each in waiting if each.nonce >= (from_nonce or 0)]
    network_id = node.parts.params.network_id
    placed = {"blockHash": None, "transactionIndex": None, "status": None}
    status: str | dict[str, str] | None = None
    if waiting:
        is_next = waiting[0].nonce == _account(node, address, EpochTag.STATE).nonce
        status = "ready" if is_next else {"pending": "futureNonce"}
    return {
        "pendingTransactions": [
            CoreTransfer.read(each.raw).members(network_id) | placed
            for each in shown[: PENDING_MAX if limit is None else limit]
        ],
        "firstTxStatus": status,
        "pendingCount": hex_quantity(len(waiting)),
    }


def get_pool_nonce(node: HarnessBackend, address: Text) -> str:
    """Return the nonce after all that waits without a gap."""
    return hex_quantity(node.parts.pool.pending_nonce(_state_address(node, address)))


def _waiting(node: HarnessBackend, address: str) -> list[Transaction]:
    ready, queued = node.parts.pool.content(_state_address(node, address))
    return [*ready, *queued]


def _account(node: HarnessBackend, address: str, epoch: EpochName) -> Account:
    number = node.executed_epoch(epoch)
    return node.parts.executor.account(_state_address(node, address), number)


def _state_address(node: HarnessBackend, address: str) -> bytes:
    try:
        return core_state_address(decode_address(address, node.parts.params.network_id))
    except InvalidCoreAddress as error:
        raise InvalidParameter("address", str(error)) from None


METHODS = (
    Method.of("cfx_getBalance", get_balance),
    Method.of("cfx_getNextNonce", get_next_nonce),
    Method.of("cfx_getAccount", get_account),
    Method.of("cfx_getStakingBalance", get_nothing),
    Method.of("cfx_getCollateralForStorage", get_nothing),
    Method.of("cfx_getCode", get_code),
    Method.of("cfx_getStorageAt", get_storage_at),
    Method.of("cfx_getAdmin", get_admin),
    Method.of("cfx_getDepositList", get_list),
    Method.of("cfx_getVoteList", get_list),
    Method.of("cfx_getSponsorInfo", get_sponsor_info),
    Method.of("cfx_checkBalanceAgainstTransaction", check_balance),
    Method.of("cfx_getAccountPendingInfo", get_pending_info),
    Method.of("cfx_getAccountPendingTransactions", get_pending_transactions),
    Method.of("txpool_accountPendingInfo", get_pending_info),
    Method.of("txpool_accountPendingTransactions", get_pending_transactions),
    Method.of("txpool_nextNonce", get_pool_nonce),
)
