"""The numbers that a stranger meets, each with its reason, and the bucket that enforces a rate."""

from dataclasses import dataclass

# A block is at most 200 KiB, a batch of 16 bodies 3.2 MiB: 4 MiB holds the largest honest answer.
FRAME_BYTES_MAX = 4 * 1024 * 1024
# Four of the largest frames: one being sent and what was queued behind it in a bad second.
WRITE_BUFFER_BYTES_MAX = 16 * 1024 * 1024
TLS_TIMEOUT_S = 5.0  # two round trips at 2 s delay; asyncio's 60 s lets 500 sockets camp
HELLO_TIMEOUT_S = 5.0  # the same, for one small message
FRAME_TIMEOUT_S = 30.0  # 4 MiB over 1.2 Mbit/s, the slowest link that can follow the ledger
IDLE_TIMEOUT_S = 60.0  # three missed heartbeats of 20 s
MESSAGES_PER_S = 500.0  # ten times what catching up with 50 blocks a second needs
MESSAGES_BURST = 2_000.0  # a terminal announcement after a partition heals
BYTES_PER_S = 8.0 * 1024 * 1024  # three times a link of 20 Mbit/s
BYTES_BURST = 4.0 * FRAME_BYTES_MAX
BAN_S = 24 * 3_600  # as Bitcoin's; an address rarely keeps its attacker longer


@dataclass(slots=True)
class TokenBucket:
    """Let `rate_per_s` through on average and `burst` at once; time is handed in."""

    rate_per_s: float
    burst: float
    tokens: float = 0.0
    filled_at_s: float = 0.0

    @staticmethod
    def full(rate_per_s: float, burst: float, now_s: float) -> "TokenBucket":
        """Return a bucket that has not been used."""
        return TokenBucket(rate_per_s, burst, burst, now_s)

    def give_back(self, amount: float) -> None:
        """Undo a `take`: what was taken turned out to be wanted."""
        self.tokens = min(self.burst, self.tokens + amount)

    def take(self, amount: float, now_s: float) -> bool:
        """Take `amount` if it is there; a clock that goes back neither fills nor drains."""
        elapsed_s = max(0.0, now_s - self.filled_at_s)
        self.tokens = min(self.burst, self.tokens + elapsed_s * self.rate_per_s)
        self.filled_at_s = max(self.filled_at_s, now_s)
        if amount > self.tokens:
            return False
        self.tokens -= amount
        return True
