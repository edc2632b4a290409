"""How often a method may be called: the family's token buckets, read from a test's file.

A line `method="most,first,per second,cost,tolerated"` says how many tokens the bucket holds at the
most and at first, how many come back each second, what a call costs, and how many calls are told
when to come again before they are only told that it is too early.
"""

import dataclasses
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sogdia.conflux.configuration import InvalidConfiguration
from sogdia.conflux.errors import Throttled
from sogdia.ledger.rpc.method import Method

NUMBERS = 5
AGAIN_LATER = "already throttled, please try again later"


@dataclasses.dataclass(slots=True)
class TokenBucket:
    """The tokens of one method; times are seconds of one clock."""

    tokens_max: int
    tokens: float
    per_second: int
    cost: int
    tolerated_max: int
    filled_at_s: float
    throttled_until_s: float = 0.0
    tolerated: int = 0

    def take(self, now_s: float) -> None:
        """Pay for a call.

        Raises:
            Throttled: the bucket is empty; it says how long, to those who are tolerated.
        """
        self.tokens = min(
            self.tokens_max, self.tokens + (now_s - self.filled_at_s) * self.per_second
        )
        self.filled_at_s = now_s
        if self.throttled_until_s > now_s:
            self.tolerated += 1
            if self.tolerated > self.tolerated_max:
                raise Throttled(AGAIN_LATER)
            raise Throttled(f"throttled in {self.throttled_until_s - now_s:.3f}s")
        if self.tokens >= self.cost:
            self.tokens -= self.cost
            return
        wait_s = (self.cost - self.tokens) / self.per_second
        self.throttled_until_s, self.tolerated = now_s + wait_s, 0
        raise Throttled(f"throttled in {wait_s:.3f}s")


def read_buckets(path: Path, section: str, now_s: float) -> dict[str, TokenBucket]:
    """Return the buckets of a section of the file, by method.

    Raises:
        OSError: the file cannot be read.
        InvalidConfiguration: it is no TOML, or a line is not five numbers.
    """
    try:
        lines = tomllib.loads(path.read_text()).get(section, {})
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfiguration(
            key="throttling_conf", value=str(path), want=f"TOML: {error}"
        ) from None
    return {name: _read_bucket(name, line, now_s) for name, line in lines.items()}


def _read_bucket(name: str, line: Any, now_s: float) -> TokenBucket:
    words = line.split(",") if isinstance(line, str) else []
    if len(words) != NUMBERS or not all(word.strip().isdecimal() for word in words):
        raise InvalidConfiguration(key=name, value=str(line), want="five whole numbers")
    most, first, per_second, cost, tolerated = map(int, words)
    if not per_second:
        raise InvalidConfiguration(key=name, value=line, want="tokens that come back")
    return TokenBucket(most, first, per_second, cost, tolerated, now_s)


def throttle(
    methods: Iterable[Method], buckets: dict[str, TokenBucket], now_s: Callable[[], float]
) -> list[Method]:
    """Return the methods, those that have a bucket behind it."""
    return [
        each if each.name not in buckets else _throttled(each, buckets[each.name], now_s)
        for each in methods
    ]


def _throttled(method: Method, bucket: TokenBucket, now_s: Callable[[], float]) -> Method:
    def handler(node: Any, *arguments: Any) -> Any:
        bucket.take(now_s())
        return method.handler(node, *arguments)

    return dataclasses.replace(method, handler=handler)
