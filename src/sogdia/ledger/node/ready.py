"""What a node says once it takes work: a banner for a person, one object for a program."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS, DEVELOPMENT_BALANCE_DRIP


@dataclass(frozen=True, slots=True)
class Ready:
    """The facts of a started node. `self_test_epoch` is `None` when none was asked for."""

    version: str
    commit: str
    network: str
    chain_id: int
    genesis: bytes
    data_dir: Path
    rpc: str
    mining: str
    is_public: bool
    """The accounts' keys are public: a development ledger."""
    self_test_epoch: int | None
    started_in_s: float

    def as_json(self) -> dict[str, Any]:
        """Return the object of `--json`; names stay, new ones may come."""
        return {
            "version": self.version,
            "commit": self.commit,
            "network": self.network,
            "chain_id": self.chain_id,
            "genesis": f"0x{self.genesis.hex()}",
            "data_dir": str(self.data_dir),
            "rpc": self.rpc,
            "mining": self.mining,
            "accounts": [
                {"role": account.role, "address": account.shown}
                for account in DEVELOPMENT_ACCOUNTS
                if self.is_public
            ],
            "self_test_epoch": self.self_test_epoch,
            "started_in_s": round(self.started_in_s, 3),
        }

    def lines(self) -> list[str]:
        """Return the banner."""
        genesis = self.genesis.hex()
        claim = "keys are public, nothing has value" if self.is_public else "a network of others"
        lines = [
            f"sogdia {self.version} ({self.commit[:7]}) · {self.network} network · {claim}",
            f"chain {self.chain_id} (0x{self.chain_id:x})  "
            f"genesis 0x{genesis[:6]}…{genesis[-6:]}  data {_short(self.data_dir)}",
        ]
        if self.is_public:
            units = DEVELOPMENT_BALANCE_DRIP // 10**18
            lines += [
                f"{account.role:<12}{account.shown}   {units:,} units at genesis"
                for account in DEVELOPMENT_ACCOUNTS
            ]
            lines.append("keys: sogdia accounts --keys")
        lines.append(f"RPC {self.rpc}   mining {self.mining}")
        proof = (
            ""
            if self.self_test_epoch is None
            else (f" · self-test executed at epoch {self.self_test_epoch}")
        )
        lines.append(f"ready in {self.started_in_s:.1f} s{proof} · Ctrl-C stops, state kept")
        return lines


def _short(path: Path) -> str:
    try:
        home = Path.home()
    except RuntimeError:  # a user that has a number alone, as in a container
        return str(path)
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
