"""The longest chain of the timer forest: the clock of the protocol."""

from sogdia.ledger.consensus.stores.blocks import Timer


class TimerChain:
    """The timer chain that accumulates most difficulty among the active blocks."""

    def __init__(self) -> None:
        self.tip: Timer | None = None
        self._timers: list[Timer] = []
        self._first_number = 0

    def __len__(self) -> int:
        """The number of timers, those before the era genesis included."""
        return 0 if self.tip is None else self.tip.number + 1

    @property
    def first_number(self) -> int:
        """Number of the first timer that is not before the era genesis."""
        return self._first_number

    def at(self, number: int) -> Timer:
        """Return the timer with this number, which is at least `first_number`."""
        return self._timers[number - self._first_number]

    def holds(self, timer: Timer) -> bool:
        """Tell whether `timer` is on the chain."""
        if timer.block is None:
            return True  # what lies before the era genesis is settled
        offset = timer.number - self._first_number
        return 0 <= offset < len(self._timers) and self._timers[offset] is timer

    def follow(self, tip: Timer) -> bool:
        """Make `tip` the end of the chain; tell whether earlier timers were replaced."""
        tail = []
        timer: Timer | None = tip
        while timer is not None and timer.block is not None and not self.holds(timer):
            tail.append(timer)
            timer = timer.parent
        kept = 0 if timer is None else max(timer.number + 1 - self._first_number, 0)
        replaced = kept < len(self._timers)
        del self._timers[kept:]
        self._timers.extend(reversed(tail))
        self.tip = tip
        if kept == 0 and self._timers:
            self._first_number = self._timers[0].number
        return replaced

    def last(self, count: int) -> list[Timer]:
        """Return the last `count` timers that do not lie before the era genesis, newest first."""
        return self._timers[: -count - 1 : -1] if count else []

    def drop(self, count: int, tip: Timer | None) -> None:
        """Forget the last `count` timers; `tip` is the one before them."""
        if count:
            del self._timers[-count:]
            self.tip = tip
            if not self._timers:
                self._first_number = len(self)

    def reset(self, tip: Timer | None) -> None:
        """Begin anew with the chain that ends at `tip`, as after pruning."""
        self._timers.clear()
        self.tip = tip
        self._first_number = 0 if tip is None else tip.number + 1
        if tip is not None and tip.block is not None:
            timers = []
            timer: Timer | None = tip
            while timer is not None and timer.block is not None:
                timers.append(timer)
                timer = timer.parent
            self._timers = timers[::-1]
            self._first_number = self._timers[0].number
