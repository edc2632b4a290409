"""Balance: keep two branches equally heavy, so that the honest cannot agree on either.

The attacker waits for a fork that chance makes, then mines in secret on the tip of the lighter
branch and shows just enough of it, whenever one branch leads, to make them equal again. Its blocks
refer to nothing but that tip, so they are valid in their own past however late they come. A lead
that it cannot make up ends the contest, and it waits for the next fork.
"""

from collections.abc import Callable

from sogdia.ledger.consensus.api import Accepted
from sogdia.ledger.consensus.engine import Engine
from sogdia.ledger.mining.builder import BlockBuilder
from sogdia.ledger.primitives.block import Block
from sogdia.simulation.blocks import MadeBlock
from sogdia.simulation.mint import Mint
from sogdia.simulation.surroundings import Surroundings

LEAD_MAX = 12  # blocks: a branch that leads by more has won

NewEngine = Callable[[], tuple[Engine, BlockBuilder]]
"""Returns an empty engine, and a builder of the attacker's blocks upon it."""


class Branch:
    """One side of a contest: what was shown of it, and what is kept back for it."""

    def __init__(self, root: MadeBlock) -> None:
        self.members = {root.hash}
        self.tip = root
        """The highest block shown; of equals the first."""
        self.weight = root.block.header.difficulty
        self.reserve: list[MadeBlock] = []

    def add(self, made: MadeBlock) -> None:
        """Count a block that was shown."""
        self.members.add(made.hash)
        self.weight += made.block.header.difficulty
        if made.block.header.height > self.tip.block.header.height:
            self.tip = made


class View:
    """An engine that knows exactly one block and its past: what is built on it is right there."""

    def __init__(self, around: Surroundings, new_engine: NewEngine) -> None:
        self._around = around
        self._new_engine = new_engine
        self._engine, self._builder = new_engine()
        self._top = self._engine.genesis

    def build_on(self, top: MadeBlock) -> Block:
        """Return the next block of a miner who has heard of `top` and its past alone."""
        missing = self._missing(top)
        if missing is None:
            self._engine, self._builder = self._new_engine()
            self._top = self._engine.genesis
            missing = self._missing(top)
            assert missing is not None, "the genesis is in every past"
        for made in missing:
            self._engine.submit_block(made.block)
        self._top = top.hash
        built = self._builder.build()
        assert built is not None, "every epoch's roots are known here"
        return built

    def _missing(self, top: MadeBlock) -> list[MadeBlock] | None:
        """Return what of the past of `top` is not here; None if the block on top is not in it."""
        found: dict[bytes, MadeBlock] = {}
        has_top = top.hash == self._top
        stack = [top.hash]
        while stack:
            hash_ = stack.pop()
            has_top = has_top or hash_ == self._top
            if hash_ in found or self._engine.has_block(hash_):
                continue
            found[hash_] = made = self._around.record.get(hash_)
            stack += [made.block.header.parent, *made.block.header.referees]
        return sorted(found.values(), key=lambda made: made.number) if has_top else None


class Balancer:
    """Plays two branches against each other. It sees every honest block as it is made."""

    def __init__(self, around: Surroundings, new_engine: NewEngine) -> None:
        self._around = around
        self._new_engine = new_engine
        self.mint: Mint
        self._branches: list[Branch] = []
        self._views: list[View] = []
        self._tops: dict[bytes, MadeBlock] = {}
        """The first block seen on each parent, for a moment: a second one is a fork."""

    def start(self) -> None:
        """Begin to mine."""
        self.mint.build = self._build
        self.mint.start()

    def watch(self, made: MadeBlock, accepted: Accepted) -> None:
        """See an honest node accept a block; only its maker's own acceptance counts."""
        del accepted
        if made.is_attack or made.accepted_by != 1:
            return
        parent = made.block.header.parent
        for branch in self._branches:
            if parent in branch.members:
                branch.add(made)
                self._level()
                return
        if self._branches:
            return
        rival = self._tops.setdefault(parent, made)
        if rival is not made and self._is_recent(rival):
            self._branches = [Branch(rival), Branch(made)]
            self._views = [View(self._around, self._new_engine) for _ in self._branches]
            self._tops.clear()

    def _is_recent(self, rival: MadeBlock) -> bool:
        node = self.mint.node
        return rival.block.header.height >= node.engine.best_height() - 1

    def _build(self) -> Block | None:
        if not self._branches:
            return self.mint.honest_template()
        place = self._lighter()
        return self._views[place].build_on(self._branches[place].tip)

    def _lighter(self) -> int:
        """Return the branch that weighs less, its reserve included."""
        one, other = (
            branch.weight + sum(made.block.header.difficulty for made in branch.reserve)
            for branch in self._branches
        )
        return int(other < one)

    def publish(self, made: MadeBlock) -> None:
        """Keep an own block for the branch that it was mined on."""
        node = self.mint.node
        for branch in self._branches:
            if made.block.header.parent in branch.members:
                node.withheld.add(made.hash)
                node.accept(made, None)
                branch.reserve.append(made)
                self._level()
                return
        node.accept(made, None)

    def _level(self) -> None:
        """Show blocks of the lighter branch until it is not lighter; give up a lost contest."""
        light, heavy = sorted(self._branches, key=lambda branch: branch.weight)
        while light.reserve and light.weight < heavy.weight:
            made = light.reserve.pop(0)
            light.add(made)
            self.mint.node.release([made])
        if heavy.weight - light.weight > LEAD_MAX * heavy.tip.block.header.difficulty:
            self.finish()

    def finish(self) -> None:
        """Show what is still held, and wait for another fork."""
        held = [made for branch in self._branches for made in branch.reserve]
        self._branches, self._views = [], []
        self.mint.node.release(held)
