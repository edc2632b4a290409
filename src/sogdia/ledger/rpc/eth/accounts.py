"""What the node signs for its development accounts."""

from typing import Annotated, Any

import msgspec

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
from sogdia.ledger.rpc.method import Method, OffLoop
from sogdia.ledger.rpc.params import Address, Data, Param, WrongParam, hex_data, parse_object


def accounts(node: Backend) -> list[str]:
    """Return the addresses that this node signs for; real networks have none."""
    return [hex_data(address) for address in node.signer.addresses]


async def send_transaction(node: Backend, transaction: Call) -> str:
    """Fill, sign and take a transaction of an account that this node signs for."""
    async with node.signer.sequence:
        raw = await _filled_and_signed(node, transaction)
        (outcome,) = await node.intake.submit([raw])
    if isinstance(outcome, RpcError):
        raise outcome
    return hex_data(outcome)


async def sign_transaction(node: Backend, transaction: Call) -> dict[str, Any]:
    """Fill and sign a transaction without taking it."""
    raw = await _filled_and_signed(node, transaction)
    return {"raw": hex_data(raw), "tx": pending_transaction(decode_transaction(raw, node.chain_id))}


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


async def _filled_and_signed(node: Backend, request: CallRequest) -> bytes:
    nonce = request.nonce
    if nonce is None:
        nonce = node.pool.pending_nonce(request.sender)
    base = next_base_price(node)

    def fill_and_sign() -> bytes:
        gas = request.gas
        if gas is None:
            gas = estimate_or_raise(node, request, None)
        transaction = UnsignedTransaction(
            chain_id=node.chain_id,
            nonce=nonce,
            gas=gas,
            to=request.to,
            value=request.value,
            data=request.data,
            access_list=request.access_list or None,
            authorizations=request.authorizations,
            **_fee_fields(node, request, base),
        )
        return node.signer.sign_transaction(request.sender, transaction)

    return await node.off_loop(fill_and_sign)


def _fee_fields(node: Backend, request: CallRequest, base: int) -> dict[str, int]:
    if request.gas_price is not None:
        return {"gas_price": request.gas_price}
    tip = request.max_priority_fee_per_gas
    if tip is None:
        tip = suggest_tip(node)
        if request.max_fee_per_gas is not None:
            tip = min(tip, request.max_fee_per_gas)
    # Twice the base price lasts for six full epochs, as wallets offer.
    cap = request.max_fee_per_gas if request.max_fee_per_gas is not None else 2 * base + tip
    return {"max_fee_per_gas": cap, "max_priority_fee_per_gas": tip}


METHODS = (
    Method.of("eth_accounts", accounts),
    Method.of("eth_sendTransaction", send_transaction),
    Method.of("eth_signTransaction", sign_transaction),
    Method.of("eth_sign", sign),
    Method.of("personal_sign", personal_sign),
    Method.of("eth_signTypedData", sign_typed_data),
    Method.of("eth_signTypedData_v4", sign_typed_data),
)
