"""Why a node does not start, or stops.

NodeError
├── ConfigError
│   ├── UnknownSetting      a key or variable that nothing reads
│   ├── InvalidSetting      a value of the wrong kind or out of range
│   ├── UnreadableConfig    a file that is not there or is not TOML
│   ├── UnknownHost         a name to listen on that stands for no address
│   ├── DevelopmentAlone    a development ledger that shall have peers
│   └── NoSelfTestHere      the self-test of a development ledger, on another network
├── PortInUse
├── CannotListen            the address is not this machine's, or is not allowed
├── SocketRefused           the guarded socket cannot be made where it should be
├── SelfTestFailed          the node started, and its first transaction did not execute
├── ReplayDiffers           executing the kept blocks again came to something else
└── HeadMismatch            the executed state is of a block that the graph does not know
"""

from pathlib import Path

from sogdia.ledger.execution.api import EpochRoots
from sogdia.ledger.primitives.errors import SogdiaError


class NodeError(SogdiaError):
    """The node cannot start, or must stop."""


class ConfigError(NodeError):
    """A setting is wrong; nothing was started."""


class UnknownSetting(ConfigError):
    """A key in a file, or a variable of the environment, that nothing reads."""

    def __init__(self, *, name: str, origin: str, nearest: str | None) -> None:
        super().__init__(name, origin)
        self.name = name
        self.origin = origin
        self.nearest = nearest

    def __str__(self) -> str:
        hint = "" if self.nearest is None else f"; did you mean {self.nearest}?"
        return f"{self.origin}: there is no setting {self.name}{hint}"


class InvalidSetting(ConfigError):
    """A value that the setting cannot take."""

    def __init__(self, *, name: str, origin: str, value: object, want: str) -> None:
        super().__init__(name, origin)
        self.name = name
        self.origin = origin
        self.value = value
        self.want = want

    def __str__(self) -> str:
        return f"{self.origin}: {self.name} is {self.value!r}; want {self.want}"


class UnreadableConfig(ConfigError):
    """A configuration file that cannot be read."""

    def __init__(self, *, path: Path, detail: str) -> None:
        super().__init__(path, detail)
        self.path = path
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.path}: {self.detail}"


class UnknownHost(ConfigError):
    """A name to listen on, of the settings `table`, that stands for no address."""

    def __init__(self, *, host: str, detail: str, table: str = "rpc") -> None:
        super().__init__(host, detail, table)
        self.host = host
        self.detail = detail
        self.table = table

    def __str__(self) -> str:
        return (
            f"{self.table}.host is {self.host!r}, a name that stands for no address here "
            f"({self.detail}); want an address of this machine, as 127.0.0.1, or 0.0.0.0 for all"
        )


class DevelopmentAlone(ConfigError):
    """A development ledger with peers: whoever reaches its port writes its state at will."""

    def __init__(self, *, origin: str) -> None:
        super().__init__(origin)
        self.origin = origin

    def __str__(self) -> str:
        return (
            f"{self.origin}: a development ledger takes no peers, since its state is edited by "
            "hand: choose another network (node.network), or leave network.enabled out"
        )


class NoSelfTestHere(ConfigError):
    """The self-test waits for a block that only a development ledger makes at once."""

    def __init__(self, *, network: str, origin: str) -> None:
        """`origin` is where the network was chosen."""
        super().__init__(network, origin)
        self.network = network
        self.origin = origin

    def __str__(self) -> str:
        return (
            f"{self.origin}: node.network is {self.network!r}, where one miner alone takes minutes "
            "to find the block that the self-test waits for. For a development ledger, leave "
            "node.network out; for this network run `sogdia node` or, for a whole one on this "
            "machine, `sogdia network up`; or set node.self_test to false"
        )


class PortInUse(NodeError):
    """Another program listens on the address, which the settings `table` name."""

    def __init__(self, *, host: str, port: int, table: str = "rpc") -> None:
        super().__init__(host, port, table)
        self.host = host
        self.port = port
        self.table = table

    def __str__(self) -> str:
        option = "--port or rpc.port" if self.table == "rpc" else f"{self.table}.port"
        return (
            f"{self.host}:{self.port} is in use: stop the program that listens there, or choose "
            f"another port with {option} (0: any free one)"
        )


class CannotListen(NodeError):
    """The system does not let us listen on the address, which the settings `table` name."""

    def __init__(self, *, host: str, port: int, detail: str, table: str = "rpc") -> None:
        super().__init__(host, port, detail, table)
        self.table = table
        self.host = host
        self.port = port
        self.detail = detail

    def __str__(self) -> str:
        where = f"{self.table}.host and {self.table}.port"
        return f"cannot listen on {self.host}:{self.port}: {self.detail}; see {where}"


class SocketRefused(NodeError):
    """The guarded socket cannot be made."""

    def __init__(self, *, path: Path, detail: str) -> None:
        super().__init__(path, detail)
        self.path = path
        self.detail = detail

    def __str__(self) -> str:
        return (
            f"the guarded socket cannot be made at {self.path}: {self.detail}; "
            "see rpc.guarded_socket"
        )


class SelfTestFailed(NodeError):
    """The node started, and the transaction it tries itself with did not execute."""

    def __init__(self, *, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return f"the self-test did not pass: {self.detail}"


class HeadMismatch(NodeError):
    """The executed state belongs to a block that the graph does not know."""

    def __init__(self, *, number: int, pivot: bytes) -> None:
        super().__init__(number, pivot)
        self.number = number
        self.pivot = pivot

    def __str__(self) -> str:
        return (
            f"epoch {self.number} was executed for block 0x{self.pivot.hex()}, which the graph "
            "does not hold: restore a backup, or start again with --fresh"
        )


class ReplayDiffers(NodeError):
    """Executing the kept blocks again gave an epoch other roots."""

    def __init__(
        self, *, number: int, committed: EpochRoots | None, replayed: EpochRoots | None
    ) -> None:
        super().__init__(number)
        self.number = number
        self.committed = committed
        self.replayed = replayed

    def __str__(self) -> str:
        return (
            f"epoch {self.number} was committed with {self.committed} and executes to "
            f"{self.replayed}: the store is damaged, or two versions execute differently"
        )
