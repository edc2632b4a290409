"""What the travel-rule commands share: options, the configured house, refusals, what is shown."""

import datetime
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from sogdia.cli.exits import Exit

CONFIG = click.option(
    "--config",
    "-c",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=Path("travel-rule.toml"),
    show_default=True,
    help="The institution's settings.",
)
OFFICER = click.option("--by", "officer", required=True, help="Who orders this.")
DEADLINE = click.option(
    "--deadline", default="4h", show_default=True, help="When an answer is due: 30m, 4h, 2d."
)


def print_order(config: Path, order: Callable[[Any], Any]) -> None:
    """Carry out an order on the configured house and print the transfer."""
    with refusals():
        click.echo(
            json.dumps(shown_transfer(order(configured_house(config).house)), ensure_ascii=False)
        )


def configured_house(config: Path) -> Any:
    """Return what the settings at `config` describe, with the real clock and randomness."""
    from sogdia.compliance.travel_rule.settings import configure

    return configure(config, lambda: datetime.datetime.now(datetime.UTC), os.urandom)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the library refuses into a message and an exit code."""
    from sogdia.compliance.database import InvalidDatabase
    from sogdia.compliance.travel_rule.client import Unreachable
    from sogdia.compliance.travel_rule.corridor.policy import InvalidCorridor
    from sogdia.compliance.travel_rule.corridor.rules import InvalidCorridorRules
    from sogdia.compliance.travel_rule.exchange.payloads import PayloadRefused
    from sogdia.compliance.travel_rule.institutions.address_book import InvalidTrustFile
    from sogdia.compliance.travel_rule.institutions.keys import InvalidKey
    from sogdia.compliance.travel_rule.institutions.licence import Unauthenticated
    from sogdia.compliance.travel_rule.ivms101.registration_authorities import (
        InvalidAuthorityList,
    )
    from sogdia.compliance.travel_rule.ivms101.violations import InvalidDocument
    from sogdia.compliance.travel_rule.journal import StaleTransfer
    from sogdia.compliance.travel_rule.settings import InvalidSettings
    from sogdia.compliance.travel_rule.transfers import ExchangeRefused

    try:
        yield
    except PayloadRefused as error:
        click.echo("\n".join(str(violation) for violation in error.violations), err=True)
        sys.exit(Exit.REFUSED)
    except (Unauthenticated, ExchangeRefused, InvalidDocument, InvalidCorridor) as error:
        click.echo(f"Refused: {error}", err=True)
        sys.exit(Exit.REFUSED)
    except StaleTransfer as error:
        raise click.ClickException(f"transfer {error} was just changed: look again") from None
    except (
        InvalidSettings,
        InvalidKey,
        InvalidTrustFile,
        InvalidCorridorRules,
        InvalidAuthorityList,
        InvalidDatabase,
        Unreachable,
        FileNotFoundError,
    ) as error:
        raise click.ClickException(str(error)) from None


def shown_transfer(transfer: Any) -> dict[str, Any]:
    """Return a transfer without personal data."""
    return {
        "id": transfer.id,
        "role": transfer.role,
        "counterparty": transfer.counterparty,
        "state": str(transfer.state),
        "asset": transfer.asset,
        "amount": transfer.amount,
        "respond_by": transfer.respond_by.isoformat(),
        "demanded": sorted(transfer.demanded),
        "asked": list(transfer.asked),
        "payment_address": transfer.payment_address,
        "reason": transfer.reason,
        "transaction": transfer.transaction,
        "commitment": transfer.commitment.hex(),
    }


def currency_value(text: str) -> tuple[str, int]:
    """Return the currency and the minor units of a text like USD=150000."""
    found = re.fullmatch(r"([A-Z]{3})=([0-9]{1,30})", text)
    if found is None:
        raise click.BadParameter(f"{text!r} is not like USD=150000", param_hint="--value")
    return found[1], int(found[2])


def deadline_moment(text: str) -> datetime.datetime:
    """Return the moment that is a text like 30m, 4h or 2d away."""
    found = re.fullmatch(r"([0-9]{1,4})([mhd])", text)
    if found is None:
        raise click.BadParameter(f"{text!r} is not like 30m, 4h or 2d", param_hint="--deadline")
    unit = {"m": "minutes", "h": "hours", "d": "days"}[found[2]]
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(**{unit: int(found[1])})
