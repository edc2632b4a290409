"""What befalls nodes: bans, walls and churn, at their time."""

import random

from sogdia.simulation.clock import SECOND
from sogdia.simulation.nodes import Node
from sogdia.simulation.scenario import Churn, Event
from sogdia.simulation.surroundings import Surroundings

REJOIN_S = 5  # nodes find each other again within this, each at its own moment


class Incidents:
    """Lets the events of a scenario happen."""

    def __init__(
        self,
        around: Surroundings,
        nodes: list[Node],
        chance: random.Random,
        work_of: dict[str, float],
    ) -> None:
        """`work_of` is the work of each jurisdiction."""
        self._around = around
        self._nodes = nodes
        self._chance = chance
        self._work_of = work_of
        self._sides = 0
        self._behind_wall: dict[str, int] = {}
        self.outweighed: set[str] = set()
        """Jurisdictions that were once cut from more work than they had: no proof of work can
        promise them their confirmations."""

    def schedule(self, events: tuple[Event, ...]) -> None:
        """Put all events on the timeline."""
        for event in events:
            action = {
                "dark": self._go_dark,
                "light": self._go_on,
                "cut-off": self._cut_off,
                "heal": self._heal,
            }[event.kind]
            self._around.timeline.at(int(event.at_s * SECOND), action, event.jurisdictions)

    def _members(self, names: tuple[str, ...]) -> list[Node]:
        return [node for node in self._nodes if node.is_honest and node.jurisdiction in names]

    def _go_dark(self, names: tuple[str, ...]) -> None:
        for node in self._members(names):
            self._around.wire.is_online[node.index] = False

    def _go_on(self, names: tuple[str, ...]) -> None:
        for node in self._members(names):
            self.return_node(node)

    def return_node(self, node: Node) -> None:
        """Let a node be online again: it and its peers tell each other where they are."""
        self._around.wire.is_online[node.index] = True
        self._meet_again(node)
        for peer in node.gossip.peers:
            self._meet_again(self._nodes[peer])

    def _meet_again(self, node: Node) -> None:
        moment = self._chance.randrange(REJOIN_S * SECOND)
        self._around.timeline.after(moment, node.gossip.tell_status)

    def _cut_off(self, names: tuple[str, ...]) -> None:
        self._sides += 1
        for node in self._members(names):
            self._around.wire.side[node.index] = self._sides
        self._behind_wall |= dict.fromkeys(names, self._sides)
        weights: dict[int, float] = {}
        for name, work in self._work_of.items():
            side = self._behind_wall.get(name, 0)
            weights[side] = weights.get(side, 0.0) + work
        heaviest = max(weights.values())
        self.outweighed |= {
            name for name in self._work_of if weights[self._behind_wall.get(name, 0)] < heaviest
        }

    def _heal(self, names: tuple[str, ...]) -> None:
        del names
        self._behind_wall.clear()
        for node in self._nodes:
            self._around.wire.side[node.index] = 0
            self._meet_again(node)

    def churn(self, plan: Churn, nodes: list[Node]) -> None:
        """Let a share of `nodes` come and go until the run ends."""
        for node in self._chance.sample(nodes, int(len(nodes) * plan.nodes_percent / 100)):
            self._leave_later(plan, node)

    def _leave_later(self, plan: Churn, node: Node) -> None:
        stays = int(self._chance.expovariate(1 / plan.up_s) * SECOND)
        self._around.timeline.after(stays, self._leave, plan, node)

    def _leave(self, plan: Churn, node: Node) -> None:
        if self._around.is_over:
            return
        self._around.wire.is_online[node.index] = False
        away = int(self._chance.expovariate(1 / plan.down_s) * SECOND)
        self._around.timeline.after(away, self._come_back, plan, node)

    def _come_back(self, plan: Churn, node: Node) -> None:
        self.return_node(node)
        self._leave_later(plan, node)

    def end(self) -> None:
        """Let everybody be reachable, so that all can agree."""
        self._heal(())
        for node in self._nodes:
            if not node.is_online:
                self.return_node(node)
