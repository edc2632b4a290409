"""Logs by random filters and fees of random ranges, each against what the blocks themselves show.

The receipts of every block are read once; what `eth_getLogs` and `eth_feeHistory` answer must be
what a plain walk over them finds.
"""

import random
from typing import Any

import pytest
from tests.conformance.spawned import SpawnedNode
from tests.seed import SEED

TOPICS = [f"0x{number:064x}" for number in range(4)]
FILTERS = 150
RANGES = 40


def emitter(count: int) -> str:
    """Return init code of a contract that logs its call data's first `count` words as topics."""
    pushes = b"".join(bytes([0x60, 32 * place, 0x35]) for place in reversed(range(count)))
    code = pushes + bytes([0x60, 0x04, 0x60, 0x00, 0xA0 + count, 0x00])
    size = bytes([0x60, len(code)])
    copy = size + bytes([0x60, 10, 0x5F, 0x39]) + size + bytes([0x5F, 0xF3])
    return "0x" + (copy + code).hex()


@pytest.fixture(scope="module")
def blocks(node: SpawnedNode) -> list[list[dict[str, Any]]]:
    """The receipts of all blocks, by number, after some blocks of random logs."""
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    senders = node.call("eth_accounts")[:3]
    contracts = [
        node.call(
            "eth_getTransactionReceipt",
            node.call("eth_sendTransaction", {"from": senders[0], "data": emitter(count)}),
        )["contractAddress"]
        for count in range(5)
    ]
    node.call("evm_setAutomine", False)
    for _ in range(12):
        for _ in range(chance.randint(0, 5)):
            price = int(node.call("eth_gasPrice"), 16)
            tip = chance.choice((0, 1, 10**9))
            node.call(
                "eth_sendTransaction",
                {
                    "from": chance.choice(senders),
                    "to": chance.choice(contracts),
                    "data": "0x" + "".join(chance.choice(TOPICS)[2:] for _ in range(4)),
                    "gas": "0x20000",
                    "maxFeePerGas": hex(2 * price + tip),
                    "maxPriorityFeePerGas": hex(tip),
                },
            )
        node.call("evm_mine")
    node.call("evm_setAutomine", True)
    head = int(node.call("eth_blockNumber"), 16)
    return [node.call("eth_getBlockReceipts", hex(number)) for number in range(head + 1)]


def random_filter(chance: random.Random, blocks: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """Return a filter in any of the forms that clients send."""
    addresses = sorted(
        {log["address"] for block in blocks for each in block for log in each["logs"]}
    )
    head = len(blocks) - 1
    first = chance.randint(0, head)
    wanted: dict[str, Any] = {"fromBlock": hex(first), "toBlock": hex(chance.randint(first, head))}
    if chance.random() < 0.5:
        wanted = {"fromBlock": "earliest", "toBlock": chance.choice(("latest", hex(head)))}
    address = chance.choice((None, chance.choice(addresses), chance.sample(addresses, 2), []))
    if address is not None:
        wanted["address"] = address
    if chance.random() < 0.8:
        wanted["topics"] = [
            chance.choice(
                (
                    None,
                    [],
                    chance.choice(TOPICS),
                    chance.sample(TOPICS, 2),
                    [chance.choice(TOPICS), None],
                )
            )
            for _ in range(chance.randint(0, 4))
        ]
    return wanted


def is_wanted(log: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Tell whether a log is one that a filter asks for, by go-ethereum's reading."""
    addresses = wanted.get("address") or []
    addresses = [addresses] if isinstance(addresses, str) else addresses
    if addresses and log["address"] not in addresses:
        return False
    positions = wanted.get("topics", [])
    if len(positions) > len(log["topics"]):
        return False
    return all(
        not position or None in position or topic in position
        for position, topic in zip(
            ([each] if isinstance(each, str) else each for each in positions),
            log["topics"],
            strict=False,
        )
    )


def test_logs_are_those_that_a_walk_over_the_receipts_finds(
    node: SpawnedNode, blocks: list[list[dict[str, Any]]]
) -> None:
    """In order, none twice, none left out."""
    chance = random.Random(SEED + 1)
    found = 0
    for _ in range(FILTERS):
        wanted = random_filter(chance, blocks)
        first, last = (
            int(bound, 16)
            if bound.startswith("0x")
            else {"earliest": 0, "latest": len(blocks) - 1}[bound]
            for bound in (wanted["fromBlock"], wanted["toBlock"])
        )
        expected = [
            log
            for block in blocks[first : last + 1]
            for receipt in block
            for log in receipt["logs"]
            if is_wanted(log, wanted)
        ]
        # The schema takes an empty answer for two kinds of result at once, and so for none.
        body = {"jsonrpc": "2.0", "id": 1, "method": "eth_getLogs", "params": [wanted]}
        assert node.ask(body)["result"] == expected, (SEED, wanted)
        found += len(expected)
    assert found > FILTERS, "the filters find something"


def rewards(receipts: list[dict[str, Any]], base: int, percentiles: list[float]) -> list[str]:
    """Return the tips at percentiles of the gas used, the cheapest first."""
    tips = sorted((int(r["effectiveGasPrice"], 16) - base, int(r["gasUsed"], 16)) for r in receipts)
    if not tips:
        return ["0x0"] * len(percentiles)
    total = sum(gas for _, gas in tips)
    answers, place, summed = [], 0, tips[0][1]
    for percentile in percentiles:
        while summed < int(total * percentile / 100) and place < len(tips) - 1:
            place += 1
            summed += tips[place][1]
        answers.append(hex(tips[place][0]))
    return answers


def test_fee_histories_are_those_of_the_blocks(
    node: SpawnedNode, blocks: list[list[dict[str, Any]]]
) -> None:
    """Base fees, shares of gas used, and tips by percentile."""
    chance = random.Random(SEED + 2)
    shown = [node.call("eth_getBlockByNumber", hex(n), False) for n in range(len(blocks))]
    for _ in range(RANGES):
        newest = chance.randrange(len(blocks))
        count = chance.randint(1, len(blocks) + 3)
        percentiles = sorted(chance.choice((0, 10.5, 25, 50, 75, 99, 100)) for _ in range(3))
        history = node.call("eth_feeHistory", hex(count), hex(newest), percentiles)
        oldest = max(0, newest - count + 1)
        within = range(oldest, newest + 1)
        assert int(history["oldestBlock"], 16) == oldest
        bases = [shown[number]["baseFeePerGas"] for number in within]
        assert history["baseFeePerGas"][:-1] == bases, SEED
        assert len(history["baseFeePerGas"]) == len(bases) + 1
        if newest + 1 < len(shown):
            assert history["baseFeePerGas"][-1] == shown[newest + 1]["baseFeePerGas"], SEED
        for place, number in enumerate(within):
            used, limit = (int(shown[number][name], 16) for name in ("gasUsed", "gasLimit"))
            assert history["gasUsedRatio"][place] == pytest.approx(used / limit)
            expected = rewards(blocks[number], int(bases[place], 16), percentiles)
            assert history["reward"][place] == expected, (SEED, number)
