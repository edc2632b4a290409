"""A bucket of calls for each address: it refills at a steady rate and holds one second's worth."""

from collections.abc import Callable

# Addresses remembered at once. An address beyond it begins with a full bucket again, which only
# helps a caller that owns ten thousand addresses.
ADDRESSES_MAX = 10_000


class RateLimiter:
    """Token buckets. `clock` returns seconds that never go backwards."""

    def __init__(self, calls_per_second: float, clock: Callable[[], float]) -> None:
        self._rate = calls_per_second
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}  # address -> (calls left, as of)

    def take(self, address: str, calls: int) -> float:
        """Take `calls` from the bucket of `address`; return 0, or the seconds to wait if refused.

        A batch larger than a whole bucket is served from a full one, and leaves a debt.
        """
        now = self._clock()
        left, since = self._buckets.pop(address, (self._rate, now))
        left = min(self._rate, left + (now - since) * self._rate)
        need = min(float(calls), self._rate)
        if left < need:
            self._buckets[address] = (left, now)
            return (need - left) / self._rate
        self._buckets[address] = (left - calls, now)
        if len(self._buckets) > ADDRESSES_MAX:
            self._buckets.pop(next(iter(self._buckets)))
        return 0.0
