"""Late, and in order."""

import asyncio

from sogdia.conflux.lag import Lag


def test_what_is_late_keeps_its_order() -> None:
    """A lag that shrinks does not let later words overtake; without one nothing waits."""

    async def scenario() -> None:
        done: list[int] = []
        loop, lag = asyncio.get_running_loop(), Lag()
        lag.do(lambda: done.append(0))
        assert done == [0]
        lag.seconds, began_at = 0.05, loop.time()
        lag.do(lambda: done.append(1))
        lag.seconds = 0.0
        lag.do(lambda: done.append(2))
        lag.do(lambda: done.append(3))
        assert done == [0]
        while len(done) < 4:
            await asyncio.sleep(0.01)
        assert done == [0, 1, 2, 3]
        assert loop.time() - began_at >= 0.05
        lag.do(lambda: done.append(4))
        assert done[-1] == 4

    asyncio.run(scenario())
