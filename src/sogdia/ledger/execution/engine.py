"""The executor over the compiled core: dataclasses in, dataclasses out, one core call each."""

from collections.abc import Mapping, Sequence

from sogdia._core import Executor as Core
from sogdia._core import Store
from sogdia._core import pending_transaction_json as _pending_transaction_json
from sogdia._core import prove as _prove
from sogdia._core import simulate as _simulate
from sogdia.ledger.execution.api import (
    Account,
    AccountOverride,
    BlockOverride,
    CallRequest,
    CallResult,
    CallStatus,
    EpochInput,
    EpochOutcome,
    EpochRoots,
    EpochSummary,
    GenesisAccount,
    LogQuery,
    SenderState,
    SimulatedCall,
    Simulation,
    TransactionLocation,
    Unexecuted,
)
from sogdia.ledger.execution.at_hand import AtHand
from sogdia.ledger.execution.editing import StateEditor
from sogdia.ledger.execution.errors import UndoTooDeep
from sogdia.ledger.execution.overrides import override_rows
from sogdia.ledger.execution.proofs import Bucket, StateProof, Step, ValueProof, Walk
from sogdia.ledger.execution.simulation import Simulator
from sogdia.ledger.execution.traces import Tracer
from sogdia.ledger.params.execution import ExecutionParams
from sogdia.ledger.primitives.log import Log
from sogdia.ledger.primitives.transaction import Transaction

WINDOW_KEYS_MAX = 2_000_000  # a window's trie takes 154 bytes a key: 0.3 GB, twice over with I

CALL_GAS_MAX = 50_000_000  # about a second of the machine's time; geth's default
CALL_MEMORY_MAX = 64 << 20  # for that gas, frames 1,000 deep could hold 150 MB


class CoreExecutor:
    """`sogdia.ledger.execution.api.Executor` on the compiled core."""

    def __init__(
        self,
        store: Store,
        params: ExecutionParams,
        *,
        chain_id: int,
        pay_author_at_once: bool = False,
        call_gas_max: int = CALL_GAS_MAX,
        call_memory_max: int = CALL_MEMORY_MAX,
    ) -> None:
        """Open the executed state that `store` holds, if any.

        `pay_author_at_once` gives tips to the block's author as Ethereum does; for its own suites.
        A call that asks for more than `call_gas_max` is run with that;
        one whose frames together hold more than `call_memory_max` bytes halts.

        Raises:
            DamagedState: the state is not the one whose root was recorded.
            ValueError: `params` names rules that do not exist.
        """
        self.undo_count = 0
        self._core = Core(
            store,
            spec=params.spec,
            chain_id=chain_id,
            kept_share=params.kept_share,
            pay_author_at_once=pay_author_at_once,
            transaction_gas_max=params.transaction_gas_max,
            contracts_may_send=params.contracts_may_send,
            window_epochs=params.snapshot_epochs,
            window_keys=WINDOW_KEYS_MAX,
            history_epochs=params.history_epochs,
            cache_entries=params.cache_entries,
            call_gas_max=call_gas_max,
            call_memory_max=call_memory_max,
        )

    @property
    def tracer(self) -> Tracer:
        """Traces of what this executor has executed, and of calls on its state."""
        return Tracer(self._core)

    @property
    def simulator(self) -> Simulator:
        """Blocks of calls on this executor's state, of which nothing is kept."""
        return Simulator(self._core)

    @property
    def at_hand(self) -> AtHand:
        """What this executor answers at once or not at all."""
        return AtHand(self._core)

    @property
    def editor(self) -> StateEditor:
        """Edits of this executor's latest state, for development chains."""
        return StateEditor(self._core)

    def genesis(
        self,
        allocation: Sequence[GenesisAccount],
        pivot: bytes,
        *,
        timestamp: int = 0,
        gas_limit: int = 30_000_000,
        base_price: int = 0,
    ) -> EpochRoots:
        """Write epoch 0, or check that the store holds the same one."""
        rows = [
            (entry.address, entry.balance, entry.nonce, entry.code, list(entry.storage.items()))
            for entry in allocation
        ]
        return EpochRoots(*self._core.genesis(rows, pivot, timestamp, gas_limit, base_price))

    def execute_epoch(self, epoch: EpochInput) -> EpochOutcome:
        """Execute and commit the epoch after the head."""
        blocks = [
            (
                block.hash,
                block.author,
                block.timestamp,
                block.difficulty,
                block.gas_limit,
                block.nonce,
                block.size,
                block.transactions_root,
                list(block.transactions),
            )
            for block in epoch.blocks
        ]
        roots, gas_used, executed, burnt, unexecuted, senders = self._core.execute_epoch(
            epoch.number,
            epoch.pivot,
            epoch.base_price,
            blocks,
            list(epoch.rewards),
            epoch.prev_randao,
        )
        return EpochOutcome(
            number=epoch.number,
            pivot=epoch.pivot,
            roots=EpochRoots(*roots),
            gas_used=gas_used,
            executed=executed,
            unexecuted=tuple((hash_, Unexecuted[reason]) for hash_, reason in unexecuted),
            senders=tuple(SenderState(*sender) for sender in senders),
            burnt=burnt,
        )

    def undo_to(self, number: int) -> list[int]:
        """Take back all epochs above `number`; return their numbers, newest first."""
        if number >= self.head()[0]:
            return []
        # Before any is gone: who reads epochs compares the count from before with that after.
        self.undo_count += 1
        try:
            return self._core.undo_to(number)
        except UndoTooDeep:  # and none is
            self.undo_count -= 1
            raise

    def forget_before(self, number: int) -> None:
        """Say that no undo below epoch `number` will be asked for."""
        self._core.forget_before(number)

    def prune_backlog(self, epochs: int) -> int:
        """Forget up to `epochs` epochs of history beyond what is kept; return how many are left."""
        return self._core.prune_backlog(epochs)[1]

    def head(self) -> tuple[int, bytes]:
        """Return number and pivot hash of the last executed epoch."""
        number, pivot, _ = self._core.head()
        return number, pivot

    def oldest_kept(self) -> int:
        """Return the oldest epoch whose state can be read."""
        return self._core.head()[2]

    def epoch_roots(self, number: int, pivot: bytes | None = None) -> EpochRoots | None:
        """Return the roots of epoch `number`, or `None` when it is not executed, or not with
        `pivot` where one is given."""
        summary = self._core.summary(number)
        if summary is None or pivot not in (None, summary[0]):
            return None
        return EpochRoots(*summary[1])

    def epoch(self, number: int) -> EpochSummary | None:
        """Return the summary of epoch `number`, or `None` when it is not executed."""
        summary = self._core.summary(number)
        if summary is None:
            return None
        pivot, roots, timestamp, author, base_price, gas_used, gas_limit, count, blocks = summary
        return EpochSummary(
            number=number,
            pivot=pivot,
            roots=EpochRoots(*roots),
            timestamp=timestamp,
            author=author,
            base_price=base_price,
            gas_used=gas_used,
            gas_limit=gas_limit,
            transaction_count=count,
            blocks=tuple(blocks),
        )

    def account(self, address: bytes, at: int | None = None) -> Account:
        """Return the account at `address`."""
        return Account(*self._core.account(address, at))

    def code(self, address: bytes, at: int | None = None) -> bytes:
        """Return the code at `address`, empty when there is none."""
        return self._core.code(address, at)

    def storage_at(self, address: bytes, slot: int, at: int | None = None) -> int:
        """Return the value of a storage slot, zero when it was never written."""
        return self._core.storage_at(address, slot, at)

    def call(
        self,
        request: CallRequest,
        at: int | None = None,
        *,
        accounts: Mapping[bytes, AccountOverride] | None = None,
        block: BlockOverride | None = None,
    ) -> CallResult:
        """Run a call on the state of `at` and throw its changes away."""
        return _call_result(*self._core.call(request, at, override_rows(accounts), block))

    def estimate_gas(
        self,
        request: CallRequest,
        at: int | None = None,
        *,
        accounts: Mapping[bytes, AccountOverride] | None = None,
        block: BlockOverride | None = None,
    ) -> int | CallResult:
        """Return the least gas limit the call succeeds with, or how it fails at any."""
        gas, failure = self._core.estimate_gas(request, at, override_rows(accounts), block)
        if failure is not None:
            return _call_result(*failure)
        assert gas is not None, "the core gives one of the two"
        return gas

    def simulate(
        self,
        requests: Sequence[CallRequest],
        at: int | None = None,
        *,
        accounts: Mapping[bytes, AccountOverride] | None = None,
        block: BlockOverride | None = None,
    ) -> Simulation:
        """Run calls one after the other, each on what the ones before left; keep nothing."""
        calls, changes, codes = _simulate(
            self._core, list(requests), at, override_rows(accounts), block
        )
        changed: dict[bytes, Account | None] = {}
        storage: dict[bytes, dict[int, int]] = {}
        for address, slot, account, value in changes:
            if slot is not None:
                storage.setdefault(address, {})[slot] = value
            else:
                changed[address] = None if account is None else Account(*account)
        return Simulation(
            calls=tuple(
                SimulatedCall(
                    _call_result(*result),
                    tuple(Log(where, tuple(topics), data) for where, topics, data in logs),
                    created,
                )
                for result, logs, created in calls
            ),
            accounts=changed,
            storage=storage,
            codes=dict(codes),
        )

    def prove(self, address: bytes, slots: Sequence[int], at: int | None = None) -> StateProof:
        """Prove an account and some of its slots against the state root of epoch `at`, or the last.

        Raises:
            MissingHistory: it is not kept, before the present window, or too much changed since.
        """
        epoch, roots, proofs = _prove(self._core, address, list(slots), at)
        account, *rest = (_value_proof(*proof) for proof in proofs)
        return StateProof(epoch, roots, account, tuple(rest))

    def locate(self, transaction: bytes) -> TransactionLocation | None:
        """Return where a transaction was executed, or `None`."""
        found = self._core.locate(transaction)
        return None if found is None else TransactionLocation(*found)

    def raw_transaction(self, transaction: bytes) -> bytes | None:
        """Return the signed bytes of an executed transaction, or `None`."""
        return self._core.raw_transaction(transaction)

    def transaction_json(self, transaction: bytes) -> bytes | None:
        """Return an executed transaction as `eth_getTransactionByHash` shows it, or `None`."""
        return self._core.transaction_json(transaction)

    def receipt_json(self, transaction: bytes) -> bytes | None:
        """Return a receipt as `eth_getTransactionReceipt` shows it, or `None`."""
        return self._core.receipt_json(transaction)

    def block_json(self, number: int, *, full: bool) -> bytes | None:
        """Return an epoch as `eth_getBlockByNumber` shows it, or `None` when not executed."""
        return self._core.block_json(number, full)

    def receipts_json(self, number: int) -> bytes | None:
        """Return all receipts of an epoch as `eth_getBlockReceipts` shows them, or `None`."""
        return self._core.receipts_json(number)

    def logs_json(self, query: LogQuery) -> bytes:
        """Return the logs that match, as `eth_getLogs` shows them."""
        return self._core.logs_json(
            query.first,
            query.last,
            list(query.addresses),
            [list(position) for position in query.topics],
            query.limit,
        )

    def fee_shares(
        self, number: int, rewardable: Sequence[bytes]
    ) -> tuple[tuple[tuple[bytes, int], ...], int]:
        """Share the fees of an epoch over its rewardable blocks (protocol §3.7)."""
        found = self._core.fee_shares(number, list(rewardable))
        if found is None:
            return (), 0
        shares, unclaimed = found
        return tuple(shares), unclaimed


def pending_transaction_json(transaction: Transaction) -> bytes:
    """Return a transaction that waits in the pool as `eth_getTransactionByHash` shows it."""
    return _pending_transaction_json(transaction)


_Walk = tuple[bytes, bytes, list[tuple[int, bytes]]]


def _value_proof(
    value: bytes | None,
    delta: _Walk | None,
    intermediate: _Walk | None,
    snapshot: tuple[list[tuple[bytes, bytes]], list[bytes]] | None,
) -> ValueProof:
    return ValueProof(
        value=value,
        delta=_walk(delta),
        intermediate=_walk(intermediate),
        snapshot=None if snapshot is None else Bucket(tuple(snapshot[0]), tuple(snapshot[1])),
    )


def _walk(walk: _Walk | None) -> Walk | None:
    if walk is None:
        return None
    path, value_hash, steps = walk
    return Walk(path, value_hash, tuple(Step(*step) for step in steps))


def _call_result(
    status: int, output: bytes, gas_used: int, gas_spent: int, halt: str | None
) -> CallResult:
    return CallResult(CallStatus(status), output, gas_used, gas_spent, halt)
