"""Giving tokens of an ERC-20 contract, and allowances, whoever may mint them.

The slot that holds a number is found by what the contract's own view function reads: the one that,
when it is pretended to hold the wanted number, makes the function answer that number.
"""

from sogdia.ledger.execution.api import AccountOverride, CallRequest, CallStatus
from sogdia.ledger.execution.errors import InvalidCall
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.dev.mining import controls
from sogdia.ledger.rpc.errors import RpcError
from sogdia.ledger.rpc.eth.calls import capped
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import Address, Quantity, hex_data

_BALANCE_OF = keccak256(b"balanceOf(address)")[:4]
_ALLOWANCE = keccak256(b"allowance(address,address)")[:4]
_WORD = 32


class NoSuchSlot(RpcError):
    """No slot of the contract holds what its view function answers."""


async def deal(node: Backend, address: Address, token: Address, balance: Quantity) -> None:
    """Give an account this balance of a token; its total supply stays."""
    await _write(node, token, _BALANCE_OF + address.rjust(_WORD, b"\0"), balance)


async def set_allowance(
    node: Backend, owner: Address, spender: Address, token: Address, amount: Quantity
) -> None:
    """Let a spender take so much of an owner's tokens."""
    words = owner.rjust(_WORD, b"\0") + spender.rjust(_WORD, b"\0")
    await _write(node, token, _ALLOWANCE + words, amount)


async def _write(node: Backend, token: bytes, view: bytes, value: int) -> None:
    """Write the slot that `view` reads.

    Raises:
        NoSuchSlot: the contract keeps the number in no slot of its own, or packed with another.
    """
    request = capped(node, CallRequest(bytes(20), token, data=view))
    place = await node.off_loop(lambda: _find(node, request))
    if place is None:
        raise NoSuchSlot(
            f"no slot found in which {hex_data(token)} keeps the number alone: "
            "it is no ERC-20 contract, or computes it; use setStorageAt"
        )
    address, slot = place
    await controls(node).edit({address: AccountOverride(storage_diff={slot: value})})


def _find(node: Backend, request: CallRequest) -> tuple[bytes, int] | None:
    """Return contract and slot; the contract is another one behind a token that only forwards."""
    # A probe that no contract holds by chance: a value that is there already proves nothing.
    probe = int.from_bytes(keccak256(request.data)[:16])
    try:
        entries, _ = node.tracer.access_list(request)
    except InvalidCall:
        return None
    for address, slots in entries:
        for slot in slots:
            number = int.from_bytes(slot)
            found = {address: AccountOverride(storage_diff={number: probe})}
            result = node.executor.call(request, accounts=found)
            if result.status is CallStatus.SUCCESS and int.from_bytes(result.output) == probe:
                return address, number
    return None


METHODS = (
    Method.of("anvil_dealERC20", deal),
    Method.of("anvil_setERC20Balance", deal),
    Method.of("hardhat_dealERC20", deal),
    Method.of("anvil_setERC20Allowance", set_allowance),
)
