"""Withholding: each own block is held back for a while, and built upon at once.

When it is shown, it brings its weight to an old place of the tree, where honest miners had gone on
without it.
"""

from sogdia.simulation.blocks import MadeBlock
from sogdia.simulation.clock import SECOND
from sogdia.simulation.mint import Mint
from sogdia.simulation.scenario import Attacker
from sogdia.simulation.surroundings import Surroundings


class Withholder:
    """Holds each block for `release_s`."""

    def __init__(self, plan: Attacker, around: Surroundings) -> None:
        self._plan = plan
        self._around = around
        self.mint: Mint

    def start(self) -> None:
        """Begin to mine, and to withhold."""
        self.mint.start()

    def publish(self, made: MadeBlock) -> None:
        """Take an own block, and show it later."""
        node = self.mint.node
        node.withheld.add(made.hash)
        node.accept(made, None)
        self._around.timeline.after(int(self._plan.release_s * SECOND), node.release, [made])

    def finish(self) -> None:
        """Show what is still held."""
        node = self.mint.node
        record = self._around.record
        held = sorted((record.get(hash_) for hash_ in node.withheld), key=lambda m: m.number)
        node.release(held)
