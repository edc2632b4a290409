"""The line that says of a quiet day that the node was there."""

import asyncio
import io
import json
from pathlib import Path

from tests.unit.ledger.node.chains import ledger, mine, transfer

from sogdia.ledger.node.heartbeat import say_regularly
from sogdia.ledger.node.logs import log


def test_it_says_where_the_ledger_stands_again_and_again(tmp_path: Path) -> None:
    stream = io.StringIO()

    async def listen() -> None:
        task = asyncio.create_task(say_regularly(parts, lambda: 7, every_s=0.001))
        while stream.getvalue().count("\n") < 2:
            await asyncio.sleep(0.001)
        task.cancel()

    log.configure("info", "json", stream)
    try:
        with ledger(tmp_path) as parts:
            mine(parts, count=3)
            parts.pool.add([transfer(parts, nonce=0), transfer(parts, nonce=2)])
            asyncio.run(listen())
    finally:
        log.configure("info", "text")
    said = json.loads(stream.getvalue().splitlines()[1])
    assert {name: said[name] for name in ("event", "epoch", "height", "waiting", "peers")} == {
        "event": "running",
        "epoch": 3,
        "height": 3,
        "waiting": 2,
        "peers": 7,
    }
