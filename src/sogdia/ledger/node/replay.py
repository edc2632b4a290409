"""Execute a kept ledger anew from its blocks, and compare what every epoch came to."""

from sogdia.ledger.execution.driver import EpochDriver
from sogdia.ledger.execution.engine import CoreExecutor
from sogdia.ledger.node.errors import ReplayDiffers
from sogdia.ledger.node.parts import Parts, write_genesis
from sogdia.ledger.storage.database import Database


def replay(parts: Parts) -> int:
    """Execute all epochs of `parts` in memory; return how many there were.

    Raises:
        ReplayDiffers: an epoch has other roots than were committed.
    """
    head, _ = parts.executor.head()
    with Database.in_memory() as database:
        params = parts.params
        executor = CoreExecutor(database.store, params.execution, chain_id=params.chain_id)
        write_genesis(executor, params)
        EpochDriver(params, parts.consensus, executor).advance()
        for number in range(head + 1):
            committed, replayed = (each.epoch_roots(number) for each in (parts.executor, executor))
            if committed != replayed:
                raise ReplayDiffers(number=number, committed=committed, replayed=replayed)
    return head
