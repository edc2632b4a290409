"""Every refusal of the JSON-RPC door: its code, its words, its data.

Codes and words follow go-ethereum where it has one for the case, because client libraries match on
them; EIP-1474 gives the rest. A subclass carries the values, `message` makes the words of them.
"""

from sogdia.ledger.primitives.errors import SogdiaError


class RpcError(SogdiaError):
    """A refusal that is the caller's to read: `code`, `message`, and perhaps `data`."""

    code = -32000

    @property
    def message(self) -> str:
        """The words of the JSON-RPC error object."""
        return str(self)

    @property
    def data(self) -> str | None:
        """The `data` member of the error object, or `None` for none."""
        return None


class ParseError(RpcError):
    """The body is not the JSON that this door reads."""

    code = -32700

    def __init__(self, reason: str) -> None:
        super().__init__(f"parse error: {reason}")


class InvalidRequest(RpcError):
    """The JSON is fine, but it is not a JSON-RPC request."""

    code = -32600

    def __init__(self, reason: str) -> None:
        super().__init__(f"invalid request: {reason}")


class BatchTooLarge(RpcError):
    """More calls in one batch than the limit."""

    code = -32600

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(f"batch too large: {count} calls, limit {limit}: split the batch")


class MethodNotFound(RpcError):
    """No such method on this node, or not in the namespaces it serves."""

    code = -32601

    def __init__(self, name: str) -> None:
        super().__init__(f"the method {name} does not exist/is not available")


class InvalidParams(RpcError):
    """A parameter is missing, superfluous, of the wrong type or out of range."""

    code = -32602


class InternalError(RpcError):
    """A defect of the node: the log has the trace under an id, the caller sees only that id."""

    code = -32603

    def __init__(self, correlation_id: str) -> None:
        super().__init__(
            f"internal error: report {correlation_id} and the log line that carries it"
        )


class HeaderNotFound(RpcError):
    """State was asked at an epoch that this ledger does not have."""

    def __init__(self, *, by_hash: bool = False) -> None:
        super().__init__("header for hash not found" if by_hash else "header not found")


class HistoryPruned(RpcError):
    """The state of that epoch existed, but this node no longer keeps it."""

    code = 4444

    def __init__(self, epoch: int, oldest: int) -> None:
        super().__init__(
            f"pruned history unavailable: state of epoch {epoch} is gone, oldest kept is {oldest}"
        )


class TimedOut(RpcError):
    """The call ran longer than the limit."""

    code = -32002

    def __init__(self, limit_s: float) -> None:
        super().__init__(f"request timed out after {limit_s:g} s")


class ResponseTooLarge(RpcError):
    """The answer, or the answers of a batch together, exceed the limit."""

    code = -32003

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"response too large: {size} bytes, limit {limit}: ask for less at once")


class LimitExceeded(RpcError):
    """Too many of something at once: try again later."""

    code = -32005


class TooManyCalls(LimitExceeded):
    """The caller's bucket of calls is empty, on a connection that knows no status 429."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"too many calls: wait {wait_s:.1f} s")


class TransactionRefused(RpcError):
    """The pool or the decoder refused a transaction; the words are go-ethereum's."""


class ExecutionFailed(RpcError):
    """A simulated execution halted without a revert: out of gas, a bad opcode."""


class ExecutionReverted(RpcError):
    """A simulated execution reverted; `data` is the revert data as plain hex."""

    code = 3

    def __init__(self, reason: str | None, output: bytes) -> None:
        super().__init__(
            "execution reverted" if reason is None else f"execution reverted: {reason}"
        )
        self.output = output

    @property
    def data(self) -> str | None:
        """Plain hex of what the contract returned with its revert."""
        return "0x" + self.output.hex()
