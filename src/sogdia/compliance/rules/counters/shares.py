"""Shamir shares of a sum: three shares on a line, of which any one is a random number.

S1  One share says nothing of the sum; two give it.
S2  Three shares that are not on one line are refused, so one party that lies is found out.
"""

from collections.abc import Callable, Sequence

# The field in which MPyC computes on 64-bit integers with 30 bits of statistical security: the
# largest prime of 96 bits that MPyC chooses for it. A party checks at start that it still does.
FIELD_PRIME = 79228162514264337593543950319
PARTIES = 3
# Amounts stay far below the field, so that no sum of a month can wrap: 2^53 cents is 90 trillion.
UNITS_MAX = 2**53 - 1


def split(value: int, randbelow: Callable[[int], int]) -> tuple[int, int, int]:
    """Split `value` (0 to 2^53 - 1) into the shares of parties 1, 2 and 3.

    `randbelow(n)` returns a uniform integer below n from a cryptographic source.
    Raises ValueError when the value is out of range.
    """
    if not 0 <= value <= UNITS_MAX:
        raise ValueError(f"{value} is not between 0 and {UNITS_MAX}")
    slope = randbelow(FIELD_PRIME)
    first, second, third = ((value + slope * x) % FIELD_PRIME for x in (1, 2, 3))
    return first, second, third


def join(shares: Sequence[int]) -> int:
    """Return the value that three shares stand for.

    Raises ValueError when they do not lie on one line: a party erred or lied.
    """
    if len(shares) != PARTIES or not all(0 <= share < FIELD_PRIME for share in shares):
        raise ValueError(f"{len(shares)} shares are not {PARTIES} elements of the field")
    first, second, third = shares
    if (first - 2 * second + third) % FIELD_PRIME:
        raise ValueError("the three shares do not agree: a party erred or lied")
    return (2 * first - second) % FIELD_PRIME
