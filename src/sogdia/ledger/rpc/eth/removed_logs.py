"""Logs of epochs that were taken back, as those hear of them who had heard of them before."""

from collections.abc import Iterable
from typing import Any

import msgspec

from sogdia.ledger.rpc.events import RemovedLog

_decode = msgspec.json.Decoder(list[dict[str, Any]]).decode
_encode = msgspec.json.Encoder().encode


def read_removed(arrays: Iterable[bytes]) -> list[RemovedLog]:
    """Return the logs in `arrays`, each as `eth_getLogs` shows it, marked as removed.

    The arrays come newest first, and so do the logs of each: what was told last goes first.
    """
    return [_removed(log) for array in arrays for log in reversed(_decode(array))]


def _removed(log: dict[str, Any]) -> RemovedLog:
    return RemovedLog(
        epoch=int(log["blockNumber"], 16),
        address=bytes.fromhex(log["address"][2:]),
        topics=tuple(bytes.fromhex(topic[2:]) for topic in log["topics"]),
        json=_encode(log | {"removed": True}),
    )
