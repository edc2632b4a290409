"""Calls onto the loop, from its own thread and from another."""

import asyncio
import threading

from sogdia.ledger.node.loop_calls import from_any_thread


def test_calls_come_to_the_loop_from_every_thread_in_order() -> None:
    async def run() -> list[tuple[str, bool]]:
        call_soon = from_any_thread(asyncio.get_running_loop())
        own, done, seen = threading.get_ident(), asyncio.Event(), []

        def hear(who: str) -> None:
            seen.append((who, threading.get_ident() == own))
            if who == "another":
                done.set()

        call_soon(hear, "own")
        assert seen == []  # later, not now
        await asyncio.to_thread(call_soon, hear, "another")
        async with asyncio.timeout(120):
            await done.wait()
        return seen

    assert asyncio.run(run()) == [("own", True), ("another", True)]
