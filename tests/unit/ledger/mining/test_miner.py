"""When blocks are made, and that a search ends when it should."""

import asyncio
from dataclasses import replace

import pytest
from tests.unit.ledger.mempool.builders import transfer

from sogdia.ledger.mining.miner import GATHER_S, QUIET_S, Miner, MiningMode
from sogdia.ledger.mining.search import MADE_UP_S, SLICE_S, WorkSearch
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.work import meets, pow_hash

HEADER = Header(
    parent=bytes(32),
    height=1,
    timestamp=0,
    author=bytes(20),
    transactions_root=bytes(32),
    deferred_state_root=bytes(32),
    deferred_receipts_root=bytes(32),
    deferred_logs_bloom_hash=bytes(32),
    blame=0,
    difficulty=1,
    is_adaptive=False,
    gas_limit=1,
)
IMPOSSIBLE = 1 << 255


class Chain:
    """A writer that keeps blocks in a list and packs what a test puts in `waiting`."""

    def __init__(self, *, difficulty: int = 1) -> None:
        self.difficulty = difficulty
        self.waiting: list[int] = []
        self.blocks: list[Block] = []
        self.builds = 0
        self.can_build = True

    async def build(self) -> Block | None:
        """Build over the number of blocks so far."""
        self.builds += 1
        if not self.can_build:
            return None
        header = replace(HEADER, height=len(self.blocks) + 1, difficulty=self.difficulty)
        return Block(header, tuple(transfer(0, nonce) for nonce in self.waiting[:2]))

    async def submit(self, block: Block) -> None:
        """Keep a block."""
        del self.waiting[: len(block.transactions)]
        self.blocks.append(block)


async def settle() -> None:
    """Let everything that can run, run."""
    for _ in range(50):
        await asyncio.sleep(0)


def test_instant_mode_makes_blocks_while_something_waits() -> None:
    """Five transactions, two a block; none without. A wait follows a block of several."""

    async def story() -> None:
        chain = Chain()
        waits: list[tuple[int, float]] = []

        async def sleep(seconds: float) -> None:
            waits.append((len(chain.blocks), seconds))

        miner = Miner(chain, WorkSearch(lambda: 7), MiningMode.INSTANT, sleep=sleep)
        running = asyncio.create_task(miner.run())
        await settle()
        assert chain.blocks == []
        chain.waiting = [0, 1, 2, 3, 4]
        miner.on_pool()
        await settle()
        assert [len(block.transactions) for block in chain.blocks] == [2, 2, 1]
        assert waits == [(1, QUIET_S), (2, QUIET_S)]
        running.cancel()

    asyncio.run(story())


def test_a_block_waits_for_more_only_while_more_comes() -> None:
    """Each event prolongs the wait by one pause, what is on its way too, up to the longest."""

    async def story() -> None:
        chain = Chain()
        pauses: list[str] = []
        events: list[str] = []
        coming: list[bool] = []

        async def sleep(seconds: float) -> None:
            assert seconds == QUIET_S
            pauses.append(events.pop(0) if events else "quiet")
            if pauses[-1] == "pool":
                miner.on_pool()

        miner = Miner(
            chain,
            WorkSearch(lambda: 7),
            MiningMode.INSTANT,
            sleep=sleep,
            is_more_coming=lambda: bool(coming) and coming.pop(0),
        )
        running = asyncio.create_task(miner.run())

        async def pauses_after(happens: list[str], on_their_way: list[bool]) -> list[str]:
            pauses.clear()
            events[:], coming[:] = happens, on_their_way
            chain.waiting = [0, 1]
            miner.on_pool()
            await settle()
            return list(pauses)

        most = round(GATHER_S / QUIET_S)
        assert await pauses_after([], []) == ["quiet"]
        assert await pauses_after(["pool"], []) == ["pool", "quiet"]
        assert await pauses_after([], [True, False]) == ["quiet", "quiet"]
        assert await pauses_after(["pool"] * 99, []) == ["pool"] * most
        assert await pauses_after([], [True] * 99) == ["quiet"] * most
        running.cancel()

    asyncio.run(story())


def test_settling_ends_with_the_block_or_with_rest() -> None:
    """A waiter sees its block made; what no block takes, and the end of mining, hold nobody."""

    async def story() -> None:
        chain = Chain()
        miner = Miner(chain, WorkSearch(lambda: 7), MiningMode.INSTANT)
        running = asyncio.create_task(miner.run())
        chain.waiting = [0, 1, 2]
        miner.on_pool()
        await miner.settle(lambda: len(chain.blocks) == 2)
        assert chain.waiting == []
        miner.on_pool()  # of something that cannot be packed
        await miner.settle(lambda: False)
        miner.on_pool()
        chain.can_build = False
        waiting = asyncio.create_task(miner.settle(lambda: False))
        running.cancel()
        await waiting
        off = Miner(chain, WorkSearch(lambda: 7), MiningMode.OFF)
        await off.settle(lambda: False)

    asyncio.run(asyncio.wait_for(story(), 60))


def test_interval_mode_makes_a_block_a_beat_empty_or_not() -> None:
    """The beat is kept by a clock of the test's own."""

    async def story() -> None:
        chain = Chain()
        beats: list[float] = []

        async def sleep(seconds: float) -> None:
            beats.append(seconds)
            if len(beats) > 3:
                await asyncio.Event().wait()

        miner = Miner(chain, WorkSearch(lambda: 0), MiningMode.INTERVAL, interval_s=9, sleep=sleep)
        running = asyncio.create_task(miner.run())
        await settle()
        assert [block.header.height for block in chain.blocks] == [1, 2, 3]
        assert 8 < beats[0] <= 9
        running.cancel()

    asyncio.run(story())


def test_a_block_is_made_on_demand_in_any_mode() -> None:
    """Mode off does nothing by itself."""

    async def story() -> None:
        chain = Chain()
        miner = Miner(chain, WorkSearch(lambda: 0), MiningMode.OFF)
        await miner.run()
        assert await miner.mine(allow_empty=False) is None
        block = await miner.mine()
        assert chain.blocks == [block]
        chain.can_build = False
        assert await miner.mine() is None

    asyncio.run(story())


def test_work_mode_finds_nonces_and_starts_again_when_the_tip_moves() -> None:
    """An impossible difficulty until the tip moves; then one that a core meets at once."""

    async def story() -> None:
        chain = Chain(difficulty=IMPOSSIBLE)
        search = WorkSearch(lambda: 123)
        miner = Miner(chain, search, MiningMode.WORK)
        running = asyncio.create_task(miner.run())
        await asyncio.sleep(0.05)
        assert (chain.builds, chain.blocks) == (1, [])
        chain.difficulty = 1_000
        miner.on_tip()
        while len(chain.blocks) < 3:
            await asyncio.sleep(0.005)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        search.close()
        for block in chain.blocks:
            header = block.header
            assert header.difficulty == 1_000
            assert header.nonce >= 123
            assert meets(pow_hash(header.problem_hash, header.nonce), header.nonce, 1_000)

    asyncio.run(story())


def test_a_cancelled_search_lets_its_thread_go() -> None:
    """Else the process could not end."""

    async def story() -> None:
        search = WorkSearch(lambda: 0)
        miner = Miner(Chain(difficulty=IMPOSSIBLE), search, MiningMode.OFF)
        mining = asyncio.create_task(miner.mine())
        await asyncio.sleep(0.02)
        mining.cancel()
        with pytest.raises(asyncio.CancelledError):
            await mining
        await asyncio.wait_for(asyncio.to_thread(search.close), timeout=120)

    asyncio.run(story())


def test_an_interval_must_be_positive() -> None:
    """The words name the value."""
    with pytest.raises(ValueError, match="interval_s is 0"):
        Miner(Chain(), WorkSearch(lambda: 0), MiningMode.INTERVAL, interval_s=0)


def test_a_limited_search_tries_no_more_than_its_share() -> None:
    """On the loop's own clock, every other time interrupted: what it finds tells what it tried."""

    async def story() -> None:
        loop = asyncio.get_running_loop()
        rate, difficulty = 20_000.0, 500
        search = WorkSearch(lambda: 0, rate)
        block = Block(replace(HEADER, difficulty=difficulty))
        begun, tried, turn = loop.time(), 0, 0
        while tried < 30_000:
            turn += 1
            interruption = loop.call_later(0.07, search.interrupt) if turn % 2 else None
            solved = await search.solve(block)
            if interruption is not None:
                interruption.cancel()
            if solved is not None:
                tried += solved.header.nonce + 1
                # Another problem next time, or the same nonce would be found.
                header = replace(block.header, height=block.header.height + 1)
                block = Block(header)
        # So much may be made up for at once, and the last slice is not rested for yet.
        assert loop.time() - begun >= tried / rate - MADE_UP_S - SLICE_S
        search.close()

    asyncio.run(story())


def test_a_limited_search_ends_when_it_is_interrupted() -> None:
    """While it rests, too."""

    async def story() -> None:
        search = WorkSearch(lambda: 0, 1.0)
        loop = asyncio.get_running_loop()
        for _ in range(3):
            loop.call_later(0.01, search.interrupt)
            async with asyncio.timeout(120):
                assert await search.solve(Block(replace(HEADER, difficulty=IMPOSSIBLE))) is None
        search.close()

    asyncio.run(story())
