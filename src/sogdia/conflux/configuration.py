"""What the harness writes for a node: `conflux.conf`, and the same keys on the command line.

The file is flat `key=value`; quotes are double, single or missing. Keys that nothing here knows are
ignored, since tests set many that belong to other parts of the reference client (protocol §1.1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sogdia.conflux.keys import address_of_key, core_address_of_key, core_state_address
from sogdia.ledger.params.network import Genesis, NetworkParams
from sogdia.ledger.params.networks import HARNESS
from sogdia.ledger.primitives.errors import SogdiaError

# Key of the configuration -> field of `ConsensusParams`.
CONSENSUS_KEYS = {
    "timer_chain_block_difficulty_ratio": "timer_ratio",
    "timer_chain_beta": "timer_beta",
    "heavy_block_difficulty_ratio": "heavy_ratio",
    "adaptive_weight_beta": "adaptive_beta",
    "anticone_penalty_ratio": "anticone_penalty_ratio",
    "era_epoch_count": "era_epoch_count",
    "initial_difficulty": "initial_difficulty",
    "evm_transaction_block_ratio": "espace_height_period",
}
MEMPOOL_KEYS = {"tx_pool_size": "transactions_max"}
# Of the four numbers of `session_ip_limits`: one address, and the networks around it.
SESSION_PREFIXES = (32, 8, 16, 24)
SECRET_BALANCE_DRIP = 10_000 * 10**18  # of each key in a file of secrets
GENESIS_BALANCE_DRIP = 5 * 10**33  # of the keys that every test knows, without such a file
GENESIS_KEY = bytes.fromhex("46b9e861b63d3509c88b7817275a30d22d62c8cd8fa6486ddee35ef0d8e0495f")
GENESIS_KEY_2 = bytes.fromhex("9a6d3ba2b0c7514b16a006ee605055d71b9edfad183aeb2d9790e9d4ccced471")


class InvalidConfiguration(SogdiaError):
    """A key that this program needs is missing, or holds what it cannot be."""

    def __init__(self, *, key: str, value: str | None, want: str) -> None:
        super().__init__(key, value)
        self.key = key
        self.value = value
        self.want = want

    def __str__(self) -> str:
        given = "missing" if self.value is None else repr(self.value)
        return f"{self.key} is {given}: want {self.want}"


@dataclass(frozen=True, slots=True)
class Configuration:
    """The keys of one node, as text without quotes."""

    values: Mapping[str, str]

    @classmethod
    def read(cls, path: Path, overrides: Mapping[str, str]) -> "Configuration":
        """Read the file at `path`; `overrides` come from the command line and win.

        Raises:
            OSError: the file cannot be read.
        """
        values = {}
        for line in path.read_text().splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.lstrip().startswith("#"):
                values[key.strip()] = _unquote(value)
        return cls({**values, **overrides})

    def port(self, key: str) -> int:
        """Return a port.

        Raises:
            InvalidConfiguration: it is missing, or none.
        """
        value = self.values.get(key)
        if value is None or not value.isdecimal() or not 0 < int(value) < 65_536:
            raise InvalidConfiguration(key=key, value=value, want="a port")
        return int(value)

    def number(self, key: str) -> int | None:
        """Return a whole number, or `None` when the key is missing.

        Raises:
            InvalidConfiguration: it is no number.
        """
        value = self.values.get(key)
        if value is None:
            return None
        try:
            return int(value.replace("_", ""), 0)
        except ValueError:
            raise InvalidConfiguration(key=key, value=value, want="a whole number") from None

    def path(self, key: str, default: str) -> Path:
        """Return a path; relative ones are under the working directory."""
        return Path(self.values.get(key, default))

    @property
    def log_level(self) -> str:
        """The least level of what is logged, by our names."""
        level = self.values.get("log_level", "info").lower()
        return {"trace": "debug", "warn": "warning", "off": "critical"}.get(level, level)

    def params(self) -> NetworkParams:
        """Return the network that the keys describe.

        Raises:
            InvalidConfiguration: a number is none.
        """
        changes = self._numbers(CONSENSUS_KEYS)
        if (self.number("cip1559_transition_height") or 0) > 1:
            # Tests give a height that they never reach, for headers as they were before.
            changes |= {"has_base_price": False, "header_custom": ()}
        chain_id = self.number("evm_chain_id") or self.number("chain_id") or HARNESS.chain_id
        return replace(
            HARNESS,
            chain_id=chain_id,
            network_id=self.number("chain_id") or HARNESS.network_id,
            consensus=replace(HARNESS.consensus, **changes),
            mempool=replace(HARNESS.mempool, **self._numbers(MEMPOOL_KEYS)),
            genesis=Genesis(balances=(*self._core_balances(), *self._espace_balances())),
        )

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return whether a key is `true`.

        Raises:
            InvalidConfiguration: it is neither `true` nor `false`.
        """
        value = self.values.get(key)
        if value not in (None, "true", "false"):
            raise InvalidConfiguration(key=key, value=value, want="true or false")
        return default if value is None else value == "true"

    def session_limits(self) -> list[tuple[int, int]]:
        """Return how many plain peers may come from one network: its prefix length, and how many.

        Raises:
            InvalidConfiguration: it is not four numbers.
        """
        value = self.values.get("session_ip_limits", "0,0,0,0")
        words = [word.strip() for word in value.split(",")]
        if len(words) != len(SESSION_PREFIXES) or not all(word.isdecimal() for word in words):
            raise InvalidConfiguration(key="session_ip_limits", value=value, want="four numbers")
        limits = zip(SESSION_PREFIXES, map(int, words), strict=True)
        return [(prefix, limit) for prefix, limit in limits if limit]

    def bootnodes(self) -> tuple[str, ...]:
        """Return the addresses of the nodes to begin with.

        Raises:
            InvalidConfiguration: one is no `cfxnode://ID@IP:PORT`.
        """
        value = self.values.get("bootnodes")
        if value is None:
            return ()
        found = []
        for each in value.split(","):
            scheme, _, address = each.strip().rpartition("@")
            if not scheme.startswith("cfxnode://"):
                raise InvalidConfiguration(key="bootnodes", value=each, want="cfxnode://ID@IP:PORT")
            found.append(address)
        return tuple(found)

    def _numbers(self, keys: Mapping[str, str]) -> dict[str, Any]:
        """Return the numbers of those keys that are there, by the names of our parameters."""
        return {
            field: number for key, field in keys.items() if (number := self.number(key)) is not None
        }

    def _core_balances(self) -> list[tuple[bytes, int]]:
        balances = self._balances("genesis_secrets")
        return [(core_state_address(core_address_of_key(key)), drip) for key, drip in balances]

    def _espace_balances(self) -> list[tuple[bytes, int]]:
        balances = self._balances("genesis_evm_secrets")
        return [(address_of_key(key), drip) for key, drip in balances]

    def _balances(self, key: str) -> list[tuple[bytes, int]]:
        """Return private keys with what each has at genesis, in drip."""
        path = self.values.get(key)
        if path is None:
            return [(known, GENESIS_BALANCE_DRIP) for known in (GENESIS_KEY, GENESIS_KEY_2)]
        keys = [bytes.fromhex(line.removeprefix("0x")) for line in _lines(Path(path))]
        return [(each, SECRET_BALANCE_DRIP) for each in dict.fromkeys(keys)]


def read_arguments(arguments: Sequence[str]) -> tuple[Path, dict[str, str]]:
    """Return the configuration's path, and the keys that the command line sets.

    A key is written `--in-kebab-case VALUE`; without a value it is `true`.

    Raises:
        InvalidConfiguration: `--config` is missing, or something is no option.
    """
    found: dict[str, str] = {}
    waiting = list(arguments)
    while waiting:
        name, equals, value = waiting.pop(0).partition("=")
        if not name.startswith("--"):
            raise InvalidConfiguration(key=name, value=None, want="options that begin with --")
        if not equals:
            value = waiting.pop(0) if waiting and not waiting[0].startswith("--") else "true"
        found[name[2:].replace("-", "_")] = _unquote(value)
    path = found.pop("config", None)
    if path is None:
        raise InvalidConfiguration(key="--config", value=None, want="the path of conflux.conf")
    return Path(path), found


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text().splitlines() if line.strip()]


def _unquote(value: str) -> str:
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
