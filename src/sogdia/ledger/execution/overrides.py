"""State overrides on their way into the core."""

from collections.abc import Mapping

from sogdia.ledger.execution.api import AccountOverride

Slots = list[tuple[int, int]]
OverrideRow = tuple[bytes, int | None, int | None, bytes | None, Slots | None, Slots]


def override_rows(accounts: Mapping[bytes, AccountOverride] | None) -> list[OverrideRow]:
    """Return (address, balance, nonce, code, whole storage, some slots) of each override."""
    return [
        (
            address,
            change.balance,
            change.nonce,
            change.code,
            None if change.storage is None else list(change.storage.items()),
            list(change.storage_diff.items()),
        )
        for address, change in (accounts or {}).items()
    ]
