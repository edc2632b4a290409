"""Memory of a node with 50 peers.

    uv run python -m benchmarks.peers [--peers 50] [--seconds 60]

One mining node of a local network, and a process that holds 50 TLS sessions with it, each with its
own identity. Transfers enter at the node; every peer is told of each and of every block, asks for
the transactions and for the last blocks as a node would, and asks for addresses. What the node
holds (its resident memory) is noted ten times over the run, with no peer and with all: median,
least and most. The floor is on the most that it ever held.
"""

import argparse
import asyncio
import json
import secrets
import statistics
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from sogdia.ledger.network.errors import NetworkError
from sogdia.ledger.network.identity import NodeIdentity
from sogdia.ledger.network.messages import (
    PROTOCOL_VERSION,
    AnyMessage,
    CompactBlock,
    GetBlocks,
    GetPeers,
    GetTransactions,
    Hello,
    Status,
    TransactionIds,
)
from sogdia.ledger.network.session import Session, open_session
from sogdia.ledger.network.tls import TlsTransport
from sogdia.ledger.network.transport import Address
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.ledger.params.networks import LOCAL_NET
from sogdia.ledger.primitives.header import Header
from sogdia.local_network.folder import NetworkFolder
from sogdia.local_network.network import LocalNetwork, make_network
from sogdia.local_network.plan import HASH_RATE, equal_work
from sogdia.local_network.transfers import Sender

LIMIT_MB = 300
TRANSFERS_PER_S = 100
SAMPLES = 10
RECENT = 16  # blocks that a peer asks for with each status


class Peer:
    """One session that asks for what an honest node would."""

    def __init__(self) -> None:
        self.heard = 0
        self.recent: list[bytes] = []

    async def live(self, address: Address, network_id: int, genesis: bytes) -> None:
        """Join and stay until the node hangs up."""
        identity = NodeIdentity.from_seed(secrets.token_bytes(32))
        connection = await TlsTransport(identity).dial(address)
        hello = Hello(PROTOCOL_VERSION, network_id, genesis, "peer of a benchmark", 0)
        clock = asyncio.get_running_loop().time
        session = await open_session(connection, hello, now_s=clock)
        await session.run(self._on_message)

    async def _on_message(self, session: Session, message: AnyMessage) -> None:
        self.heard += 1
        match message:
            case TransactionIds(batch=batch, short_ids=ids):
                places = list(range(len(ids)))
                _ask(session, partial(GetTransactions, batch=batch, places=places))
            case CompactBlock(header=header):
                self.recent = [*self.recent, Header.decode(header).hash][-RECENT:]
                _ask(session, partial(GetBlocks, hashes=list(self.recent)))
            case Status():
                _ask(session, GetPeers)
            case _:
                pass


def _ask(session: Session, build: Any) -> None:
    async def wait() -> None:
        try:
            await session.request(build, timeout_s=30)
        except NetworkError:
            return

    task = asyncio.ensure_future(wait())
    _asked.add(task)
    task.add_done_callback(_asked.discard)


_asked: set[asyncio.Future[None]] = set()


class Node:
    """The measured node."""

    def __init__(self, network: LocalNetwork) -> None:
        self.name = network.plan.nodes[0].name
        process = network.folder.process(self.name)
        assert process is not None
        self.number = process.number
        self.rpc = network.rpc(self.name)
        self.senders = [Sender(each, LOCAL_NET.chain_id) for each in DEVELOPMENT_ACCOUNTS]

    def memory_mb(self, field: str = "VmRSS") -> float:
        """Return what it holds now, or (`VmHWM`) the most that it ever held."""
        for line in Path(f"/proc/{self.number}/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) / 1_000
        raise SystemExit("the node is gone")

    def send(self, count: int) -> None:
        """Send transfers of every account in turn."""
        raws = [
            self.senders[place % len(self.senders)].sign(b"\x5b" * 20) for place in range(count)
        ]
        self.rpc.answers([("eth_sendRawTransaction", (f"0x{raw.hex()}",)) for raw in raws])

    async def watch(self, seconds: float) -> list[float]:
        """Send at a steady rate; return what it held, ten times."""
        held = []
        for _ in range(SAMPLES):
            for _ in range(round(seconds / SAMPLES)):
                sent = asyncio.get_running_loop().run_in_executor(None, self.send, TRANSFERS_PER_S)
                await asyncio.gather(sent, asyncio.sleep(1))
            held.append(self.memory_mb())
        return held


async def measure(network: LocalNetwork, peers: int, seconds: float) -> dict[str, Any]:
    """Return the figures."""
    node = Node(network)
    alone = await node.watch(seconds / 3)
    info = node.rpc.call("admin_nodeInfo")
    genesis = node.rpc.call("eth_getBlockByNumber", "0x0", False)["hash"]
    network_id = int(node.rpc.call("net_version"))
    crowd = [Peer() for _ in range(peers)]
    address = Address.parse(info["listenAddr"])
    joined = [
        asyncio.ensure_future(peer.live(address, network_id, bytes.fromhex(genesis[2:])))
        for peer in crowd
    ]
    held = await node.watch(seconds)
    count = int(node.rpc.call("net_peerCount"), 16)
    assert count == peers, f"{count} of {peers} peers are joined at the end"
    for each in joined:
        each.cancel()
    await asyncio.gather(*joined, return_exceptions=True)
    return {
        "peers": count,
        "limit_mb": LIMIT_MB,
        "most_mb": round(node.memory_mb("VmHWM")),
        "with_peers_mb": _spread(held),
        "alone_mb": _spread(alone),
        "messages_heard_by_peers": sum(peer.heard for peer in crowd),
        "height": int(node.rpc.call("eth_blockNumber"), 16),
    }


def _spread(held: list[float]) -> dict[str, int]:
    return {
        "median": round(statistics.median(held)),
        "least": round(min(held)),
        "most": round(max(held)),
    }


def main() -> int:
    """Run; print one JSON object; 1 when it held more than the limit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        folder = NetworkFolder(Path(directory) / "one")
        network = make_network(folder, equal_work(1), nodes=1, hash_rate=HASH_RATE, port=0)
        try:
            network.start(node.name for node in network.plan.nodes)
            figures = asyncio.run(measure(network, options.peers, options.seconds))
        finally:
            network.down()
    print(json.dumps(figures))
    return int(figures["most_mb"] > LIMIT_MB)


if __name__ == "__main__":
    sys.exit(main())
