"""Refusals in the family's words: tests compare code, beginning and data."""

from sogdia.ledger.rpc.errors import InvalidParams, RpcError


class InvalidParameter(InvalidParams):
    """A parameter is wrong, by the family's words: which one, and why as `data`."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name = name
        self.reason = reason

    def __str__(self) -> str:
        return f"Invalid parameters: {self.name}"

    @property
    def data(self) -> str:
        """The reason, quoted as the family's nodes write it."""
        return f'"{self.reason}"'


class RefusedTransaction(InvalidParams):
    """The pool does not take a transaction; words and `data` both say why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f'Invalid parameters: tx "{self.reason}"'

    @property
    def data(self) -> str:
        """The reason, quoted as the family's nodes write it."""
        return f'"{self.reason}"'


class UnknownState(InvalidParameter):
    """The state of an epoch is asked for that is not executed yet."""

    def __init__(self, epoch: int) -> None:
        super().__init__("epoch parameter", f"State for epoch {epoch} does not exist")

    def __str__(self) -> str:
        return f"Invalid parameters: epoch parameter: {self.reason}"


class Throttled(RpcError):
    """A method was called more often than its bucket allows."""

    code = -32072

    def __init__(self, words: str) -> None:
        super().__init__("request rate exceeded")
        self.words = words

    @property
    def data(self) -> str:
        """When to come again."""
        return self.words


class NotBuilt(RpcError):
    """A method of the family that this node does not have, and why."""

    code = -32601

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} is not served: {reason}")


class OversizedPayload(RpcError):
    """An answer is larger than the configuration allows on a WebSocket."""

    code = -32008

    def __init__(self, size: int, limit: int) -> None:
        super().__init__("response is too big")
        self.size = size
        self.limit = limit

    @property
    def data(self) -> str:
        """The sizes in bytes."""
        return f"Oversized payload: {self.size} bytes, at most {self.limit} are sent"
