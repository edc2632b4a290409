"""The ledger's own errors in the words that Ethereum's clients match on, in one table.

Libraries tell a used nonce from an empty account by go-ethereum's texts, so its text comes first
and our values after it. What is not in the table is a defect of the node, not a refusal.
"""

from collections.abc import Callable
from typing import Any

from sogdia.ledger.execution import errors as execution
from sogdia.ledger.mempool import errors as pool
from sogdia.ledger.primitives import errors as values
from sogdia.ledger.primitives.errors import SogdiaError
from sogdia.ledger.rpc.errors import (
    ExecutionFailed,
    HistoryPruned,
    InvalidParams,
    RpcError,
    TransactionRefused,
)

Make = Callable[[Any], RpcError]


def refusal_of(error: SogdiaError) -> RpcError | None:
    """Return what the caller is told of `error`; `None` when it is no refusal but a defect."""
    if isinstance(error, RpcError):
        return error
    for kind in type(error).__mro__:
        make = _TABLE.get(kind)
        if make is not None:
            return make(error)
    return None


def _refused(text: Callable[[Any], str]) -> Make:
    return lambda error: TransactionRefused(text(error))


def _bad_signature(error: SogdiaError) -> str:
    return f"invalid transaction v, r, s values: {error}"


def _overshot(error: pool.InsufficientFunds) -> str:
    return (
        f"insufficient funds for gas * price + value: balance {error.balance}, "
        f"tx cost {error.needed}, overshot {error.needed - error.balance}"
    )


_TABLE: dict[type, Make] = {
    # --- a transaction that no block may contain ---
    values.InvalidTransaction: _refused(lambda e: f"invalid transaction: {e}"),
    values.MalformedTransaction: _refused(lambda e: f"rlp: {e.reason}"),
    values.UnknownTransactionType: _refused(lambda e: f"transaction type not supported: {e.kind}"),
    values.WrongChainId: _refused(
        lambda e: f"invalid chain id for signer: have {e.actual} want {e.expected}"
    ),
    values.InvalidSignatureV: _refused(_bad_signature),
    values.InvalidYParity: _refused(_bad_signature),
    values.SignatureOutOfRange: _refused(_bad_signature),
    values.HighS: _refused(_bad_signature),
    values.UnrecoverableSignature: _refused(lambda e: f"invalid sender: {e}"),
    values.NonceOverflow: _refused(lambda e: f"nonce has max value: nonce: {e.nonce}"),
    values.GasLimitOverflow: _refused(lambda e: f"gas uint64 overflow: {e.gas_limit}"),
    values.FeeOverflow: _refused(lambda e: f"fee cap higher than 2^256-1: {e}"),
    values.TipAboveCap: _refused(
        lambda e: (
            "max priority fee per gas higher than max fee per gas: "
            f"maxPriorityFeePerGas: {e.tip}, maxFeePerGas: {e.cap}"
        )
    ),
    values.EmptyAuthorizationList: _refused(
        lambda _: "set code tx must have at least one authorization tuple"
    ),
    values.CreateInSetCode: _refused(
        lambda _: "EIP-7702 transaction cannot be used to create contract"
    ),
    values.IntrinsicGasTooLow: _refused(
        lambda e: f"intrinsic gas too low: gas {e.gas_limit}, minimum needed {e.needed}"
    ),
    values.FloorGasTooLow: _refused(
        lambda e: (
            "insufficient gas for floor data gas cost: "
            f"gas {e.gas_limit}, minimum needed {e.needed}"
        )
    ),
    values.InitcodeTooLarge: _refused(
        lambda e: f"max initcode size exceeded: code size {e.size}, limit {e.size_max}"
    ),
    values.GasLimitTooHigh: _refused(
        lambda e: f"transaction gas limit too high (cap: {e.gas_limit_max}, tx: {e.gas_limit})"
    ),
    # --- a transaction that the pool does not take now ---
    pool.PoolError: _refused(str),
    pool.AlreadyKnown: _refused(lambda _: "already known"),
    pool.NonceTooLow: _refused(
        lambda e: f"nonce too low: next nonce {e.account_nonce}, tx nonce {e.nonce}"
    ),
    pool.NonceGapTooWide: _refused(
        lambda e: (
            f"nonce too high: next nonce {e.account_nonce}, tx nonce {e.nonce}, "
            f"at most {e.gap_max} ahead: send the transactions before it first"
        )
    ),
    pool.ReplacementUnderpriced: _refused(
        lambda e: (
            f"replacement transaction underpriced: gas tip cap {e.tip}, fee cap {e.cap}, "
            f"minimum needed {e.tip_needed}, {e.cap_needed}"
        )
    ),
    pool.InsufficientFunds: _refused(_overshot),
    pool.FeeCapBelowBase: _refused(
        lambda e: (
            "max fee per gas less than block base fee: "
            f"maxFeePerGas: {e.cap}, baseFee: {e.base_price}"
        )
    ),
    pool.TipBelowMinimum: _refused(
        lambda e: f"transaction underpriced: gas tip cap {e.tip}, minimum needed {e.tip_min}"
    ),
    pool.GasLimitAboveBlock: _refused(
        lambda e: f"exceeds block gas limit: gas {e.gas_limit}, limit {e.gas_limit_max}"
    ),
    pool.TransactionTooLarge: _refused(
        lambda e: f"oversized data: transaction size {e.size}, limit {e.size_max}"
    ),
    pool.SenderHasCode: _refused(lambda e: f"sender not an eoa: address 0x{e.sender.hex()}"),
    pool.SenderQueueFull: _refused(lambda e: f"account limit exceeded: {e}"),
    pool.PoolFull: _refused(lambda e: f"txpool is full: {e}"),
    # --- an execution that cannot be tried, a state that is gone ---
    execution.MissingHistory: lambda e: HistoryPruned(e.epoch, e.oldest),
    execution.InvalidCall: lambda e: ExecutionFailed(f"err: {e.reason}"),
    execution.InvalidTracer: lambda e: InvalidParams(str(e)),
    execution.TooManyLogs: lambda e: InvalidParams(f"query returns more than {e.limit} logs: {e}"),
}
