"""How far a node is in catching up: told to subscribers, and to whoever asks."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from tests.vectors.execution_apis.recorded_ledger import recorded_backend

from sogdia.ledger.rpc.eth.chain import syncing
from sogdia.ledger.rpc.events import EpochsExecuted
from sogdia.ledger.rpc.sogdia import current_sync_phase, sync_status
from sogdia.ledger.rpc.subscriptions import Rendered, Subscriptions
from sogdia.ledger.sync.phases import Progress, SyncPhase


def test_a_subscriber_hears_of_each_change_once() -> None:
    sent: list[bytes] = []
    with ThreadPoolExecutor(1) as workers:
        node = recorded_backend(workers)

    def send(messages: Sequence[bytes]) -> bool:
        sent.extend(messages)
        return True

    subscriptions = Subscriptions(
        node, iter(range(1, 9)).__next__, send, pytest.fail, events=lambda: 0
    )
    assert subscriptions.add(["syncing"]) == "0x1"
    event = EpochsExecuted(54, 54)
    subscriptions.tell([Rendered(node, event)])
    assert sent == []
    # No lag is tolerated: the same node now counts as behind.
    subscriptions._node = replace(node, sync_lag_epochs=-1)
    subscriptions.tell([Rendered(node, event)])
    subscriptions.tell([Rendered(node, event)])
    subscriptions._node = node
    subscriptions.tell([Rendered(node, event)])
    told = [json.loads(message)["params"]["result"] for message in sent]
    assert told == [
        {
            "syncing": True,
            "status": {"startingBlock": "0x0", "currentBlock": "0x36", "highestBlock": "0x36"},
        },
        False,
    ]


def test_every_answer_tells_the_progress_of_sync_itself() -> None:
    """100 of 400 heights in 20 seconds leave 60; without a catch-up the node follows."""
    progress = Progress(SyncPhase.BLOCKS, 1_000, 1_100, 1_400, 150, 50.0, 70.0)
    with ThreadPoolExecutor(1) as workers:
        following = recorded_backend(workers)
    node = replace(following, sync_progress=lambda: progress)
    assert syncing(node) == {
        "startingBlock": "0x3e8",
        "currentBlock": "0x36",  # what is executed, as for every other method
        "highestBlock": "0x578",
    }
    assert sync_status(node.sync_progress()) == {
        "phase": "CatchUpSyncBlockPhase",
        "height": "0x44c",
        "targetHeight": "0x578",
        "blocksPerSecond": 7.5,
        "remainingSeconds": 60,
    }
    assert current_sync_phase(node) == "CatchUpSyncBlockPhase"
    assert syncing(following) is False
    assert sync_status(following.sync_progress()) == {"phase": "NormalSyncPhase"}
    assert current_sync_phase(following) == "NormalSyncPhase"
