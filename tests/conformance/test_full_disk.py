"""A node on a full medium: it says so, stops with 1, and after room was made nothing is missing.

The limit on file sizes stands for the medium, as in the store's own test: it is met within the
journal, before that is flushed or changed for another.
"""

import json
import random
import resource
import urllib.error
from pathlib import Path

from eth_account import Account
from tests.conformance.shell import Up, up

from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS

LIMIT_BYTES = 16 * 1024 * 1024
DATA_BYTES = 120_000  # of one transaction, below the pool's 128 KiB


def large_transaction(nonce: int, chain_id: int) -> str:
    """Return a signed transaction of incompressible data."""
    signed = Account.sign_transaction(
        {
            "to": DEVELOPMENT_ACCOUNTS[1].shown,
            "value": 0,
            "data": random.Random(nonce).randbytes(DATA_BYTES),
            "gas": 8_000_000,
            "gasPrice": 10**11,
            "nonce": nonce,
            "chainId": chain_id,
        },
        DEVELOPMENT_ACCOUNTS[0].key,
    )
    return "0x" + signed.raw_transaction.hex()


def fill(node: Up) -> list[str]:
    """Send until the node is gone; return the hashes it had acknowledged."""
    acknowledged: list[str] = []
    while len(acknowledged) * DATA_BYTES < 4 * LIMIT_BYTES:
        raw = large_transaction(len(acknowledged), node.ready["chain_id"])
        try:
            acknowledged.append(node.call("eth_sendRawTransaction", raw))
        except (KeyError, OSError, urllib.error.URLError):
            return acknowledged
    raise AssertionError("the medium never filled")


def test_a_full_medium_stops_the_node_and_loses_nothing(tmp_path: Path) -> None:
    """Code 1, the words of the runbook, and a clean start afterwards."""
    with up(tmp_path) as node:
        limits = (LIMIT_BYTES, LIMIT_BYTES)
        resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, limits)
        acknowledged = fill(node)
        code, said = node.said_at_its_end()
    assert code == 1
    assert "no room left at" in said
    assert "make room and start again" in said
    assert "Traceback" not in said
    assert acknowledged
    with up(tmp_path) as node:
        for sent in acknowledged:
            assert node.call("eth_getTransactionByHash", sent) is not None
        raw = large_transaction(len(acknowledged), node.ready["chain_id"])
        assert json.dumps(node.call("eth_sendRawTransaction", raw))
