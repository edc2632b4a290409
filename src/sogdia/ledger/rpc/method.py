"""A JSON-RPC method is a typed function.

`Method.of` reads the function's annotations once: which parameters it takes, how each is read,
which may be left out. The same annotations make the OpenRPC document, so the two cannot differ.

    M1  A handler runs only with values of the declared kinds, in number and in type.
    M2  `node` is the first argument of every handler and never comes from the caller.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from sogdia.ledger.rpc.errors import InvalidParams
from sogdia.ledger.rpc.params import Param, WrongParam


@dataclass(frozen=True, slots=True)
class OffLoop:
    """What a handler returns for work of more than a few milliseconds: `run` in a worker thread.

    The loop serves everybody, and consensus and the pool belong to its thread: a handler first asks
    them what it needs, then hands the long part, which only reads what was committed, to a worker.
    """

    run: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Later:
    """What a handler returns for an answer that comes by itself, without a time limit.

    `show` makes the result, or the refusal, of what `coming` holds then.
    """

    coming: asyncio.Future[Any]
    show: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Slot:
    """One declared parameter of a method."""

    name: str
    param: Param
    required: bool
    default: Any
    # The reader of `param`, at hand.
    parse: Callable[[Any], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """A name, a function and what the function takes."""

    name: str
    handler: Callable[..., Any]
    slots: tuple[Slot, ...]
    summary: str
    # Answers many calls of one batch at once: `many(node, [arguments, …])` returns a result or an
    # RpcError for each. None where a batch gains nothing.
    many: Callable[..., Awaitable[list[Any]]] | None = None
    # The handler's return annotation; Any where it leaves that to a worker or to the core.
    returns: Any = Any

    @classmethod
    def of(
        cls,
        name: str,
        handler: Callable[..., Any],
        many: Callable[..., Awaitable[list[Any]]] | None = None,
    ) -> "Method":
        """Read `handler`'s annotations. Every argument after `node` must be an Annotated kind."""
        hints = get_type_hints(handler, include_extras=True)
        arguments = list(inspect.signature(handler).parameters.values())[1:]
        slots = tuple(_slot(argument, hints[argument.name]) for argument in arguments)
        summary = (inspect.getdoc(handler) or "").partition("\n")[0]
        return cls(name, handler, slots, summary, many, hints.get("return", Any))

    def read(self, params: Any) -> list[Any]:
        """Return the arguments for the handler from the `params` member of a request.

        Raises:
            InvalidParams: too few, too many, unknown by name, or a value of the wrong kind; the
                words name the argument.
        """
        if params is None:
            params = []
        if type(params) is dict:
            params = self._by_position(params)
        elif type(params) is not list:
            raise InvalidParams("non-array args")
        if len(params) > len(self.slots):
            raise InvalidParams(f"too many arguments, want at most {len(self.slots)}")
        values: list[Any] = []
        try:
            for slot, value in zip(self.slots, params, strict=False):
                is_left_out = value is None and not slot.required
                values.append(slot.default if is_left_out else slot.parse(value))
        except WrongParam as wrong:
            raise _refused(len(values), params[len(values)], wrong) from None
        for slot in self.slots[len(values) :]:
            if slot.required:
                raise InvalidParams(f"missing value for required argument {len(values)}")
            values.append(slot.default)
        return values

    def _by_position(self, members: dict[str, Any]) -> list[Any]:
        names = [slot.name for slot in self.slots]
        if unknown := members.keys() - set(names):
            raise InvalidParams(f"unknown argument {min(unknown)!r}, want {', '.join(names)}")
        last = max((names.index(name) for name in members), default=-1)
        return [members.get(name) for name in names[: last + 1]]


class MethodTable:
    """The methods that this node serves, by name."""

    def __init__(self, groups: Iterable[Iterable[Method]]) -> None:
        self._methods: dict[str, Method] = {}
        for group in groups:
            for method in group:
                assert method.name not in self._methods, f"{method.name} is defined twice"
                self._methods[method.name] = method
        # What the dispatcher asks for every call.
        self.find = self._methods.get

    def only(self, namespaces: Iterable[str]) -> "MethodTable":
        """Return the methods whose name begins with one of `namespaces`; "*" names all."""
        kept = set(namespaces)
        if "*" in kept:
            return self
        return MethodTable([[m for m in self if m.name.partition("_")[0] in kept]])

    def __iter__(self) -> Iterator[Method]:
        return iter(self._methods.values())

    def __len__(self) -> int:
        return len(self._methods)


def _slot(argument: inspect.Parameter, hint: Any) -> Slot:
    if get_origin(hint) is not Annotated:  # `Kind | None`
        hint = next(part for part in get_args(hint) if get_origin(part) is Annotated)
    param = next(part for part in get_args(hint)[1:] if isinstance(part, Param))
    required = argument.default is inspect.Parameter.empty
    default = None if required else argument.default
    return Slot(argument.name, param, required, default, param.parse)


def _refused(index: int, value: Any, wrong: WrongParam) -> InvalidParams:
    if value is None:
        return InvalidParams(f"missing value for required argument {index}")
    return InvalidParams(f"invalid argument {index}: {wrong}")
