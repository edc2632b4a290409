"""`eth_subscribe("syncing")`: told when the node falls behind, and when it has caught up."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tests.vectors.execution_apis.recorded_ledger import recorded_backend

from sogdia.ledger.rpc.events import EpochsExecuted
from sogdia.ledger.rpc.subscriptions import Rendered, Subscriptions


def test_a_subscriber_hears_of_each_change_once() -> None:
    sent: list[bytes] = []
    with ThreadPoolExecutor(1) as workers:
        node = recorded_backend(workers)
    subscriptions = Subscriptions(node, iter(range(1, 9)).__next__, sent.append)
    assert subscriptions.add(["syncing"]) == "0x1"
    event = EpochsExecuted(54, 54)
    subscriptions.tell(Rendered(node, event))
    assert sent == []
    # No lag is tolerated: the same node now counts as behind.
    subscriptions._node = replace(node, sync_lag_epochs=-1)
    subscriptions.tell(Rendered(node, event))
    subscriptions.tell(Rendered(node, event))
    subscriptions._node = node
    subscriptions.tell(Rendered(node, event))
    told = [json.loads(message)["params"]["result"] for message in sent]
    assert told == [
        {
            "syncing": True,
            "status": {"startingBlock": "0x0", "currentBlock": "0x36", "highestBlock": "0x36"},
        },
        False,
    ]
