"""Returning a development chain to what it was."""

from typing import Annotated, Any

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.dev.mining import Number, controls
from sogdia.ledger.rpc.errors import InvalidParams
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import Param, WrongParam, hex_quantity, parse_object


async def snapshot(node: Backend) -> str:
    """Remember the chain as it is now; return the snapshot's number."""
    return hex_quantity(await controls(node).snapshot())


def list_snapshots(node: Backend) -> list[dict[str, str]]:
    """Return number and epoch of each snapshot that can be returned to."""
    taken = controls(node).snapshot_epochs()
    return [
        {"snapshot": hex_quantity(number), "epoch": hex_quantity(epoch)}
        for number, epoch in taken.items()
    ]


async def revert(node: Backend, number: Number) -> bool:
    """Return to a snapshot, which is used up with all later ones; false if there is none."""
    try:
        return await controls(node).revert(number)
    except ValueError as error:
        raise InvalidParams(str(error)) from None


def _parse_reset(value: Any) -> dict[str, Any]:
    # Tools write the member with nothing in it when they mean a plain reset.
    forking = parse_object(parse_object(value).get("forking") or {})
    if any(member is not None for member in forking.values()):
        raise WrongParam("this node forks no other chain: leave `forking` out")
    return {}


ResetOptions = Annotated[dict[str, Any], Param("options", _parse_reset, {"type": "object"})]


async def reset(node: Backend, options: ResetOptions | None = None) -> bool:
    """Return to genesis, with an empty pool; snapshots and impersonations are forgotten."""
    del options
    try:
        await controls(node).reset()
    except ValueError as error:
        raise InvalidParams(str(error)) from None
    node.signer.forget_impersonated()
    return True


METHODS = (
    Method.of("sogdia_listSnapshots", list_snapshots),
    Method.of("evm_snapshot", snapshot),
    Method.of("anvil_snapshot", snapshot),
    Method.of("evm_revert", revert),
    Method.of("anvil_revert", revert),
    Method.of("hardhat_reset", reset),
    Method.of("anvil_reset", reset),
)
