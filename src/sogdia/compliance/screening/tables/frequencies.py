"""How much a Mandarin name says: the rarer its syllables, the less two people share it by chance.

Evidence is counted in bits, -log2 of the share of people who bear the syllable in that place, so
that a name's evidence is the sum over its syllables. The counts are in `mandarin_frequencies.toml`.
"""

from functools import cache
from math import log2

from sogdia.compliance.screening.tables import han
from sogdia.compliance.screening.tables.data import load_table

# Added to every count and, times the number of kinds, to the total: a syllable that was not met
# among the delegates is rare, not impossible.
_UNSEEN_COUNT = 0.5
_KINDS = 400  # syllables of Mandarin without tones


def _shares(rows: str) -> tuple[dict[str, float], float]:
    """Return the bits of each syllable counted, and those of one never met."""
    counts = {name: int(count) for name, count in (row.split(":") for row in rows.split())}
    total = sum(counts.values()) + _UNSEEN_COUNT * _KINDS
    bits = {name: -log2((count + _UNSEEN_COUNT) / total) for name, count in counts.items()}
    return bits, -log2(_UNSEEN_COUNT / total)


@cache
def _tables() -> tuple[tuple[dict[str, float], float], tuple[dict[str, float], float]]:
    table = load_table("mandarin_frequencies.toml")
    return _shares(table["surnames"]), _shares(table["given"])


@cache
def surname_characters() -> frozenset[str]:
    """Return the Han characters, simplified, that are surnames."""
    written = load_table("mandarin_frequencies.toml")["surname_characters"].split()
    return frozenset(map(han.simplified, "".join(written)))


def surname_bits(syllables: frozenset[str]) -> float:
    """Return the evidence of a surname known to be one of `syllables`, in pinyin."""
    return _least(syllables, 0)


def given_bits(syllables: frozenset[str]) -> float:
    """Return the evidence of one given-name syllable known to be one of `syllables`, in pinyin."""
    return _least(syllables, 1)


@cache
def _least(syllables: frozenset[str], place: int) -> float:
    bits, unseen = _tables()[place]
    return min((bits.get(syllable, unseen) for syllable in syllables), default=unseen)
