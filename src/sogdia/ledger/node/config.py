"""Where each setting of a node comes from: flag, environment, files, default, in this order.

C1  Every value knows its origin, and `sogdia config show --origin` can say it.
C2  A key or variable that nothing reads is an error: a misspelt limit is no limit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sogdia.ledger.node import paths
from sogdia.ledger.node.errors import (
    DevelopmentAlone,
    InvalidSetting,
    NoSelfTestHere,
    UnknownSetting,
    UnreadableConfig,
)
from sogdia.ledger.node.settings import SETTINGS, Malformed, Setting
from sogdia.ledger.params.networks import DEVELOPMENT
from sogdia.ledger.rpc.limits import RpcLimits

# What `sogdia up` changes: a chain for one developer, where a power cut may cost 100 ms.
DEVELOPMENT_PROFILE: Mapping[str, Any] = {
    "mining.mode": "instant",
    "storage.sync": "interval",
    "node.self_test": True,
    # A tool's largest deployment script sends more than a public node would take at once.
    "rpc.batch_calls": 1_000,
    "rpc.body_bytes": 16 << 20,
    "rpc.connections": 1_000,
    "rpc.workers": 2,
    # A page that a developer serves on this machine may read from the development chain.
    "rpc.origins": ("*",),
    "rpc.namespaces": ("*",),
}

COMMAND_LINE = "command line"  # the origin of what an option said


@dataclass(frozen=True, slots=True)
class Value:
    """A setting's value and where it was said."""

    value: Any
    origin: str


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one node, all of them."""

    values: Mapping[str, Value]

    def __getitem__(self, name: str) -> Any:
        """Return the value of the setting called `name`, as `node/settings.py` lists it."""
        return self.values[name].value

    def origin(self, name: str) -> str:
        """Return where the value of `name` was said."""
        return self.values[name].origin

    def rpc_limits(self) -> RpcLimits:
        """Return the limits of the JSON-RPC door."""
        fields = RpcLimits.__dataclass_fields__
        return RpcLimits(**{name: self[f"rpc.{name}"] for name in fields})


def load_config(
    flags: Mapping[str, Any],
    environment: Mapping[str, str],
    *,
    directory: Path,
    file: Path | None = None,
    profile: Mapping[str, Any] | None = None,
) -> Config:
    """Resolve every setting.

    `flags` maps names of settings to what the command line gave; `file` replaces both
    `directory/sogdia.toml` and the user's file, so that a service depends on one file alone;
    `profile` holds a command's own defaults.

    Raises:
        UnknownSetting: with the nearest name that exists.
        InvalidSetting: with what the setting takes.
        UnreadableConfig: a file is not TOML, or `file` is not there.
        DevelopmentAlone: a development ledger shall have peers.
        NoSelfTestHere: another ledger shall try a transfer before it says that it is ready.
    """
    if file is not None:
        sources = [_read(file, required=True)]
    else:
        local, user = directory / "sogdia.toml", paths.config_file(environment)
        sources = [_read(local), _read(user)]
    found = [
        {
            name: Value(_parse(name, value, COMMAND_LINE), COMMAND_LINE)
            for name, value in flags.items()
        },
        _from_environment(environment),
        *sources,
        {name: Value(value, "command") for name, value in (profile or {}).items()},
        {name: Value(setting.default, "default") for name, setting in SETTINGS.items()},
    ]
    config = Config({name: _first(name, found) for name in SETTINGS})
    if config["node.network"] == DEVELOPMENT.name:
        for name in ("network.enabled", "network.peers"):
            if config[name]:
                raise DevelopmentAlone(origin=config.origin(name))
    elif config["node.self_test"]:
        origin = config.origin("node.network")
        raise NoSelfTestHere(network=config["node.network"], origin=origin)
    return config


def ledger_dir(config: Config, environment: Mapping[str, str]) -> Path:
    """Return where these settings keep their ledger."""
    named: Path | None = config["node.data_dir"]
    return named or paths.data_dir(environment, config["node.network"])


def _first(name: str, found: Iterable[Mapping[str, Value]]) -> Value:
    return next(layer[name] for layer in found if name in layer)


def _parse(name: str, value: Any, origin: str) -> Any:
    try:
        return SETTINGS[name].kind.parse(value)
    except Malformed as error:
        raise InvalidSetting(name=name, origin=origin, value=value, want=str(error)) from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, Value]:
    by_variable: dict[str, Setting] = {each.variable: each for each in SETTINGS.values()}
    sections = tuple({f"SOGDIA_{name.partition('.')[0].upper()}_" for name in SETTINGS})
    found = {}
    for variable, text in environment.items():
        setting = by_variable.get(variable)
        if setting is None:
            # Other programs of ours have variables of their own; only our sections are judged.
            if variable.startswith(sections):
                nearest = _nearest(variable, by_variable)
                raise UnknownSetting(name=variable, origin="environment", nearest=nearest)
            continue
        try:
            value = setting.kind.parse_text(text)
        except Malformed as error:
            raise InvalidSetting(
                name=variable, origin="environment", value=text, want=str(error)
            ) from None
        found[setting.name] = Value(value, f"environment {variable}")
    return found


def _read(path: Path, *, required: bool = False) -> dict[str, Value]:
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        if required:
            raise UnreadableConfig(path=path, detail="there is no such file") from None
        return {}
    except OSError as error:
        raise UnreadableConfig(path=path, detail=error.strerror or str(error)) from error
    import tomllib  # most starts read no file

    try:
        document = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnreadableConfig(path=path, detail=str(error)) from error
    found = {}
    for section, table in document.items():
        entries = table.items() if isinstance(table, dict) else [(None, table)]
        for key, value in entries:
            name = section if key is None else f"{section}.{key}"
            if name not in SETTINGS:
                nearest = _nearest(name, SETTINGS)
                raise UnknownSetting(name=name, origin=str(path), nearest=nearest)
            found[name] = Value(_parse(name, value, str(path)), str(path))
    return found


def _nearest(name: str, known: Iterable[str]) -> str | None:
    known = list(known)
    # A key in the wrong table is as common as a misspelt one.
    same_key = [each for each in known if each.rpartition(".")[2] == name.rpartition(".")[2]]
    import difflib  # only for a mistake

    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return next(iter(same_key or close), None)
