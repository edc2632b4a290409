"""A filter that is polled while its node has changed to another chain, and nobody was told yet."""

import asyncio
import inspect
import json
from collections import Counter
from types import SimpleNamespace
from typing import Any

from tests.unit.ledger.sync.nodes import Node, run, settle
from tests.unit.ledger.sync.test_reorganisation import LOGGING_CODE, TOPIC, pack, sign

from sogdia.ledger.network.memory import MemoryNetwork
from sogdia.ledger.node.rpc_port import hear_events
from sogdia.ledger.rpc.eth.filters import get_filter_changes, new_filter
from sogdia.ledger.rpc.eth.logs import LogFilter
from sogdia.ledger.rpc.filters import FilterStore
from sogdia.ledger.rpc.limits import RpcLimits
from sogdia.ledger.rpc.params import Tag

QUERY = LogFilter(Tag.LATEST, Tag.LATEST, None, [], [[TOPIC]])


class Poller:
    """A client that polls one filter of a node, and holds what it was told."""

    def __init__(self, node: Node) -> None:
        hub = hear_events(node, asyncio.get_running_loop())  # type: ignore[arg-type]
        numbers = iter(range(1, 10))
        self.backend: Any = SimpleNamespace(
            executor=node.executor,
            events=hub,
            filters=FilterStore(hub, lambda: 0.0, lambda: next(numbers), filters_max=9, idle_s=1.0),
            limits=RpcLimits(),
            off_loop=self._off_loop,
        )
        self.backend.filters.add(1, QUERY)
        self.while_read = lambda: None
        self.told: list[dict[str, Any]] = []

    async def _off_loop(self, work: Any) -> Any:
        read = work()
        self.while_read()
        return read

    def poll(self, number: int = 1) -> list[tuple[int, bool]]:
        """Poll in this very turn of the loop; return epoch and `removed` of each log."""
        answer = get_filter_changes(self.backend, number)
        assert inspect.iscoroutine(answer)
        try:
            answer.send(None)
        except StopIteration as done:
            news = json.loads(bytes(done.value or b"[]"))
        self.told += news
        return [(int(log["blockNumber"], 16), log["removed"]) for log in news]

    def held(self) -> Counter[tuple[str, str]]:
        """Return how often each log was told, less how often it was taken back."""
        held: Counter[tuple[str, str]] = Counter()
        for log in self.told:
            held[log["transactionHash"], log["blockHash"]] += -1 if log["removed"] else 1
        return held


async def divided(nodes: list[Node], network: MemoryNetwork) -> tuple[Node, list[Any]]:
    """Return a node whose chain holds a log in an early epoch, and the blocks of a heavier chain
    that holds one in a later epoch."""
    heavy, light = nodes
    await heavy.peers.dial(light.address)
    deploy = sign(0, 0, to=None, data=LOGGING_CODE)
    pack(heavy, [deploy])
    heavy.mine(6)
    await settle(lambda: heavy.view() == light.view())
    receipt = json.loads(light.executor.receipt_json(deploy.hash))
    contract = bytes.fromhex(receipt["contractAddress"][2:])
    network.partition({heavy.node_id: 0, light.node_id: 1})
    pack(light, [sign(1, 0, to=contract)])
    light.mine(8)
    blocks = heavy.mine(16)
    assert heavy.pool.add([sign(2, 0, to=contract)]) == [None]
    return light, blocks + heavy.mine(20)


def test_what_is_polled_between_an_undo_and_its_event_is_told_once() -> None:
    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        light, blocks = await divided(nodes, network)
        client = Poller(light)
        ((old, _),) = client.poll()
        assert client.poll() == []
        for block in blocks:
            light.ledger.submit(block)
        assert light.executor.head()[0] > old + 10
        between = client.poll()
        await asyncio.sleep(0)
        assert between == []
        assert client.poll()[0] == (old, True)
        assert client.poll() == []
        assert sorted(client.held().values()) == [0, 1]
        (now,) = (log for log, count in client.held().items() if count)
        receipt = light.executor.receipt_json(bytes.fromhex(now[0][2:]))
        assert json.loads(receipt)["blockHash"] == now[1]

    run(2, scenario)


def test_what_was_read_while_the_chain_changed_is_not_told() -> None:
    """And a log that was read, but not told, is not taken back."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        light, blocks = await divided(nodes, network)
        client = Poller(light)

        def change() -> None:
            client.while_read = lambda: None
            for block in blocks:
                light.ledger.submit(block)

        client.while_read = change
        assert client.poll() == []
        await asyncio.sleep(0)
        ((_, is_removed),) = client.poll()
        assert not is_removed
        assert client.poll() == []

    run(2, scenario)


def test_a_filter_made_meanwhile_hears_of_nothing_from_before() -> None:
    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        light, blocks = await divided(nodes, network)
        client = Poller(light)
        for block in blocks:
            light.ledger.submit(block)
        number = int(await new_filter(client.backend, QUERY), 16)
        await asyncio.sleep(0)
        assert client.poll(number) == []

    run(2, scenario)
