"""Rules about a header alone, in order of cost: they run before anything is looked up."""

from collections.abc import Callable

from sogdia.ledger.consensus.errors import (
    BlameTooLarge,
    DifficultyOutOfRange,
    InsufficientWork,
    MissingBasePrice,
    RepeatedReference,
    TimestampTooFarAhead,
    TooManyReferees,
    WrongCustom,
)
from sogdia.ledger.params.consensus import (
    DIFFICULTY_BITS_MAX,
    HEADER_CUSTOM_SIZE_BYTES_MAX,
    ConsensusParams,
)
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.work import pow_hash, pow_quality


def referees_are_few(header: Header, params: ConsensusParams) -> None:
    """Refuse more referees than the bound."""
    if len(header.referees) > params.referee_bound:
        raise TooManyReferees(count=len(header.referees), count_max=params.referee_bound)


def references_are_distinct(header: Header, _params: ConsensusParams) -> None:
    """Refuse a block that refers to another one twice."""
    seen = {header.parent}
    for referee in header.referees:
        if referee in seen:
            raise RepeatedReference(reference=referee)
        seen.add(referee)


def custom_names_the_rules(header: Header, params: ConsensusParams) -> None:
    """Refuse a header of another rule set, or one that carries too much."""
    expected = params.header_custom
    is_short = sum(map(len, header.custom)) <= HEADER_CUSTOM_SIZE_BYTES_MAX
    if header.custom[: len(expected)] != expected or not is_short:
        raise WrongCustom(
            custom=header.custom,
            expected=expected,
            size_bytes_max=HEADER_CUSTOM_SIZE_BYTES_MAX,
        )


def base_price_is_stated(header: Header, params: ConsensusParams) -> None:
    """Refuse a header without base price where there is one."""
    if params.has_base_price and header.base_price is None:
        raise MissingBasePrice()


def blame_has_ancestors(header: Header, _params: ConsensusParams) -> None:
    """Refuse to blame beyond the first block."""
    if header.blame > header.height:
        raise BlameTooLarge(blame=header.blame, height=header.height)


def difficulty_is_in_range(header: Header, params: ConsensusParams) -> None:
    """Refuse what costs nothing, and what would overflow the sums of weights."""
    lowest, highest = params.initial_difficulty, (1 << DIFFICULTY_BITS_MAX) - 1
    if not lowest <= header.difficulty <= highest:
        raise DifficultyOutOfRange(difficulty=header.difficulty, lowest=lowest, highest=highest)


RULES: tuple[Callable[[Header, ConsensusParams], None], ...] = (
    referees_are_few,
    references_are_distinct,
    custom_names_the_rules,
    base_price_is_stated,
    blame_has_ancestors,
    difficulty_is_in_range,
)


def validate_in_isolation(header: Header, params: ConsensusParams, *, now_s: int) -> int:
    """Check a header alone and return the quality of its proof of work.

    `now_s` is the clock in seconds.

    Raises:
        InvalidHeader: the subclass is the rule.
    """
    for rule in RULES:
        rule(header, params)
    latest = now_s + params.future_drift_s
    if header.timestamp > latest:
        raise TimestampTooFarAhead(timestamp=header.timestamp, latest=latest)
    quality = measure_work(header)
    if quality < header.difficulty:
        raise InsufficientWork(difficulty=header.difficulty, quality=quality)
    return quality


def measure_work(header: Header) -> int:
    """Return the largest difficulty that the header's proof of work meets."""
    return pow_quality(pow_hash(header.problem_hash, header.nonce), header.nonce)
