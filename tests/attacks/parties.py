"""Honest nodes, those who lie to them, and the oracle: all honest nodes end in one place."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from tests.attacks.virtual_time import run_virtually
from tests.unit.ledger.sync.nodes import PARAMS, Node, Scenario, run

from sogdia.ledger.network.errors import NetworkError
from sogdia.ledger.network.memory import Link, MemoryNetwork
from sogdia.ledger.network.messages import PROTOCOL_VERSION, AnyMessage, Hello, Message
from sogdia.ledger.network.session import Session, open_session
from sogdia.ledger.network.transport import Address
from sogdia.ledger.params.network import NetworkParams
from sogdia.ledger.sync.answers import find_answer

Lie = Callable[[AnyMessage], Message | None]


def attack(
    count: int, scenario: Scenario, *, link: Link | None = None, params: NetworkParams = PARAMS
) -> None:
    """Run a scenario on `count` honest nodes, in virtual time."""
    run(count, scenario, link=link, params=params, runner=run_virtually)


async def until(is_reached: Callable[[], bool], what: str, *, seconds: float = 600) -> None:
    """Let time pass until something holds; `seconds` are the network's, not ours."""
    clock = asyncio.get_running_loop().time
    end = clock() + seconds
    while not is_reached():
        assert clock() < end, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.05)


async def join_all(nodes: list[Node]) -> None:
    """Join every node with every other; a line that fails is tried again, as nodes do."""

    def missing() -> list[tuple[Node, Node]]:
        return [
            (node, other)
            for place, node in enumerate(nodes)
            for other in nodes[:place]
            if other.node_id not in node.sync.views or node.node_id not in other.sync.views
        ]

    for _ in range(100):
        if not (pairs := missing()):
            return
        for node, other in pairs:
            await node.peers.dial(other.address)
        await asyncio.sleep(5)
    raise AssertionError(f"{len(missing())} pairs never joined")


def state_of(node: Node) -> object:
    """Pivot, order of every epoch, and what the executed part of it came to."""
    number, pivot = node.executor.head()
    return node.view(), number, pivot, node.executor.epoch_roots(number)


async def agree(nodes: list[Node], *, seconds: float = 600) -> None:
    """The oracle of every attack: same pivot, same order, same state root on all honest nodes."""
    await until(
        # Orders are compared once tips are equal: to list one takes longer than many polls.
        lambda: (
            len({node.consensus.best_block() for node in nodes}) == 1
            and len({node.view() for node in nodes}) == 1
        ),
        "one pivot and order",
        seconds=seconds,
    )
    first = state_of(nodes[0])
    for node in nodes[1:]:
        assert state_of(node) == first


@dataclass(eq=False)
class Liar:
    """A program that speaks the protocol by hand. It answers truly unless `lie` says something."""

    network: MemoryNetwork
    truth: Node
    number: int = 200
    host: str = "10.200.0.1"
    lie: Lie = lambda _: None
    is_silent: bool = False
    heard: list[AnyMessage] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def node_id(self) -> bytes:
        """The identity that the network vouches for."""
        return bytes([self.number]) * 32

    async def listen(self) -> None:
        """Open a door at `host`, behind which nobody says anything."""

        async def refuse(_: object) -> None:
            """Nobody joins a liar."""

        home = Address(self.host, 32_323)
        if home not in self.network.doors:
            await self.network.transport(self.node_id).listen(home, refuse)

    async def join(self, victim: Node) -> Session:
        """Open a session with a node, which sees it come from `host`."""
        await self.listen()
        connection = await self.network.transport(self.node_id).dial(victim.address)
        hello = Hello(PROTOCOL_VERSION, 7, victim.consensus.genesis, "liar", 0)
        clock = asyncio.get_running_loop().time
        session = await open_session(connection, hello, now_s=clock)
        self.sessions.append(session)
        self.tasks.append(asyncio.create_task(self._run(session)))
        await until(lambda: self.node_id in victim.sync.views, "the liar is joined")
        return session

    async def _run(self, session: Session) -> None:
        try:
            await session.run(self._on_message)
        except NetworkError:
            return

    async def _on_message(self, session: Session, message: AnyMessage) -> None:
        self.heard.append(message)
        if self.is_silent:
            return
        answer = self.lie(message) or find_answer(self.truth.consensus, message)
        if answer is not None:
            session.send(answer)


def is_dropped(victim: Node, liar: Liar) -> bool:
    """Whether a node has banned a liar, by identity and by host."""
    return {liar.node_id.hex(), liar.host} <= victim.peers.bans.bans.keys() and (
        liar.node_id not in victim.sync.views
    )


def score_of(victim: Node, liar: Liar) -> float:
    """The liar's points at a node."""
    return victim.sync.scores.of(liar.node_id, now_s=asyncio.get_running_loop().time())


async def dropped(victim: Node, liar: Liar, *, seconds: float = 600) -> None:
    """Wait until a liar is banned."""
    await until(partial(is_dropped, victim, liar), "the liar is dropped", seconds=seconds)
