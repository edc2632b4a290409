"""Screen many customers over several processes.

The lists are indexed once and shared with the workers by fork; `gc.freeze` keeps the collector from
touching, and so copying, what was shared.

    B1  Answers come in the order of the customers, one for each.
    B2  A worker that dies leaves its customers not screened, never clear.
"""

import gc
import multiprocessing
from collections.abc import Iterable, Iterator
from itertools import islice

from sogdia.compliance.screening.entity import Entity
from sogdia.compliance.screening.result import NotScreened, Screening
from sogdia.compliance.screening.screener import Screener

# 500 customers take a worker about half a second: long against the cost of passing them, short
# enough for a progress bar.
CHUNK_CUSTOMERS = 500
_TIMEOUT_S = 600  # a chunk that takes longer has lost its worker

_shared: dict[str, Screener] = {}


def _work(customers: list[Entity]) -> list[Screening]:
    return [_shared["screener"].screen(customer) for customer in customers]


def screen_many(
    screener: Screener, customers: Iterable[Entity], *, processes: int = 1
) -> Iterator[Screening]:
    """Yield the answer for each customer, in their order.

    `processes` above 1 needs an operating system with fork; one process does the work in place.
    """
    if processes <= 1:
        for customer in customers:
            yield screener.screen(customer)
        return
    _shared["screener"] = screener
    gc.collect()
    gc.freeze()
    try:
        yield from _in_parallel(iter(customers), processes)
    finally:
        gc.unfreeze()
        _shared.clear()


def _in_parallel(customers: Iterator[Entity], processes: int) -> Iterator[Screening]:
    context = multiprocessing.get_context("fork")
    with context.Pool(processes) as pool:
        pending = []
        while chunk := list(islice(customers, CHUNK_CUSTOMERS)):
            pending.append((chunk, pool.apply_async(_work, (chunk,))))
            if len(pending) > 4 * processes:
                yield from _answers(*pending.pop(0))
        for chunk, answer in pending:
            yield from _answers(chunk, answer)


def _answers(
    chunk: list[Entity], answer: "multiprocessing.pool.AsyncResult[list[Screening]]"
) -> Iterator[Screening]:
    try:
        yield from answer.get(_TIMEOUT_S)
    except multiprocessing.TimeoutError:
        for customer in chunk:
            yield NotScreened(customer.entity_id, "the worker process was lost", ())
