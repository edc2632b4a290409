"""Logs by address and topic, within a range that one request may ask for."""

from dataclasses import dataclass
from typing import Annotated, Any

from sogdia.ledger.execution.api import LogQuery
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.errors import InvalidParams, RpcError
from sogdia.ledger.rpc.eth.epochs import find_epoch, latest_epoch
from sogdia.ledger.rpc.method import Method, OffLoop
from sogdia.ledger.rpc.params import (
    Param,
    PivotHash,
    Tag,
    WrongParam,
    parse_address,
    parse_epoch_number_or_tag,
    parse_hash,
    parse_list,
    parse_object,
)
from sogdia.ledger.rpc.wire import ReadyJson

# A log has at most four topics: LOG4 is the last of its opcodes.
TOPIC_POSITIONS_MAX = 4
# Alternatives a filter may name, addresses and topics together, before the node's own limit counts.
ALTERNATIVES_MAX = 100_000


class UnknownBlock(RpcError):
    """Logs were asked of a block that this ledger does not have."""

    def __init__(self) -> None:
        super().__init__("unknown block")


@dataclass(frozen=True, slots=True)
class LogFilter:
    """A filter as the caller wrote it; tags become numbers when it is run."""

    first: int | Tag
    last: int | Tag
    block: bytes | None
    addresses: list[bytes]
    topics: list[list[bytes]]

    @property
    def alternatives(self) -> int:
        """How many addresses and topics it names."""
        return len(self.addresses) + sum(len(position) for position in self.topics)


def parse_filter(value: Any) -> LogFilter:
    """Return the filter that an object describes."""
    members = parse_object(value)
    block, first, last = (members.get(name) for name in ("blockHash", "fromBlock", "toBlock"))
    if block is not None and (first is not None or last is not None):
        raise WrongParam(
            "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other"
        )
    addresses = members.get("address")
    topics = members.get("topics")
    return LogFilter(
        first=parse_epoch_number_or_tag(first),
        last=parse_epoch_number_or_tag(last),
        block=None if block is None else parse_hash(block),
        addresses=[] if addresses is None else _one_or_many(addresses, parse_address),
        topics=[] if topics is None else parse_list(topics, _position, TOPIC_POSITIONS_MAX),
    )


Filter = Annotated[LogFilter, Param("filter", parse_filter, {"type": "object"})]


def get_logs(node: Backend, filter: Filter) -> ReadyJson | OffLoop:
    """Return the logs that match, oldest first."""
    query = build_query(node, filter)
    if (at_hand := node.at_hand.logs_json(query)) is not None:
        return ReadyJson(at_hand)
    return OffLoop(lambda: ReadyJson(node.executor.logs_json(query)))


def build_query(node: Backend, filter: LogFilter) -> LogQuery:
    """Return the query for a filter, checked against what one request may ask.

    Raises:
        InvalidParams: a reversed range, one beyond the head, one too wide, or too many topics.
    """
    limits = node.limits
    if filter.alternatives > limits.log_topics:
        raise InvalidParams(
            f"{filter.alternatives} addresses and topics in one filter, limit {limits.log_topics}"
        )
    first, last = _range(node, filter)
    if last - first + 1 > limits.log_epochs:
        raise InvalidParams(
            f"range of {last - first + 1} blocks, limit {limits.log_epochs}: "
            f"ask for {first:#x} to {first + limits.log_epochs - 1:#x} first"
        )
    return LogQuery(first, last, filter.addresses, filter.topics, limits.logs)


def _range(node: Backend, filter: LogFilter) -> tuple[int, int]:
    if filter.block is not None:
        number = find_epoch(node, PivotHash(filter.block))
        if number is None:
            raise UnknownBlock
        return number, number
    head = latest_epoch(node)
    first, last = (_bound(node, bound) for bound in (filter.first, filter.last))
    if first > last:
        raise InvalidParams("invalid block range params")
    if last > head:
        raise InvalidParams("block range extends beyond current head block")
    return first, last


def _bound(node: Backend, bound: int | Tag) -> int:
    if isinstance(bound, Tag):
        number = find_epoch(node, bound)
        assert number is not None, "every tag names an executed epoch"
        return number
    return bound


def _position(value: Any) -> list[bytes]:
    """Return the topics that one position takes, none for any: also for a list with a null in it,
    of which go-ethereum reads no more."""
    if type(value) is list and None in value:
        parse_list(value[: value.index(None)], parse_hash, ALTERNATIVES_MAX)
        return []
    return [] if value is None else _one_or_many(value, parse_hash)


def _one_or_many(value: Any, parse: Any) -> list[bytes]:
    if type(value) is list:
        return parse_list(value, parse, ALTERNATIVES_MAX)
    return [parse(value)]


METHODS = (Method.of("eth_getLogs", get_logs),)
