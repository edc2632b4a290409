"""From the bytes of a request to the bytes of its answer: one call, or a batch as one unit of work.

D1  Every call with an id is answered exactly once; a notification never is.
D2  A batch's answers stand in the order of its calls.
D3  Whatever a handler raises, the caller gets an error object; the trace stays in the log.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Executor
from types import CoroutineType
from typing import Any, Protocol

from sogdia.ledger.primitives.errors import SogdiaError
from sogdia.ledger.rpc.errors import (
    BatchTooLarge,
    InvalidRequest,
    MethodNotFound,
    ResponseTooLarge,
    RpcError,
    TimedOut,
)
from sogdia.ledger.rpc.limits import RpcLimits
from sogdia.ledger.rpc.method import Later, Method, MethodTable, OffLoop
from sogdia.ledger.rpc.refusals import refusal_of
from sogdia.ledger.rpc.wire import (
    LONG_BYTES,
    PLAIN_DEPTH,
    PLAIN_ID_DIGITS,
    PlainCall,
    ReadyJson,
    decode_body,
    decode_plain,
    encode,
)


class Supervisor(Protocol):
    """Runs the node's own code for callers: a defect in it must end neither port nor caller.

    On a defect it logs the trace, decides whether the node goes on, and returns the `InternalError`
    to show instead of a result. It lives with the node, the only place that catches everything.
    """

    def call(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Return `work(*arguments)`, or the `InternalError`."""

    async def wait(self, work: Awaitable[Any]) -> Any:
        """Return what `work` comes to, or the `InternalError`."""


_MISSING = object()
# An answer whose parts are to be sent one after the other.
Pieces = tuple[Any, ...]
# What to send, or what to await for it.
Answer = bytes | Pieces | Coroutine[Any, Any, bytes | Pieces]


async def whole(answer: Answer) -> bytes:
    """Return an answer in one piece, once it is there."""
    return _joined(answer if isinstance(answer, bytes | tuple) else await answer)


def _joined(answer: bytes | Pieces) -> bytes:
    return answer if isinstance(answer, bytes) else b"".join(answer)


class Dispatcher:
    """Answers request bodies for one node."""

    def __init__(
        self,
        node: Any,
        methods: MethodTable,
        limits: RpcLimits,
        workers: Executor,
        supervisor: Supervisor,
    ) -> None:
        self._node = node
        self._methods = methods
        self._limits = limits
        self._workers = workers
        self._supervisor = supervisor
        is_deep, is_long = limits.json_depth >= PLAIN_DEPTH, limits.json_number_digits
        self._takes_plain = is_deep and is_long >= PLAIN_ID_DIGITS

    def serves(self, method: str) -> bool:
        """Return whether callers may ask for `method` here."""
        return self._methods.find(method) is not None

    def weight(self, request: Any) -> int:
        """Return how many calls a decoded body makes: what a rate limit counts."""
        return len(request) if type(request) is list else 1

    def decode(self, body: bytes) -> Any:
        """Return the decoded body. Raises: ParseError."""
        return decode_body(body, self._limits)

    def answer_plain(self, body: bytes) -> Answer | None:
        """Return what `answer` would for a body that is a plain call, which nearly all are.

        `None` says nothing about the body: decode it. What this spares is a third of an answer.
        """
        call = decode_plain(body) if self._takes_plain else None
        if call is None:
            return None
        outcome = self._supervisor.call(self._begin_plain, call)
        kind = type(outcome)
        if kind is OffLoop or kind is CoroutineType or kind is Later:
            return self._answer_later(call.members(), outcome)
        return self._render(encode(call.id), outcome)

    def answer(self, request: Any) -> Answer:
        """Return the bytes to send for a decoded body, empty when it held notifications only.

        What can be answered at once is; otherwise the caller awaits what is returned.
        """
        if type(request) is list:
            return self._answer_batch(request)
        outcome = self._supervisor.call(self._begin, request)
        kind = type(outcome)
        if kind is OffLoop or kind is CoroutineType or kind is Later:
            return self._answer_later(request, outcome)
        return self._render_one(request, outcome)

    def _begin_plain(self, call: PlainCall) -> Any:
        try:
            method = self._methods.find(call.method)
            if method is None:
                raise MethodNotFound(call.method)
            return method.handler(self._node, *method.read(call.params))
        except SogdiaError as error:
            return _refusal(error)

    def refuse(self, error: RpcError) -> bytes:
        """Return the answer for a body that could not even be read."""
        return _error_object(b"null", error)

    def show(self, request: Any, outcomes: list[Any]) -> bytes | Pieces:
        """Return the answer for a decoded body whose calls came to `outcomes`."""
        if type(request) is list:
            return self._join(request, outcomes)
        return self._render_one(request, outcomes[0])

    def _begin(self, request: Any) -> Any:
        """Run a call's handler; return its result, its refusal, or what is to be awaited."""
        try:
            method = self._method(request)
            return method.handler(self._node, *method.read(request.get("params")))
        except SogdiaError as error:
            return _refusal(error)

    async def _answer_later(self, request: Any, outcome: Any) -> bytes | Pieces:
        return self._render_one(request, await self._supervisor.wait(self._finish(outcome)))

    async def _finish(self, outcome: Any) -> Any:
        """Await what a handler began, for as long as a call may take."""
        if type(outcome) is Later:
            try:
                return outcome.show(await outcome.coming)
            except SogdiaError as error:
                return _refusal(error)
        if type(outcome) is OffLoop:
            outcome = asyncio.get_running_loop().run_in_executor(self._workers, outcome.run)
        elif type(outcome) is not CoroutineType:
            return outcome
        limit_s = self._limits.call_time_s
        try:
            async with asyncio.timeout(limit_s):
                return await outcome
        except TimeoutError:
            return TimedOut(limit_s)
        except SogdiaError as error:
            return _refusal(error)

    def _render_one(self, request: Any, outcome: Any) -> bytes | Pieces:
        return self._render(_id_bytes(request), outcome) if _wants_answer(request) else b""

    async def _answer_batch(self, requests: list[Any]) -> bytes:
        if not requests:
            return self.refuse(InvalidRequest("empty batch"))
        if len(requests) > self._limits.batch_calls:
            return self.refuse(BatchTooLarge(len(requests), self._limits.batch_calls))
        outcomes = [_MISSING] * len(requests)
        for method, positions in self._groups(requests).items():
            await self._answer_group(method, positions, requests, outcomes)
        for position, request in enumerate(requests):
            if outcomes[position] is _MISSING:
                outcome = self._supervisor.call(self._begin, request)
                outcomes[position] = await self._supervisor.wait(self._finish(outcome))
        return self._join(requests, outcomes)

    def _groups(self, requests: list[Any]) -> dict[Method, list[int]]:
        """Find the calls that their method answers better together than one by one."""
        groups: dict[Method, list[int]] = {}
        for position, request in enumerate(requests):
            if type(request) is dict:
                method = self._methods.find(request.get("method", ""))
                if method is not None and method.many is not None and is_request(request):
                    groups.setdefault(method, []).append(position)
        return groups

    async def _answer_group(
        self, method: Method, positions: list[int], requests: list[Any], outcomes: list[Any]
    ) -> None:
        assert method.many is not None
        readable: list[int] = []
        arguments: list[Any] = []
        for position in positions:
            try:
                arguments.append(method.read(requests[position].get("params")))
                readable.append(position)
            except RpcError as error:
                outcomes[position] = error
        results = await self._supervisor.wait(method.many(self._node, arguments))
        if isinstance(results, RpcError):
            results = [results] * len(readable)
        for position, result in zip(readable, results, strict=True):
            outcomes[position] = result

    def _method(self, request: Any) -> Method:
        if type(request) is not dict:
            raise InvalidRequest("a call must be an object")
        if not is_request(request):
            raise InvalidRequest(
                'want "jsonrpc": "2.0", a string "method", and an "id" to answer to'
            )
        name = request["method"]
        method = self._methods.find(name)
        if method is None:
            raise MethodNotFound(name)
        return method

    def _join(self, requests: list[Any], outcomes: list[Any]) -> bytes:
        parts: list[bytes] = []
        size = 0
        for request, outcome in zip(requests, outcomes, strict=True):
            if not _wants_answer(request):
                continue
            part = self.render(request, outcome)
            size += len(part)
            if size > self._limits.response_bytes:
                part = self.render(request, ResponseTooLarge(size, self._limits.response_bytes))
            parts.append(part)
        return b"[" + b",".join(parts) + b"]" if parts else b""

    def render(self, request: Any, outcome: Any) -> bytes:
        """Return the answer object for a call and its result or refusal."""
        return _joined(self._render(_id_bytes(request), outcome))

    def _render(self, call_id: bytes, outcome: Any) -> bytes | Pieces:
        if isinstance(outcome, RpcError):
            return _error_object(call_id, outcome)
        # A memory view of ready JSON spares a copy; `%b` takes it like bytes.
        result: Any = memoryview(outcome) if type(outcome) is ReadyJson else encode(outcome)
        size = len(result)
        if size > self._limits.response_bytes:
            return _error_object(call_id, ResponseTooLarge(size, self._limits.response_bytes))
        if size < LONG_BYTES:
            return b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (call_id, result)
        return (b'{"jsonrpc":"2.0","id":%b,"result":' % call_id, result, b"}")


def _refusal(error: SogdiaError) -> RpcError:
    refusal = refusal_of(error)
    if refusal is None:
        raise error
    return refusal


def is_request(request: Any) -> bool:
    """Return whether a decoded value is one call, with or without an id."""
    return (
        type(request) is dict
        and request.get("jsonrpc") == "2.0"
        and type(request.get("method")) is str
        and type(request.get("id")) in (int, str, float, type(None))
    )


def _wants_answer(request: Any) -> bool:
    """A call without an id is a notification. What is not a request at all is told so."""
    return type(request) is not dict or "id" in request or not is_request(request)


def _id_bytes(request: Any) -> bytes:
    call_id = request.get("id") if type(request) is dict else None
    return encode(call_id) if type(call_id) in (int, str, float) else b"null"


def _error_object(call_id: bytes, error: RpcError) -> bytes:
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.data is not None:
        body["data"] = error.data
    return b'{"jsonrpc":"2.0","id":' + call_id + b',"error":' + encode(body) + b"}"
