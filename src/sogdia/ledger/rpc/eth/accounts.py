"""What the node signs for its development accounts."""

from typing import Annotated, Any

import msgspec
from msgspec.structs import replace

from sogdia.ledger.execution.api import CallRequest
from sogdia.ledger.primitives.transaction import decode_transaction
from sogdia.ledger.primitives.typed_data import InvalidTypedData
from sogdia.ledger.primitives.unsigned import UnsignedTransaction
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.errors import InvalidParams, RpcError
from sogdia.ledger.rpc.eth.call_request import Call
from sogdia.ledger.rpc.eth.calls import estimate_or_raise
from sogdia.ledger.rpc.eth.fees import next_base_price, suggest_tip
from sogdia.ledger.rpc.eth.pending import pending_transaction
from sogdia.ledger.rpc.eth.submit import SYNC_DEFAULT_MS, Milliseconds, executed_receipt
from sogdia.ledger.rpc.eth.unsigned import unsigned_of, unsigned_transaction
from sogdia.ledger.rpc.method import Method, OffLoop
from sogdia.ledger.rpc.params import Address, Data, Param, WrongParam, hex_data, parse_object
from sogdia.ledger.rpc.wire import ReadyJson


def accounts(node: Backend) -> list[str]:
    """Return the addresses that this node signs for; real networks have none."""
    return [hex_data(address) for address in node.signer.addresses]


async def send_transaction(node: Backend, transaction: Call) -> str:
    """Fill, sign and take a transaction of an account that this node signs for."""
    async with node.signer.sequence:
        raw = await filled_and_signed(node, transaction)
        (outcome,) = await node.intake.submit([raw])
    return await settled(node, outcome)


async def send_transaction_sync(
    node: Backend, transaction: Call, timeout_ms: Milliseconds = SYNC_DEFAULT_MS
) -> ReadyJson:
    """Take a transaction as `eth_sendTransaction`; return its receipt once it is executed."""
    sent = await send_transaction(node, transaction)
    return await executed_receipt(node, bytes.fromhex(sent[2:]), timeout_ms)


async def settled(node: Backend, outcome: bytes | RpcError) -> str:
    """Return the hash of what the pool took; where it is mined at once, when it has been.

    Tools that sign by the node read what a transaction did without waiting for its receipt.

    Raises:
        RpcError: the pool refused it.
    """
    if isinstance(outcome, RpcError):
        raise outcome
    if node.development is not None:
        await node.development.settle(outcome)
    return hex_data(outcome)


async def sign_transaction(node: Backend, transaction: Call) -> dict[str, Any]:
    """Fill and sign a transaction without taking it."""
    raw = await filled_and_signed(node, transaction)
    return {"raw": hex_data(raw), "tx": pending_transaction(decode_transaction(raw, node.chain_id))}


async def fill_transaction(node: Backend, transaction: Call) -> dict[str, Any]:
    """Return a transaction with its nonce, gas and prices, and its bytes before the signature."""
    nonce, base = _pending_nonce(node, transaction), next_base_price(node)
    filled = await node.off_loop(lambda: _fill(node, transaction, nonce, base))
    shown = _unsigned(node, filled)
    return {
        "raw": hex_data(shown.encode(0, 0, 0)),
        "tx": unsigned_transaction(filled, shown, base),
    }


def sign(node: Backend, address: Address, data: Data) -> OffLoop:
    """Sign a personal message (EIP-191)."""
    return OffLoop(lambda: hex_data(node.signer.sign_message(address, data)))


def personal_sign(node: Backend, data: Data, address: Address) -> OffLoop:
    """Sign a personal message (EIP-191), arguments the other way round."""
    return sign(node, address, data)


def _parse_typed_data(value: Any) -> dict[str, Any]:
    if type(value) is str:  # some wallets send it as text
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError as error:
            raise WrongParam(f"typed data: {error}") from None
    return parse_object(value)


TypedData = Annotated[
    dict[str, Any], Param("typedData", _parse_typed_data, {"type": ["object", "string"]})
]


def sign_typed_data(node: Backend, address: Address, typed: TypedData) -> OffLoop:
    """Sign typed data (EIP-712)."""

    def run() -> str:
        try:
            return hex_data(node.signer.sign_typed_data(address, typed))
        except InvalidTypedData as error:
            raise InvalidParams(f"invalid argument 1: typed data: {error}") from None

    return OffLoop(run)


async def filled_and_signed(node: Backend, request: CallRequest) -> bytes:
    """Return the signed bytes of a request, with what it leaves open filled in.

    Raises:
        UnknownAccount: the node has no key for the sender.
        RpcError: no gas limit was given, and the transaction fails at any.
    """
    nonce, base = _pending_nonce(node, request), next_base_price(node)

    def fill_and_sign() -> bytes:
        filled = _fill(node, request, nonce, base)
        return node.signer.sign_transaction(request.sender, _unsigned(node, filled))

    return await node.off_loop(fill_and_sign)


def _pending_nonce(node: Backend, request: CallRequest) -> int:
    return node.pool.pending_nonce(request.sender) if request.nonce is None else request.nonce


def _fill(node: Backend, request: CallRequest, nonce: int, base: int) -> CallRequest:
    gas = request.gas
    if gas is None:
        gas = estimate_or_raise(node, request, None)
    return _priced(node, replace(request, nonce=nonce, gas=gas), base)


def _unsigned(node: Backend, filled: CallRequest) -> UnsignedTransaction:
    assert filled.nonce is not None, "it was filled"
    assert filled.gas is not None, "it was filled"
    return unsigned_of(filled, node.chain_id, filled.nonce, filled.gas)


def _priced(node: Backend, request: CallRequest, base: int) -> CallRequest:
    if request.gas_price is not None:
        return request
    tip = request.max_priority_fee_per_gas
    if tip is None:
        tip = suggest_tip(node)
        if request.max_fee_per_gas is not None:
            tip = min(tip, request.max_fee_per_gas)
    # Twice the base price lasts for six full epochs, as wallets offer.
    cap = request.max_fee_per_gas if request.max_fee_per_gas is not None else 2 * base + tip
    return replace(request, max_fee_per_gas=cap, max_priority_fee_per_gas=tip)


METHODS = (
    Method.of("eth_accounts", accounts),
    Method.of("eth_requestAccounts", accounts),
    Method.of("eth_sendTransaction", send_transaction),
    Method.of("eth_sendTransactionSync", send_transaction_sync),
    Method.of("eth_signTransaction", sign_transaction),
    Method.of("eth_fillTransaction", fill_transaction),
    Method.of("eth_sign", sign),
    Method.of("personal_sign", personal_sign),
    Method.of("eth_signTypedData", sign_typed_data),
    Method.of("eth_signTypedData_v3", sign_typed_data),
    Method.of("eth_signTypedData_v4", sign_typed_data),
)
