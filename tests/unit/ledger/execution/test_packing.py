"""Random epochs of transfers against a ledger of a page, written from protocol §3.7, §3.11, §3.12.

Transactions are packed several times, too early, too late, too cheap and without money. What
executes, who pays what, what is burnt and who shares which fee must be as the model says.
"""

import random
from collections.abc import Sequence

import pytest
from tests.seed import SEED
from tests.unit.ledger.execution.builders import address_of, block, epoch, executor, sign, signer

from sogdia.ledger.execution.api import BlockInput, Unexecuted
from sogdia.ledger.primitives.transaction import Transaction

SIGNERS = [signer(number) for number in range(1, 5)]
ENDOWMENT = 1_000 * 10**18
TARGET = b"\x33" * 20
GAS = 21_000


class Model:
    """Nonces, balances and fees of an epoch of plain transfers, price by price."""

    def __init__(self, base_price: int) -> None:
        self.base_price = base_price
        self.burnt_price = base_price - base_price // 2  # half, rounded up
        self.nonces = {address_of(each): 0 for each in SIGNERS}
        self.balances = {address_of(each): ENDOWMENT for each in SIGNERS}
        self.executed: list[bytes] = []
        self.left_out: set[bytes] = set()
        self.fees: dict[bytes, int] = {}
        self.holders: dict[bytes, set[bytes]] = {}
        self.burnt = 0

    def run(self, blocks: Sequence[BlockInput]) -> None:
        """Execute the blocks in order, the last being the pivot."""
        for each in blocks:
            for transaction in each.transactions:
                self.holders.setdefault(transaction.hash, set()).add(each.hash)
                if transaction.hash not in self.fees:
                    self._try(transaction, is_pivot=each is blocks[-1])
        self.left_out -= set(self.executed)

    def _try(self, transaction: Transaction, *, is_pivot: bool) -> None:
        sender, cap = transaction.sender, transaction.max_fee_per_gas
        price = min(cap, self.base_price + transaction.max_priority_fee_per_gas)
        is_cheap = cap < self.base_price
        payable = self.balances[sender] >= transaction.gas_limit * cap + transaction.value
        if (
            transaction.nonce != self.nonces[sender]
            or not payable
            or (is_cheap and (is_pivot or price < self.burnt_price))
        ):
            self.left_out.add(transaction.hash)
            return
        self.executed.append(transaction.hash)
        self.nonces[sender] += 1
        self.balances[sender] -= GAS * price + transaction.value
        burnt = min(self.burnt_price, price)
        self.burnt += GAS * burnt
        self.fees[transaction.hash] = GAS * (price - burnt)

    def shares(self, rewardable: set[bytes]) -> tuple[dict[bytes, int], int]:
        """Return the fees of each rewardable block, and what nobody may claim."""
        shares = dict.fromkeys(rewardable, 0)
        unclaimed = 0
        for transaction, fee in self.fees.items():
            holders = sorted(self.holders[transaction] & rewardable)
            if not holders:
                unclaimed += fee
            for place, holder in enumerate(holders):
                shares[holder] += fee // len(holders) + (place < fee % len(holders))
        return shares, unclaimed


def random_blocks(chance: random.Random, base_price: int) -> list[BlockInput]:
    """Return blocks that pack transfers of four senders, some of them again and again."""
    pool = []
    for account in SIGNERS:
        for nonce in range(chance.randint(0, 4)):
            cap = max(1, base_price + chance.choice((-base_price, -2, -1, 0, 1, 7)))
            fields = {
                "to": TARGET,
                "gas": chance.choice((GAS, GAS + 1_000)),
                "value": chance.choice((0, 1, ENDOWMENT // 3, ENDOWMENT)),
                "maxFeePerGas": cap,
                "maxPriorityFeePerGas": min(cap, chance.choice((0, 1, 3))),
            }
            if chance.random() < 0.3:
                fields |= {"gasPrice": cap, "maxFeePerGas": None, "maxPriorityFeePerGas": None}
            pool.append(sign(account, nonce, **fields))
    count = chance.randint(1, 6)
    packed = [chance.choices(pool, k=chance.randint(0, 6)) if pool else [] for _ in range(count)]
    return [block(f"{chance.random()}", each) for each in packed]


def check(seed: str) -> None:
    """Execute one random epoch on both sides."""
    chance = random.Random(seed)
    base_price = chance.choice((1, 2, 3, 10, 1_001))
    blocks = random_blocks(chance, base_price)
    model = Model(base_price)
    model.run(blocks)
    engine = executor(*SIGNERS)
    outcome = engine.execute_epoch(epoch(1, *blocks, base_price=base_price))
    unexecuted: dict[bytes, Unexecuted] = dict(outcome.unexecuted)
    places = {hash_: engine.locate(hash_) for hash_ in model.executed}
    assert outcome.executed == len(model.executed), seed
    assert [place and place.index for place in places.values()] == list(range(len(places))), seed
    assert set(unexecuted) == model.left_out, seed
    assert outcome.burnt == model.burnt, seed
    for address, balance in model.balances.items():
        account = engine.account(address)
        assert (account.balance, account.nonce) == (balance, model.nonces[address]), seed
    for share in (1.0, 0.6, 0.0):
        rewardable = {each.hash for each in blocks if chance.random() < share}
        expected, lost = model.shares(rewardable)
        shares, unclaimed = engine.fee_shares(1, sorted(rewardable))
        assert (dict(shares), unclaimed) == (expected, lost), seed


def test_random_epochs_are_as_the_model_says() -> None:
    """A sample; the seed is printed with a failure."""
    print(f"seed {SEED}")
    for number in range(60):
        check(f"{SEED} {number}")


@pytest.mark.full
def test_many_random_epochs_are_as_the_model_says() -> None:
    """Ten thousand."""
    print(f"seed {SEED}")
    for number in range(10_000):
        check(f"{SEED} {number}")


def test_who_packed_too_early_shares_the_fee_of_what_ran_later() -> None:
    """Block a holds nonce 1 before b brings nonce 0: both contain the transaction that b runs."""
    engine = executor(SIGNERS[0])
    first, second = (sign(SIGNERS[0], nonce, to=TARGET, gas=GAS) for nonce in range(2))
    blocks = [block("a", [second]), block("b", [first, second, second]), block("pivot")]
    engine.execute_epoch(epoch(1, *blocks))
    a, b, pivot = (each.hash for each in blocks)
    shares = dict(engine.fee_shares(1, [a, b, pivot])[0])
    fee = GAS * (10**9 + 10**9 // 2)
    assert shares == {a: fee // 2, b: fee + fee // 2, pivot: 0}
    assert dict(engine.fee_shares(1, [a])[0]) == {a: fee}
