"""A state file is loaded whole or not at all."""

import gzip
import json
from typing import Any

import pytest

from sogdia.ledger.execution.api import AccountOverride
from sogdia.ledger.rpc.dev.state_file import (
    BadStateFile,
    StateWriter,
    merge_rows,
    read_state,
    read_whole,
)

NAME = "0x" + "12" * 20
ROWS: list[dict[str, Any]] = [
    {"address": NAME, "nonce": "0x1", "balance": "0x0", "code": "0x6000"},
    {"address": NAME, "storage": {"0x0": "0x2a"}},
    {"address": NAME, "storage": {"0x1": "0x2b"}},
]


def written() -> bytes:
    writer = StateWriter()
    parts = [writer.begin(chain_id=7, epoch=3, timestamp=9), writer.write(ROWS), writer.end()]
    return b"".join(parts)


def rewritten(change: dict[int, Any]) -> bytes:
    """Return the file with some of its lines replaced; None drops one."""
    lines = [json.loads(line) for line in gzip.decompress(written()).splitlines()]
    lines = [change.get(number, line) for number, line in enumerate(lines)]
    return gzip.compress("".join(json.dumps(each) + "\n" for each in lines if each).encode())


def test_what_is_written_is_read_in_any_pieces() -> None:
    whole = written()
    for size in (1, 7, len(whole)):
        begin, *rows = read_state(whole[at : at + size] for at in range(0, len(whole), size))
        assert (begin["chainId"], begin["epoch"], rows) == (7, 3, ROWS)
    assert merge_rows(ROWS) == {
        bytes.fromhex("12" * 20): AccountOverride(
            nonce=1, balance=0, code=b"\x60\x00", storage={0: 42, 1: 43}
        )
    }


def test_a_file_that_was_cut_anywhere_is_refused() -> None:
    whole = written()
    for end in range(len(whole)):
        with pytest.raises(BadStateFile, match="not loaded"):
            read_whole(whole[:end])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({0: {"format": "sogdia-state", "version": 2}}, "of version 2.*reads version 1"),
        ({0: {"block": {}, "accounts": {}}}, "no state that a Sogdia node wrote"),
        ({2: None}, "states 3 rows"),
        ({4: None}, "cut off"),
        ({4: {"rows": 2}}, "states 2 rows"),
        ({1: {**ROWS[0], "balance": "12"}}, "wrong row after 0 rows"),
        ({2: {"address": NAME, "storage": {"0x0": 5}}}, "wrong row after 1 rows"),
    ],
)
def test_another_version_or_a_changed_file_is_refused(change: dict[int, Any], words: str) -> None:
    with pytest.raises(BadStateFile, match=words):
        read_whole(rewritten(change))


def test_more_after_the_end_is_refused() -> None:
    with pytest.raises(BadStateFile):
        read_whole(written() + b"x")
    with pytest.raises(BadStateFile, match="not whole gzip"):
        read_whole(b"{}")
