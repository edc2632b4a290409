"""Where a node keeps what, by the XDG base directory specification: one variable for each kind."""

import os
import pwd
from collections.abc import Mapping
from pathlib import Path

APPLICATION = "sogdia"


def _base(environment: Mapping[str, str], variable: str, default: str) -> Path:
    value = environment.get(variable, "")
    # The specification ignores relative paths: they would depend on where a command was typed.
    if value.startswith("/"):
        return Path(value)
    return _home(environment) / default


def _home(environment: Mapping[str, str]) -> Path:
    """Return the user's home, also where a service or a container does not say it."""
    said = environment.get("HOME", "")
    if said.startswith("/"):
        return Path(said)
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:  # a user that has a number alone
        return Path("/")


def config_file(environment: Mapping[str, str]) -> Path:
    """Return the user's configuration file."""
    return _base(environment, "XDG_CONFIG_HOME", ".config") / APPLICATION / "config.toml"


def data_dir(environment: Mapping[str, str], name: str) -> Path:
    """Return the data directory of the ledger called `name`."""
    return _base(environment, "XDG_DATA_HOME", ".local/share") / APPLICATION / name


def state_dir(environment: Mapping[str, str], name: str) -> Path:
    """Return where a command keeps what it must find again, below `name`."""
    return _base(environment, "XDG_STATE_HOME", ".local/state") / APPLICATION / name


def runtime_dir(environment: Mapping[str, str]) -> Path:
    """Return where running nodes say how to reach them: gone after a reboot where there is one."""
    if environment.get("XDG_RUNTIME_DIR", "").startswith("/"):
        return Path(environment["XDG_RUNTIME_DIR"]) / APPLICATION
    return _base(environment, "XDG_STATE_HOME", ".local/state") / APPLICATION / "run"
