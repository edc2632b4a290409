"""From the words of a caller to an epoch.

`latest` is the last executed epoch: its state and its receipts exist. `pending` reads the same
state; what waits in the pool is shown where a method speaks of transactions. `safe` is what the
confirmation meter calls confirmed, `finalized` what no fork can take back: the stable era genesis.
"""

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.errors import HeaderNotFound, RpcError
from sogdia.ledger.rpc.params import EpochName, PivotHash, Tag


class NotCanonical(RpcError):
    """An epoch was named by a block that is not its pivot, and the caller insisted (EIP-1898)."""

    def __init__(self, block: bytes) -> None:
        super().__init__(f"hash 0x{block.hex()} is not currently canonical")


def latest_epoch(node: Backend) -> int:
    """Return the number of the last executed epoch."""
    return node.executor.head()[0]


def find_epoch(node: Backend, name: EpochName) -> int | None:
    """Return the number of an executed epoch, or `None` when there is none of that name."""
    head = latest_epoch(node)
    if isinstance(name, PivotHash):
        return _find_by_pivot(node, name.hash)
    if isinstance(name, Tag):
        return _number_of_tag(node, name, head)
    return name if name <= head else None


def get_epoch(node: Backend, name: EpochName) -> int | None:
    """Return the number of an epoch whose state is to be read; `None` stands for the last one.

    Raises:
        HeaderNotFound: there is no such executed epoch.
        NotCanonical: named by a block that is no pivot, with `requireCanonical`.
    """
    if name is Tag.LATEST or name is Tag.PENDING:
        return None
    number = find_epoch(node, name)
    if number is None:
        if isinstance(name, PivotHash):
            _refuse_off_pivot(node, name)
        raise HeaderNotFound(by_hash=isinstance(name, PivotHash))
    return number


def _refuse_off_pivot(node: Backend, name: PivotHash) -> None:
    if name.require_canonical and node.consensus.has_block(name.hash):
        raise NotCanonical(name.hash)


def _number_of_tag(node: Backend, tag: Tag, head: int) -> int:
    if tag is Tag.EARLIEST:
        return 0
    if tag is Tag.SAFE:
        return min(node.consensus.confirmed_height(), head)
    if tag is Tag.FINALIZED:
        return min(node.consensus.stable_height, head)
    return head


def _find_by_pivot(node: Backend, pivot: bytes) -> int | None:
    if not node.consensus.has_block(pivot):
        return None
    height = node.consensus.header(pivot).height
    summary = node.executor.epoch(height)
    return height if summary is not None and summary.pivot == pivot else None
