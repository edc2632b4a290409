"""Pending blocks: those whose past misses the stable genesis (protocol §3.4, ADR 0023).

They were made beside a part of the graph that is settled for good. They are kept and cost nothing:
they are judged only when a block that has the stable genesis in its past refers to them.
"""

from collections.abc import Iterable

from sogdia.ledger.consensus.stores.blocks import GraphBlock, Stage


def reaches_stable(predecessors: Iterable[GraphBlock], *, is_stable: bool = False) -> bool:
    """Tell whether a block that refers to `predecessors` has the stable genesis in its past."""
    return is_stable or any(block.reaches_stable for block in predecessors)


def pending_past(predecessors: Iterable[GraphBlock]) -> list[GraphBlock]:
    """Return the pending blocks that must be judged before a block that refers to `predecessors`,
    each once, in no particular order."""
    found: dict[bytes, GraphBlock] = {}
    stack = list(predecessors)
    while stack:
        block = stack.pop()
        if block.stage is Stage.PENDING and block.hash not in found:
            found[block.hash] = block
            stack.extend(block.predecessors)
    return list(found.values())
