"""The pool under random histories: invariants always, and packing equal to the slow twin's."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.reference import packing
from tests.unit.ledger.mempool.builders import GWEI, State, address_of, pool_over, transfer
from tests.unit.ledger.mempool.invariants import check, content_of, rows

from sogdia.ledger.execution.api import SenderState, Unexecuted
from sogdia.ledger.mempool.errors import AlreadyKnown
from sogdia.ledger.primitives.transaction import Transaction

SENDERS = st.integers(0, 5)
NONCES = st.integers(0, 9)
TIPS = st.sampled_from([0, 1, GWEI, 2 * GWEI, 3 * GWEI])
ROOMS = st.sampled_from([0, GWEI, 5 * GWEI])
BALANCES = st.sampled_from([0, 10**14, 3 * 10**14, 10**15, 10**24])
BASES = st.sampled_from([0, 1, GWEI, 2 * GWEI, 4 * GWEI])


class PoolHistory(RuleBasedStateMachine):
    """Adds, blocks, epochs, reorganisations and changes of price, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State()
        self.pool = pool_over(
            self.state,
            base_price=0,
            transactions_max=20,
            ready_per_sender_max=4,
            queued_per_sender_max=3,
            nonce_gap_max=8,
        )
        self.nonces = dict.fromkeys(range(6), 0)
        self.packed: list[Transaction] = []
        self.epoch = 0

    @rule(sender=SENDERS, nonce=NONCES, tip=TIPS, room=ROOMS, gas=st.sampled_from([21_000, 50_000]))
    def add(self, sender: int, nonce: int, tip: int, room: int, gas: int) -> None:
        transaction = transfer(sender, nonce, tip=tip, cap=tip + room, gas=gas)
        was_known = self.pool.get(transaction.hash) is not None
        (refusal,) = self.pool.add([transaction])
        assert isinstance(refusal, AlreadyKnown) == was_known
        is_known = self.pool.get(transaction.hash) is not None
        assert is_known == (refusal is None or was_known)
        assert len(content_of(self.pool)) <= 20

    @rule(sender=SENDERS, tips=st.lists(TIPS, min_size=1, max_size=4), room=ROOMS)
    def add_a_row(self, sender: int, tips: list[int], room: int) -> None:
        for tip in tips:
            nonce = self.pool.pending_nonce(address_of(sender))
            self.pool.add([transfer(sender, nonce, tip=tip, cap=tip + room)])

    @rule(
        base=BASES,
        gas=st.sampled_from([0, 50_000, 100_000, 400_000]),
        size=st.sampled_from([200, 500, 2_000]),
        mark=st.booleans(),
    )
    def pack(self, base: int, gas: int, size: int, mark: bool) -> None:
        room = {"gas": gas, "size": size, "count": 10, "base_price": base}
        expected = [e.hash for e in packing.select(rows(self.pool), **room)]
        for _ in range(2):  # O2: a selection leaves no trace
            chosen = self.pool.pack(**room)
            assert [transaction.hash for transaction in chosen] == expected
        if mark:
            self.pool.mark_packed(chosen)
            self.packed += chosen

    @rule(base=BASES)
    def move_the_price(self, base: int) -> None:
        self.pool.set_conditions(base_price=base, block_gas_max=30_000_000)

    @rule(sender=SENDERS, step=st.integers(0, 4), balance=BALANCES)
    def execute(self, sender: int, step: int, balance: int) -> None:
        self.epoch += 1
        self.nonces[sender] += step
        self.state.set(address_of(sender), nonce=self.nonces[sender], balance=balance)
        changed = [SenderState(address_of(sender), self.nonces[sender], balance)]
        self.pool.on_epoch(self.epoch, changed)

    @rule(sender=SENDERS, step=st.integers(1, 4))
    def undo(self, sender: int, step: int) -> None:
        self.nonces[sender] = max(0, self.nonces[sender] - step)
        balance = self.state.account(address_of(sender)).balance
        self.state.set(address_of(sender), nonce=self.nonces[sender], balance=balance)
        self.pool.on_undo(self.epoch, [address_of(sender)])

    @rule()
    def return_what_blocks_lost(self) -> None:
        self.pool.restore(self.packed)
        self.packed.clear()

    @rule(reason=st.sampled_from(Unexecuted))
    def leave_unexecuted(self, reason: Unexecuted) -> None:
        if self.packed:
            self.pool.on_epoch(self.epoch, (), [(self.packed.pop().hash, reason)])

    @rule(epochs=st.integers(1, 150))
    def let_time_pass(self, epochs: int) -> None:
        self.epoch += epochs
        self.pool.on_epoch(self.epoch, ())

    @invariant()
    def holds_together(self) -> None:
        check(self.pool)


TestPoolHistory = PoolHistory.TestCase
TestPoolHistory.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
