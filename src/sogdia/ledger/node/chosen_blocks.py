"""What a development chain's user chose for the blocks to come. Runs on the ledger's thread.

G1  A base price, a PREVRANDAO or a time for the next block is used once; a gas limit, an author
    and a step between timestamps hold until they are changed.
G2  The pool measures what comes in against what was chosen.
"""

from sogdia.ledger.execution.driver import Advance
from sogdia.ledger.mining.builder import BlockChoices
from sogdia.ledger.node.chain_clock import TIME_MAX_S, ChainClock
from sogdia.ledger.node.parts import Parts


class ChosenBlocks:
    """Changes what the miner builds, and forgets what was for one block."""

    def __init__(self, parts: Parts, clock: ChainClock, choices: BlockChoices) -> None:
        """Change `choices`, the miner's own."""
        self._parts = parts
        self._clock = clock
        self._choices = choices
        self._step_s: int | None = None
        parts.ledger.listeners.append(self._on_advance)

    @property
    def base_price(self) -> int | None:
        """What the next block's base price will be, drip per gas, if it was chosen."""
        return self._choices.base_price

    def set_author(self, author: bytes) -> None:
        """Name `author` in the blocks from now on."""
        self._choices.author = author

    def set_gas_limit(self, gas_limit: int) -> None:
        """Give the blocks from now on this gas limit."""
        self._choices.gas_limit = gas_limit
        self._tell_pool()

    def set_base_price(self, base_price: int) -> None:
        """Give the next block this base price, drip per gas; those after follow from it."""
        self._choices.base_price = base_price
        self._tell_pool()

    def set_prev_randao(self, value: bytes) -> None:
        """Show `value` as PREVRANDAO in the next epoch."""
        self._parts.ledger.driver.next_prev_randao = value

    def set_step(self, seconds: int | None) -> None:
        """Put blocks `seconds` apart by their own timestamps, or let the clock say when."""
        if self._step_s is not None:
            self._clock.let_go()
        self._step_s = seconds
        self._hold_next()

    def forget(self) -> None:
        """Let the rules decide again, but for the author."""
        self.set_step(None)
        self._choices.gas_limit = self._choices.base_price = None
        self._parts.ledger.driver.next_prev_randao = None

    def _on_advance(self, advance: Advance) -> None:
        if advance.executed:
            self._choices.base_price = None
        if advance.undone:
            self._choices.base_price = self._parts.ledger.driver.next_prev_randao = None
        if self._choices.gas_limit is not None:
            self._tell_pool()
        self._hold_next()

    def _hold_next(self) -> None:
        if self._step_s is not None:
            consensus = self._parts.consensus
            tip = consensus.header(consensus.best_block())
            self._clock.hold(min(tip.timestamp + self._step_s, TIME_MAX_S))

    def _tell_pool(self) -> None:
        consensus, choices = self._parts.consensus, self._choices
        tip = consensus.header(consensus.best_block())
        gas_limit = tip.gas_limit if choices.gas_limit is None else choices.gas_limit
        _, espace_gas = consensus.space_gas_limits(tip.height + 1, gas_limit)
        usual = 0 if tip.base_price is None else tip.base_price[1]
        base_price = usual if choices.base_price is None else choices.base_price
        self._parts.pool.set_conditions(base_price=base_price, block_gas_max=espace_gas)
