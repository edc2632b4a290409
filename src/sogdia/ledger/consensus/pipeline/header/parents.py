"""Rules about a header beside its parent and its referees."""

from collections.abc import Callable

from sogdia.ledger.consensus.errors import (
    GasLimitOutOfBounds,
    TimestampBeforeParent,
    UnknownParent,
    UnknownReferee,
    WrongHeight,
)
from sogdia.ledger.consensus.processes.gas_limit import gas_limit_bounds
from sogdia.ledger.params.consensus import ConsensusParams
from sogdia.ledger.primitives.header import Header


def validate_references(header: Header, is_stored: Callable[[bytes], bool]) -> None:
    """Check that parent and referees are stored.

    Raises:
        UnknownParent, UnknownReferee.
    """
    if not is_stored(header.parent):
        raise UnknownParent(missing=header.parent)
    for referee in header.referees:
        if not is_stored(referee):
            raise UnknownReferee(missing=referee)


def validate_lineage(header: Header, parent: Header, params: ConsensusParams) -> None:
    """Check a header beside its parent's.

    Raises:
        InvalidLineage: the subclass is the rule.
    """
    if header.height != parent.height + 1:
        raise WrongHeight(height=header.height, expected=parent.height + 1)
    if header.timestamp < parent.timestamp:
        raise TimestampBeforeParent(timestamp=header.timestamp, parent_timestamp=parent.timestamp)
    if params.author_sets_fees:
        return
    lowest, highest = gas_limit_bounds(parent.gas_limit, params)
    if not lowest <= header.gas_limit <= highest:
        raise GasLimitOutOfBounds(gas_limit=header.gas_limit, lowest=lowest, highest=highest)
