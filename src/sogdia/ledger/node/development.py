"""What a development chain's user decides: when blocks are made, and what time it is."""

from sogdia.ledger.consensus.api import Consensus
from sogdia.ledger.mining.miner import MiningMode
from sogdia.ledger.node.chain_clock import ChainClock
from sogdia.ledger.node.mining_task import MiningTask


class Development:
    """`sogdia.ledger.rpc.dev.controls.DevelopmentControls` of a running node."""

    def __init__(self, clock: ChainClock, mining: MiningTask, consensus: Consensus) -> None:
        self._clock = clock
        self._mining = mining
        self._consensus = consensus

    @property
    def is_automining(self) -> bool:
        """Whether a block is made as soon as something is ready."""
        return self._mining.mode is MiningMode.INSTANT

    async def set_automine(self, *, is_on: bool) -> None:
        """Make blocks as soon as something is ready, or only when asked."""
        await self._mining.set_mode(MiningMode.INSTANT if is_on else MiningMode.OFF)

    async def set_interval(self, seconds: float) -> None:
        """Make a block every so many seconds; 0 stops that."""
        if seconds > 0:
            await self._mining.set_mode(MiningMode.INTERVAL, interval_s=seconds)
        elif self._mining.mode is MiningMode.INTERVAL:
            await self._mining.set_mode(MiningMode.OFF)

    async def mine(self, count: int, interval_s: int) -> None:
        """Make `count` blocks now, `interval_s` apart on the chain's own clock."""
        for number in range(count):
            if number and interval_s:
                self._clock.advance(interval_s)
            await self._mining.miner.mine()

    def increase_time(self, seconds: int) -> int:
        """Move the chain's clock ahead; return how far it is ahead in all."""
        self._clock.advance(seconds)
        return self._clock.ahead_s

    def set_next_timestamp(self, timestamp: int) -> None:
        """Give the next block this time."""
        last = self._consensus.header(self._consensus.best_block()).timestamp
        if timestamp < last:
            raise ValueError(f"timestamp {timestamp} lies before the last block's, {last}")
        self._clock.hold(timestamp)

    def set_time(self, timestamp: int) -> int:
        """Set the chain's clock; return how far it is ahead of the machine's."""
        self._clock.set(timestamp)
        return self._clock.ahead_s
