"""A private chain: deaf to everybody, the attacker mines alone and shows all of it at once.

It is shown when it outweighs what the honest made beside it and an observer has called what it
would reverse settled, or when patience ends; then the attacker hears the others again and starts
anew. An old branch that is released late is the same with much patience.
"""

from sogdia.ledger.consensus.api import Accepted
from sogdia.simulation.blocks import MadeBlock
from sogdia.simulation.clock import SECOND
from sogdia.simulation.mint import Mint
from sogdia.simulation.observers import RISKS, Observer
from sogdia.simulation.scenario import Attacker
from sogdia.simulation.surroundings import Surroundings


class PrivateChain:
    """Mines a branch beside the public one; `spy` is the honest node that it watches."""

    def __init__(self, plan: Attacker, around: Surroundings, spy: Observer) -> None:
        self._plan = plan
        self._around = around
        self._spy = spy
        self.mint: Mint
        self._attempt = 0
        self._fork = b""
        self._fork_height = 0
        self._private: list[MadeBlock] = []
        self._private_weight = 0
        self._side_of: dict[bytes, bytes] = {}
        """Public blocks above the fork: the child of the fork that they descend from."""
        self._side_weight: dict[bytes, int] = {}
        spy.node.on_accepted.append(self._on_public)

    def start(self) -> None:
        """Begin to mine, on a branch from the tip of now."""
        self.mint.start()
        self._begin()

    def _begin(self) -> None:
        if self._around.is_over:
            return
        node = self.mint.node
        node.gossip.is_deaf = True
        self._attempt += 1
        self._fork = node.engine.best_block()
        self._fork_height = node.engine.best_height()
        self._private.clear()
        self._private_weight = 0
        self._side_of.clear()
        self._side_weight.clear()
        patience = int(self._plan.release_s * SECOND)
        self._around.timeline.after(patience, self._give_up, self._attempt)

    def publish(self, made: MadeBlock) -> None:
        """Put an own block on the private branch."""
        node = self.mint.node
        if not node.gossip.is_deaf:  # between two attempts it plays fair
            node.accept(made, None)
            return
        node.withheld.add(made.hash)
        node.accept(made, None)
        self._private.append(made)
        self._private_weight += made.block.header.difficulty
        self._show_if_it_pays()

    def _on_public(self, made: MadeBlock, accepted: Accepted) -> None:
        del accepted
        if made.is_attack or not self.mint.node.gossip.is_deaf:
            return
        parent = made.block.header.parent
        side = made.hash if parent == self._fork else self._side_of.get(parent)
        if side is not None:
            self._side_of[made.hash] = side
            weight = self._side_weight.get(side, 0) + made.block.header.difficulty
            self._side_weight[side] = weight

    def _show_if_it_pays(self) -> None:
        public = max(self._side_weight.values(), default=0)
        if self._private_weight <= public or not self._plan.stated_risk:
            return
        wanted = [place for place, risk in enumerate(RISKS) if risk <= self._plan.stated_risk]
        if any(self._spy.stated[place] > self._fork_height for place in wanted):
            self._show()

    def _give_up(self, attempt: int) -> None:
        if attempt == self._attempt:
            self._show()

    def _show(self) -> None:
        node = self.mint.node
        self._attempt += 1
        node.gossip.is_deaf = False
        node.release(self._private)
        # What was missed comes with the peers' next statuses; then the next attempt begins.
        for peer in node.gossip.peers:
            node.gossip.everyone[peer].tell_status()
        self._around.timeline.after(10 * SECOND, self._begin)

    def finish(self) -> None:
        """Show what there is, worth it or not."""
        if self.mint.node.gossip.is_deaf:
            self._show()
