"""A partition of 30 epochs heals: what the lighter side executed is undone and executed again."""

import asyncio
import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from eth_account import Account
from eth_utils import to_checksum_address
from tests.unit.ledger.sync.nodes import PARAMS, Node, run, settle

from sogdia.ledger.network.memory import MemoryNetwork
from sogdia.ledger.node.rpc_port import hear_events
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.ledger.primitives.transaction import Transaction, decode_transaction
from sogdia.ledger.rpc.eth.logs import LogFilter
from sogdia.ledger.rpc.events import EpochsExecuted, EpochsUndone, Event
from sogdia.ledger.rpc.filters import FilterStore
from sogdia.ledger.rpc.params import Tag
from sogdia.ledger.rpc.subscriptions import Rendered, Subscription

# PUSH1 42, PUSH1 0, PUSH1 0, LOG1, STOP; before it what copies it out.
LOGGING_CODE = bytes.fromhex("67602a60006000a10060005260086018f3")
TOPIC = (42).to_bytes(32, "big")
TARGET = DEVELOPMENT_ACCOUNTS[9].address


def sign(sender: int, nonce: int, *, to: bytes | None, data: bytes = b"", value: int = 0) -> Any:
    """A signed transaction of a development account."""
    fields = {
        "nonce": nonce,
        "gasPrice": 5 * 10**9,
        "gas": 100_000,
        "value": value,
        "data": data,
        "chainId": PARAMS.chain_id,
    }
    if to is not None:
        fields["to"] = to_checksum_address(to)
    signed = Account.sign_transaction(fields, DEVELOPMENT_ACCOUNTS[sender].key)
    return decode_transaction(bytes(signed.raw_transaction), PARAMS.chain_id)


class Client:
    """Somebody who follows a node's logs by a subscription and by a filter."""

    def __init__(self, node: Node) -> None:
        """Begin to listen; the node's own hub, as its JSON-RPC port makes it."""
        hub = hear_events(node, asyncio.get_running_loop())  # type: ignore[arg-type]
        self.hub = hub
        self.node = node
        self.query = LogFilter(Tag.LATEST, Tag.LATEST, None, [], [[TOPIC]])
        self.undone: list[EpochsUndone] = []
        self.pushed: list[dict[str, Any]] = []
        self.filters = FilterStore(hub, lambda: 0.0, lambda: 1, filters_max=1, idle_s=1.0)
        self.filters.add(1, self.query)
        hub.listen(self._on_event)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, EpochsUndone):
            self.undone.append(event)
        if isinstance(event, EpochsExecuted | EpochsUndone):
            backend = SimpleNamespace(
                executor=self.node.executor, limits=SimpleNamespace(logs=10_000)
            )
            rendered = Rendered(backend, event)  # type: ignore[arg-type]
            wanted = Subscription("logs", self.query)
            self.pushed += [json.loads(each) for each in rendered.results(wanted)]

    def balance(self) -> list[tuple[str, str]]:
        """What a client that adds and removes as it is told holds in the end."""
        held: list[tuple[str, str]] = []
        for log in self.pushed:
            entry = (log["transactionHash"], log["blockHash"])
            if log["removed"]:
                held.remove(entry)  # fails for one that was never told
            else:
                held.append(entry)
        return held


def head_roots(node: Node) -> object:
    """What the executed state of a node comes to."""
    number, _ = node.executor.head()
    return number, node.executor.epoch_roots(number)


def pack(node: Node, transactions: Sequence[Transaction]) -> None:
    """Put transactions into the node's pool and its next block."""
    assert node.pool.add(transactions) == [None] * len(transactions)
    (block,) = node.mine()
    assert len(block.transactions) == len(transactions)


def test_the_lighter_side_of_30_epochs_is_undone_and_executed_again() -> None:
    """Pivot, state, receipts, pool, pushed logs and polled logs, on the side that lost."""

    async def scenario(nodes: list[Node], network: MemoryNetwork) -> None:
        heavy, light = nodes
        await heavy.peers.dial(light.address)
        deploy = sign(0, 0, to=None, data=LOGGING_CODE)
        pack(heavy, [deploy])
        heavy.mine(5)
        await settle(lambda: heavy.view() == light.view())
        receipt = json.loads(light.executor.receipt_json(deploy.hash))
        contract = bytes.fromhex(receipt["contractAddress"][2:])
        network.partition({heavy.node_id: 0, light.node_id: 1})
        client = Client(light)
        calls = [sign(1, nonce, to=contract) for nonce in range(3)]
        for call in calls:
            pack(light, [call])
        ours, theirs = (sign(2, 0, to=TARGET, value=value) for value in (1, 2))
        pack(light, [ours])
        pack(heavy, [theirs])
        light.mine(30)
        heavy.mine(40)
        await settle(lambda: len(client.pushed) == 3)
        old_epochs = [light.executor.locate(call.hash) for call in calls]
        assert light.executor.locate(ours.hash) is not None

        network.partition({})
        light.mine(1)
        heavy.mine(1)
        await settle(lambda: light.executor.head()[1] == heavy.executor.head()[1])
        await settle(lambda: bool(client.undone))
        assert client.undone[0].last - client.undone[0].first >= 29
        # The lighter side's blocks are executed again once blocks that refer to them are, so the
        # heavier side must have them before it goes on.
        await settle(lambda: heavy.view() == light.view())
        heavy.mine(8)
        await settle(lambda: heavy.view() == light.view())
        await settle(lambda: len(client.pushed) == 9)
        assert head_roots(heavy) == head_roots(light)
        for call, old in zip(calls, old_epochs, strict=True):
            assert light.executor.locate(call.hash) == heavy.executor.locate(call.hash) != old
        assert light.executor.locate(theirs.hash) is not None
        assert light.executor.locate(ours.hash) is None, "the nonce was used by the other"
        assert [log["removed"] for log in client.pushed] == [False] * 3 + [True] * 3 + [False] * 3
        now = {call.hash.hex(): light.executor.receipt_json(call.hash) for call in calls}
        held = {hash_[2:]: block for hash_, block in client.balance()}
        assert held == {hash_: json.loads(each)["blockHash"] for hash_, each in now.items()}
        assert [log.epoch for log in client.undone[0].logs] == sorted(
            (log.epoch for log in client.undone[0].logs), reverse=True
        )
        filter_ = client.filters.get(1)
        assert filter_.next_epoch == 1
        assert not filter_.removed, "nothing was polled, so nothing is to be taken back"

    run(2, scenario)


def test_what_was_undone_waits_in_the_pool_until_it_is_packed_again() -> None:
    """The heavier side refers to none of the lighter side's blocks yet: the pool has them back."""

    async def scenario(nodes: list[Node], _: MemoryNetwork) -> None:
        heavy, light = nodes
        transfers = [sign(3, nonce, to=TARGET, value=1) for nonce in range(5)]
        pack(light, transfers)
        light.mine(10)
        filters = Client(light).filters
        filters.get(1).next_epoch = 8
        assert light.executor.locate(transfers[0].hash) is not None
        blocks = heavy.mine(30)
        for block in blocks:
            light.ledger.submit(block)
        assert light.executor.locate(transfers[0].hash) is None
        assert light.pool.status().ready == 5
        await asyncio.sleep(0)
        assert filters.get(1).next_epoch == 1

    run(2, scenario)
