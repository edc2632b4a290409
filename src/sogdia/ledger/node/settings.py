"""Every setting of a node: its name, kind, default and meaning. Nothing else is read.

A setting `rpc.port` is the key `port` of the table `[rpc]` in TOML and the variable
`SOGDIA_RPC_PORT` in the environment.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from sogdia.ledger.rpc.limits import RpcLimits


class Malformed(Exception):
    """A value that a kind cannot take; the text says what it takes."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a setting's value is read: `parse` takes TOML's value, `parse_text` the environment's."""

    name: str
    parse: Callable[[Any], Any]
    parse_text: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `meaning` ends in its unit where it has one."""

    name: str
    kind: Kind
    default: Any
    meaning: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "SOGDIA_" + self.name.upper().replace(".", "_")


def _whole(low: int, high: int) -> Kind:
    want = f"a whole number from {low} to {high}"

    def parse(value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise Malformed(want)

    def parse_text(text: str) -> int:
        try:
            return parse(int(text, 0))
        except ValueError:
            raise Malformed(want) from None

    return Kind(want, parse, parse_text)


def _number(low: float, high: float) -> Kind:
    want = f"a number from {low:g} to {high:g}"

    def parse(value: Any) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        raise Malformed(want)

    def parse_text(text: str) -> float:
        try:
            return parse(float(text))
        except ValueError:
            raise Malformed(want) from None

    return Kind(want, parse, parse_text)


def _choice(*names: str) -> Kind:
    want = "one of " + ", ".join(names)

    def parse(value: Any) -> str:
        if value in names:
            return str(value)
        raise Malformed(want)

    return Kind(want, parse, parse)


def _text(want: str, check: Callable[[str], bool] = bool) -> Kind:
    def parse(value: Any) -> str:
        if isinstance(value, str) and check(value):
            return value
        raise Malformed(want)

    return Kind(want, parse, parse)


def _flag() -> Kind:
    want = "true or false"
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

    def parse(value: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise Malformed(want)

    def parse_text(text: str) -> bool:
        try:
            return words[text.lower()]
        except KeyError:
            raise Malformed(want) from None

    return Kind(want, parse, parse_text)


def _texts(want: str = "a list of texts", check: Callable[[str], bool] = bool) -> Kind:
    def parse(value: Any) -> tuple[str, ...]:
        is_list = isinstance(value, list | tuple)
        if is_list and all(isinstance(item, str) and check(item) for item in value):
            return tuple(value)
        raise Malformed(want)

    def parse_text(text: str) -> tuple[str, ...]:
        return parse([item.strip() for item in text.split(",") if item.strip()])

    return Kind(want + ", in a variable separated by commas", parse, parse_text)


def _optional(kind: Kind) -> Kind:
    """`kind`, or nothing: TOML has no null, so 0 and the empty text stand for it."""
    want = f"{kind.name}, or 0 for none"

    def parse(value: Any) -> Any:
        return None if value in (None, 0, "") else kind.parse(value)

    def parse_text(text: str) -> Any:
        return None if text in ("", "0", "none") else kind.parse_text(text)

    return Kind(want, _wanting(want, parse), _wanting(want, parse_text))


def _wanting(want: str, parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return `parse`, which says everything that may stand there when it refuses."""

    def parse_or_say(value: Any) -> Any:
        try:
            return parse(value)
        except Malformed:
            raise Malformed(want) from None

    return parse_or_say


def _or_archive(kind: Kind) -> Kind:
    """`kind`, or the word for keeping everything."""
    want = f"{kind.name}, or {ARCHIVE!r} for all"

    def parse(value: Any) -> Any:
        return value if value == ARCHIVE else kind.parse(value)

    def parse_text(text: str) -> Any:
        return text if text == ARCHIVE else kind.parse_text(text)

    return Kind(want, _wanting(want, parse), _wanting(want, parse_text))


def _is_address(text: str) -> bool:
    digits = text.removeprefix("0x")
    try:
        return len(bytes.fromhex(digits)) == 20 and text.startswith("0x")
    except ValueError:
        return False


def _is_peer(text: str) -> bool:
    import ipaddress  # most starts name no peer

    host, _, port = text.rpartition(":")
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
        return 0 <= int(port) < 1 << 16
    except ValueError:
        return False


def _path() -> Kind:
    def parse(value: Any) -> Path:
        if isinstance(value, str | Path) and str(value):
            return Path(value).expanduser()
        raise Malformed("a path")

    return Kind("a path", parse, parse)


ARCHIVE = "archive"  # the value of history.epochs that keeps every state
CHAIN_ID_MAX = 4_503_599_627_370_476  # the largest that MetaMask takes: (2^53 - 39) / 2
_PEER = "IP:PORT, as 192.0.2.1:32323 (an IP address and no name)"
_ADDRESS = _text("an address, 0x and 40 hex digits", _is_address)

_OWN = (
    Setting("node.network", _choice("development", "local"), "development", "which ledger"),
    Setting("node.chain_id", _optional(_whole(1, CHAIN_ID_MAX)), None, "other than the network's"),
    Setting("node.data_dir", _optional(_path()), None, "where the ledger is kept"),
    Setting("node.workers", _whole(1, 64), 2, "threads that recover senders"),
    Setting("storage.sync", _choice("always", "interval"), "always", "when commits are synced"),
    Setting("storage.cache_mib", _whole(8, 1 << 20), 32, "memory for blocks of the store, MiB"),
    Setting("rpc.host", _text("an address to listen on"), "127.0.0.1", "address to listen on"),
    Setting("rpc.port", _whole(0, 65_535), 8545, "port to listen on; 0: any free one"),
    Setting(
        "rpc.guarded_socket", _optional(_path()), None, "socket of who runs the node; 0: its own"
    ),
    Setting(
        "rpc.client_version", _optional(_text("a text")), None, "what web3_clientVersion answers"
    ),
    Setting("network.enabled", _flag(), False, "join other nodes"),
    Setting("network.host", _text("an IP address to listen on"), "127.0.0.1", "where peers join"),
    Setting("network.port", _whole(0, 65_535), 32_323, "port for peers; 0: any free one"),
    Setting("network.public_address", _optional(_text(_PEER, _is_peer)), None, "what others dial"),
    Setting(
        "network.peers", _texts(f"a list of {_PEER}", _is_peer), (), "nodes to stay joined with"
    ),
    Setting("network.outbound", _whole(0, 256), 10, "peers to look for"),
    Setting("network.inbound", _whole(0, 4_096), 64, "peers to let in"),
    Setting("network.inbound_per_host", _whole(1, 4_096), 1, "of them from one address"),
    Setting("mining.mode", _choice("instant", "interval", "work", "off"), "off", "when to mine"),
    Setting("mining.block_time_s", _number(0.05, 3_600), 1.0, "for mode interval, seconds"),
    Setting("mining.hash_rate", _optional(_number(1, 1e12)), None, "most nonces tried a second"),
    Setting("mining.author", _optional(_ADDRESS), None, "who receives the rewards"),
    # A network on one desk may differ from the one that ships, so that minutes show what takes
    # hours elsewhere; its nodes then have a network id and a first block of their own.
    Setting(
        "local.difficulty", _optional(_whole(2, 1 << 64)), None, "of the first and least block"
    ),
    Setting("local.difficulty_period", _optional(_whole(5, 20_000)), None, "epochs per adjustment"),
    Setting("local.espace_period", _optional(_whole(1, 100)), None, "heights per eSpace height"),
    Setting(
        "history.epochs",
        _or_archive(_optional(_whole(64, 1 << 40))),
        None,
        "epochs whose state can be read back",
    ),
    Setting("log.level", _choice("debug", "info", "warning", "error"), "info", "least level shown"),
    Setting("log.format", _choice("text", "json"), "text", "one line of words or of JSON"),
    Setting("node.self_test", _flag(), False, "try a transfer before saying ready"),
)


def _limit_kind(annotation: Any) -> Kind:
    members = get_args(annotation)
    if type(None) in members:
        return _optional(_limit_kind(members[0]))
    if annotation is int:
        return _whole(1, 1 << 53)
    if annotation is float:
        return _number(0.001, 86_400)
    return _texts()


# The limits of the JSON-RPC door are settings of the same names.
_LIMITS = tuple(
    Setting(
        f"rpc.{name}",
        _limit_kind(field.type),
        field.default,
        "limit of the JSON-RPC door",
    )
    for name, field in RpcLimits.__dataclass_fields__.items()
)

SETTINGS: Mapping[str, Setting] = {
    setting.name: setting for setting in sorted((*_OWN, *_LIMITS), key=lambda each: each.name)
}
