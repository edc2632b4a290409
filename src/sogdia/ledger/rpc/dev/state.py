"""A development chain's accounts out and in: as one hex blob, or page by page for files.

A blob is the file of `state_file` in hex. It must fit into one answer; `sogdia state export` writes
what does not.
"""

from typing import Annotated, Any

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.dev.console import MARK
from sogdia.ledger.rpc.dev.mining import controls
from sogdia.ledger.rpc.dev.state_file import BadStateFile, parse_row
from sogdia.ledger.rpc.errors import InvalidParams, ResponseTooLarge
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import Data, Param, hex_data, hex_quantity, parse_list, parse_object

PAGE_ROWS_MAX = 5_000


async def dump_state(node: Backend) -> str:
    """Return all accounts as one blob that `loadState` takes."""
    limit = node.limits.response_bytes // 2 - 64
    blob = await controls(node).dump_state(limit)
    if blob is None:
        raise ResponseTooLarge(2 * limit, node.limits.response_bytes)
    return hex_data(blob)


async def load_state(node: Backend, state: Data) -> bool:
    """Put the accounts of a blob in place of those of the same addresses; others stay."""
    try:
        await controls(node).load_state(state)
        _note_code(node)
    except BadStateFile as error:
        raise InvalidParams(str(error)) from None
    return True


async def dump_accounts(node: Backend, after: Data = b"") -> dict[str, Any]:
    """Return a page of rows, where to go on (null: the end), and the epoch they are of."""
    page = await controls(node).dump_page(after)
    return {
        "epoch": hex_quantity(page.epoch),
        "pivot": hex_data(page.pivot),
        "timestamp": hex_quantity(page.timestamp),
        "rows": page.rows,
        "next": None if page.following is None else hex_data(page.following),
    }


def _parse_rows(value: Any) -> list[dict[str, Any]]:
    rows = parse_list(value, parse_object, PAGE_ROWS_MAX)
    for row in rows:
        parse_row(row)
    return rows


Rows = Annotated[list[dict[str, Any]], Param("rows", _parse_rows, {"type": "array"})]


async def load_accounts(node: Backend, rows: Rows) -> bool:
    """Put the accounts of these rows in place of those of the same addresses."""
    await controls(node).load_rows(rows)
    _note_code(node)
    return True


def _note_code(node: Backend) -> None:
    """Look out for lines of contracts from now on: what was loaded may have some that print."""
    if node.console is not None:
        node.console.note_code(MARK)


METHODS = (
    Method.of("anvil_dumpState", dump_state),
    Method.of("hardhat_dumpState", dump_state),
    Method.of("anvil_loadState", load_state),
    Method.of("hardhat_loadState", load_state),
    Method.of("sogdia_dumpAccounts", dump_accounts),
    Method.of("sogdia_loadAccounts", load_accounts),
)
