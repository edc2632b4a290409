"""What gas costs now, what it cost, what a sender should offer."""

from itertools import pairwise
from typing import Annotated, Any

import msgspec

from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.errors import HeaderNotFound
from sogdia.ledger.rpc.eth.epochs import find_epoch, latest_epoch
from sogdia.ledger.rpc.method import Method, OffLoop
from sogdia.ledger.rpc.params import (
    EpochNumber,
    Param,
    WrongParam,
    hex_quantity,
    parse_list,
    parse_uint64,
)

# go-ethereum's oracle: of the last twenty blocks the three cheapest tips each, then the 60th
# percentile, so that neither a free ride nor one nervous sender moves it.
SAMPLED_EPOCHS = 20
SAMPLED_TIPS = 3
PERCENTILE = 60
# More percentiles than percent steps say nothing new.
PERCENTILES_MAX = 100
# What the opcode BLOBBASEFEE shows where there are no blobs.
LEAST_BLOB_PRICE = 1


class _Fee(msgspec.Struct):
    effectiveGasPrice: str  # noqa: N815
    gasUsed: str  # noqa: N815


_decode_fees = msgspec.json.Decoder(list[_Fee]).decode


def gas_price(node: Backend) -> OffLoop:
    """Return what a legacy transaction should offer, drip per gas: base price and a fair tip."""
    base = next_base_price(node)
    return OffLoop(lambda: hex_quantity(base + suggest_tip(node)))


def max_priority_fee_per_gas(node: Backend) -> OffLoop:
    """Return a fair tip, drip per gas."""
    return OffLoop(lambda: hex_quantity(suggest_tip(node)))


def next_base_price(node: Backend) -> int:
    """Return the base price, drip per gas, of a full next block: the most that it can come to."""
    if node.development is not None and node.development.chosen_base_price is not None:
        return node.development.chosen_base_price
    best = node.consensus.best_block()
    header = node.consensus.header(best)
    limits = node.consensus.space_gas_limits(header.height + 1, header.gas_limit)
    return node.consensus.base_price(best, limits)[1]


def suggest_tip(node: Backend) -> int:
    """Return the 60th percentile of the cheapest tips paid lately, or the least that is taken."""
    head = latest_epoch(node)
    tips: list[int] = []
    for number in range(head, max(head - SAMPLED_EPOCHS, -1), -1):
        tips += sorted(tip for tip, _ in _tips(node, number))[:SAMPLED_TIPS]
    if not tips:
        return node.default_tip
    tips.sort()
    return max(node.default_tip, tips[(len(tips) - 1) * PERCENTILE // 100])


def _parse_count(value: Any) -> int:
    if type(value) is int:  # go-ethereum takes a decimal too
        return parse_uint64(hex(value)) if value >= 0 else parse_uint64(str(value))
    return parse_uint64(value)


def _parse_percentiles(value: Any) -> list[float]:
    if value is None:
        return []
    percentiles = parse_list(value, _percentile, PERCENTILES_MAX)
    for i, (lower, upper) in enumerate(pairwise(percentiles)):
        if lower > upper:
            raise WrongParam(f"invalid reward percentile: #{i}:{lower:f} >= #{i + 1}:{upper:f}")
    return percentiles


def _percentile(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= 100:
        raise WrongParam(f"invalid reward percentile: {value}")
    return float(value)


Count = Annotated[int, Param("blockCount", _parse_count, {"type": "string"})]
Percentiles = Annotated[
    list[float],
    Param("rewardPercentiles", _parse_percentiles, {"type": "array", "items": {"type": "number"}}),
]


def fee_history(
    node: Backend,
    count: Count,
    newest: EpochNumber,
    percentiles: Percentiles | None = None,
) -> OffLoop:
    """Return base prices, how full epochs were, and the tips paid, for a run of epochs."""
    last = find_epoch(node, newest)
    if last is None:
        raise HeaderNotFound
    count = min(count, node.limits.fee_history_epochs, last + 1)
    if count == 0:
        return OffLoop(lambda: {"oldestBlock": "0x0", "gasUsedRatio": []})
    following = next_base_price(node)
    return OffLoop(lambda: _history(node, last + 1 - count, last, percentiles or [], following))


def _history(
    node: Backend, first: int, last: int, percentiles: list[float], following: int
) -> dict[str, Any]:
    count = last - first + 1
    base_prices, ratios = [], []
    for number in range(first, last + 1):
        summary = node.executor.epoch(number)
        assert summary is not None, "an executed epoch has a summary"
        base_prices.append(summary.base_price)
        ratios.append(summary.gas_used / summary.gas_limit if summary.gas_limit else 0.0)
    after = node.executor.epoch(last + 1)
    base_prices.append(following if after is None else after.base_price)
    history: dict[str, Any] = {
        "oldestBlock": hex_quantity(first),
        "baseFeePerGas": [hex_quantity(price) for price in base_prices],
        "gasUsedRatio": ratios,
        "baseFeePerBlobGas": [hex_quantity(LEAST_BLOB_PRICE)] * (count + 1),
        "blobGasUsedRatio": [0.0] * count,
    }
    if percentiles:
        history["reward"] = [
            [hex_quantity(tip) for tip in _rewards(_tips(node, number), percentiles)]
            for number in range(first, last + 1)
        ]
    return history


def _tips(node: Backend, number: int) -> list[tuple[int, int]]:
    """Return (tip per gas, gas used) of each transaction of an epoch."""
    summary = node.executor.epoch(number)
    if summary is None or summary.transaction_count == 0:
        return []
    receipts = node.executor.receipts_json(number)
    assert receipts is not None, "an executed epoch has receipts"
    # A transaction of a block off the pivot may have paid less than the pivot's base price.
    return [
        (max(int(fee.effectiveGasPrice, 16) - summary.base_price, 0), int(fee.gasUsed, 16))
        for fee in _decode_fees(receipts)
    ]


def _rewards(tips: list[tuple[int, int]], percentiles: list[float]) -> list[int]:
    """Return the tip at each percentile of the gas used, cheapest gas first."""
    if not tips:
        return [0] * len(percentiles)
    tips = sorted(tips)
    total = sum(gas for _, gas in tips)
    rewards: list[int] = []
    index, seen = 0, tips[0][1]
    for percentile in percentiles:
        threshold = int(total * percentile / 100)
        while seen < threshold and index < len(tips) - 1:
            index += 1
            seen += tips[index][1]
        rewards.append(tips[index][0])
    return rewards


def blob_base_fee(node: Backend) -> str:
    """Return one, the least that there is: this ledger carries no blobs (EIP-7516)."""
    del node
    return hex_quantity(LEAST_BLOB_PRICE)


def base_fee(node: Backend) -> str:
    """Return the base price, drip per gas, of the next block."""
    return hex_quantity(next_base_price(node))


METHODS = (
    Method.of("eth_gasPrice", gas_price),
    Method.of("eth_maxPriorityFeePerGas", max_priority_fee_per_gas),
    Method.of("eth_feeHistory", fee_history),
    Method.of("eth_blobBaseFee", blob_base_fee),
    Method.of("eth_baseFee", base_fee),
)
