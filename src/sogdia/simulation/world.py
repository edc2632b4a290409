"""One run: joins the parts of a scenario, lets time pass, and concludes."""

import gc
from collections.abc import Callable
from typing import Protocol

from sogdia.ledger.consensus.engine import Engine
from sogdia.ledger.mining.builder import BlockBuilder
from sogdia.simulation.archive import Archive, NodeStore
from sogdia.simulation.attackers.balance import Balancer
from sogdia.simulation.attackers.private_chain import PrivateChain
from sogdia.simulation.attackers.withhold import Withholder
from sogdia.simulation.blocks import BlockRecord, MadeBlock
from sogdia.simulation.clock import SECOND, Timeline
from sogdia.simulation.conclusion import Run, conclude
from sogdia.simulation.gossip import Gossip
from sogdia.simulation.incidents import Incidents
from sogdia.simulation.mint import Mint, NoTransactions
from sogdia.simulation.nodes import Node
from sogdia.simulation.observers import Observer
from sogdia.simulation.placement import (
    choose_observers,
    choose_peers,
    network_params,
    place_nodes,
    total_hashes_per_s,
)
from sogdia.simulation.results import Results
from sogdia.simulation.roots import EqualRoots
from sogdia.simulation.scenario import Attacker, Scenario
from sogdia.simulation.surroundings import Surroundings, stream
from sogdia.simulation.transactions import TransactionFlow, gossip_bytes_per_s
from sogdia.simulation.wire import Wire

SLICE_S = 10  # how often progress is told
ATTACKERS = "attackers"


class Strategy(Protocol):
    """What an attacker does."""

    mint: Mint

    def start(self) -> None:
        """Begin."""

    def publish(self, made: MadeBlock) -> None:
        """Decide on an own block."""

    def finish(self) -> None:
        """Show what is left, so that the run can be judged."""


class World:
    """A network that is ready to run."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario = scenario
        self.seed = seed
        self._params = network_params(scenario)
        self._archive: Archive = {}
        self._everyone: list[Gossip] = []
        self.nodes: list[Node] = []
        self._places = place_nodes(scenario)
        self._peers = choose_peers(
            len(self._places) + len(scenario.attacker),
            scenario.network.outbound,
            stream(seed, "peers"),
        )
        self.around = self._surroundings()
        self.honest = self._honest_nodes()
        self.mints = self._mints()
        self.observers = [
            Observer(self.honest[index])
            for index in choose_observers(self._places, scenario.observers.nodes)
        ]
        self.strategies = [self._attacker(plan) for plan in scenario.attacker]
        self._join()
        self.incidents = Incidents(
            self.around, self.nodes, stream(seed, "incidents"), self._work_of()
        )

    def _surroundings(self) -> Surroundings:
        scenario, timeline = self.scenario, Timeline()
        flow = TransactionFlow(scenario.transactions)
        outside = [self._places[0].region] * len(scenario.attacker)
        wire = Wire(
            timeline,
            stream(self.seed, "wire"),
            scenario.network,
            [place.region for place in self._places] + outside,
            honest=len(self._places),
            taken_bytes_per_s=gossip_bytes_per_s(
                flow, scenario.consensus.blocks_per_s, 2 * scenario.network.outbound
            ),
        )
        return Surroundings(
            scenario=scenario,
            timeline=timeline,
            wire=wire,
            record=BlockRecord(),
            flow=flow,
            chance=stream(self.seed, "nodes"),
        )

    def _new_node(self, jurisdiction: str, *, skew_s: int, is_honest: bool) -> Node:
        node = Node(
            len(self.nodes),
            self.around,
            self._params,
            self._archive,
            self._everyone,
            jurisdiction=jurisdiction,
            skew_s=skew_s,
            is_honest=is_honest,
        )
        self.nodes.append(node)
        return node

    def _honest_nodes(self) -> list[Node]:
        chance, error_s = stream(self.seed, "clocks"), self.scenario.network.clock_error_s
        return [
            self._new_node(
                place.jurisdiction, skew_s=chance.randint(-error_s, error_s), is_honest=True
            )
            for place in self._places
        ]

    def _mints(self) -> list[Mint]:
        return [
            Mint(
                node,
                self._params.consensus,
                stream(self.seed, f"mint {node.index}"),
                hashes_per_s=place.hashes_per_s,
            )
            for node, place in zip(self.honest, self._places, strict=True)
            if place.hashes_per_s
        ]

    def _attacker(self, plan: Attacker) -> Strategy:
        strategy: Strategy
        if plan.kind == "private-chain":
            strategy = PrivateChain(plan, self.around, self.observers[0])
        elif plan.kind == "balance":
            strategy = Balancer(self.around, self._new_balance_engine)
            for honest in self.honest:
                honest.on_accepted.append(strategy.watch)
        else:
            strategy = Withholder(plan, self.around)
        node = self._new_node(ATTACKERS, skew_s=0, is_honest=False)
        strategy.mint = Mint(
            node,
            self._params.consensus,
            stream(self.seed, f"mint {node.index}"),
            hashes_per_s=total_hashes_per_s(self.scenario) * plan.work / 100,
            publish=strategy.publish,
        )
        return strategy

    def _new_balance_engine(self) -> tuple[Engine, BlockBuilder]:
        """Return an engine that has heard of nothing, and the balance attacker's builder on it."""

        def clock() -> int:
            return self.around.clock_of(0)

        engine = Engine(self._params, NodeStore(self._archive), EqualRoots(), clock)
        author = b"balance".ljust(20, b"\0")
        params = self._params.consensus
        return engine, BlockBuilder(params, engine, NoTransactions(), author=author, clock=clock)

    def _join(self) -> None:
        for node in self.nodes:
            for peer in self._peers[node.index]:
                node.gossip.join(peer)

    def _work_of(self) -> dict[str, float]:
        work: dict[str, float] = {}
        for place in self._places:
            work[place.jurisdiction] = work.get(place.jurisdiction, 0.0) + place.hashes_per_s
        return work

    def _schedule(self) -> None:
        timeline, chance = self.around.timeline, stream(self.seed, "beats")
        for node in self.nodes:
            timeline.after(chance.randrange(20 * SECOND), node.gossip.beat)
        for mint in self.mints:
            mint.start()
        for observer in self.observers:
            observer.start(self.scenario.observers.interval_ms)
        for plan, strategy in zip(self.scenario.attacker, self.strategies, strict=True):
            timeline.at(int(plan.start_s * SECOND), strategy.start)
        self.incidents.schedule(self.scenario.event)
        asked = {observer.node.index for observer in self.observers}
        mining = {mint.node.index for mint in self.mints}
        movable = [node for node in self.honest if node.index not in asked | mining]
        self.incidents.churn(self.scenario.churn, movable)

    def run(self, on_progress: Callable[[float], None] | None = None) -> Results:
        """Let the scenario happen and return what came of it; `on_progress` gets seconds."""
        # Blocks live until the end: the collector would look at all of them again and again.
        was_collecting = gc.isenabled()
        gc.disable()
        try:
            self._schedule()
            self._pass(0.0, self.scenario.duration_s, on_progress)
            self.around.is_over = True
            self.incidents.end()
            for strategy in self.strategies:
                strategy.finish()
            self._pass(self.scenario.duration_s, self.scenario.settle_s, on_progress)
            return conclude(self._as_run())
        finally:
            if was_collecting:
                gc.enable()

    def _as_run(self) -> Run:
        return Run(
            scenario=self.scenario,
            seed=self.seed,
            around=self.around,
            honest=self.honest,
            attackers=[strategy.mint.node for strategy in self.strategies],
            observers=self.observers,
            outweighed=self.incidents.outweighed,
        )

    def _pass(
        self, start_s: float, length_s: float, on_progress: Callable[[float], None] | None
    ) -> None:
        passed_s = 0.0
        while passed_s < length_s:
            passed_s = min(passed_s + SLICE_S, length_s)
            self.around.timeline.run_until(int((start_s + passed_s) * SECOND))
            if on_progress is not None:
                on_progress(start_s + passed_s)
