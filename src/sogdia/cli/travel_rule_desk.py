"""`sogdia travel-rule serve` and the officer's desk: inquire, accept, reject, ask, answer, confirm.

The desk writes to the institution's database; the serving process delivers.
"""

import asyncio
import datetime
import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

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


@click.command()
@CONFIG
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object when ready.")
def serve(*, config: Path, as_json: bool) -> None:
    """Serve the institution's inbox over HTTPS until interrupted."""
    from sogdia.compliance.travel_rule.service import serve as run_service

    def ready(origin: str) -> None:
        if as_json:
            click.echo(json.dumps({"ready": True, "origin": origin, "pid": os.getpid()}))
        else:
            click.echo(f"ready: {origin} speaks for {configured.settings.institution.name}")
        sys.stdout.flush()

    async def run() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, _stop_or_leave, stop, number)
        await run_service(configured, time.monotonic, stop, ready)

    with _refusals():
        configured = _configured(config)
        try:
            asyncio.run(run())
        except OSError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(Exit.LOCKED)


def _stop_or_leave(stop: asyncio.Event, number: int) -> None:
    """The first signal stops cleanly; the second leaves at once with 128 and its number."""
    if stop.is_set():
        os._exit(128 + number)
    stop.set()


@click.command()
@CONFIG
@click.option("--to", "counterparty", required=True, help="The beneficiary's institution.")
@click.option("--asset", required=True, help="DTI or CAIP-19 name.")
@click.option("--amount", required=True, help="Decimal, in units of the asset.")
@click.option(
    "--value",
    "values",
    multiple=True,
    help="Worth in a currency's minor units, as USD=150000; may be given several times.",
)
@click.option("--payload", type=click.File("rb"), required=True, help="IVMS101, either edition.")
@DEADLINE
@OFFICER
def inquire(
    *,
    config: Path,
    counterparty: str,
    asset: str,
    amount: str,
    values: tuple[str, ...],
    payload: BinaryIO,
    deadline: str,
    officer: str,
) -> None:
    """Authenticate the counterparty, then ask whether a transfer may come."""
    from sogdia.compliance.travel_rule.exchange.originating import Draft
    from sogdia.compliance.travel_rule.exchange.originating import inquire as ask_for_transfer
    from sogdia.compliance.travel_rule.ivms101.reading import read_document
    from sogdia.compliance.travel_rule.service import client_of

    async def run() -> None:
        async with client_of(configured) as client:
            await client.authenticate(counterparty)

    with _refusals():
        configured = _configured(config)
        draft = Draft(
            counterparty=counterparty,
            asset=asset,
            amount=amount,
            values=dict(_currency(value) for value in values),
            document=read_document(payload.read()),
            respond_by=_deadline(deadline),
        )
        asyncio.run(run())
        transfer, decision = ask_for_transfer(configured.house, draft, officer)
        shown = _shown(transfer) | {"rules": [s.rule for s in decision.spoken]}
        shown["reasons"] = list(decision.reasons)
        click.echo(json.dumps(shown, ensure_ascii=False))


@click.command(name="list")
@CONFIG
@click.option("--state", "states", multiple=True, help="Only these states.")
def list_transfers(*, config: Path, states: tuple[str, ...]) -> None:
    """Print the transfers, one JSON object a line, the nearest deadline first."""
    from sogdia.compliance.travel_rule.transfers import State

    with _refusals():
        house = _configured(config).house
        for transfer in house.journal.transfers(*(State(state) for state in states)):
            click.echo(json.dumps(_shown(transfer), ensure_ascii=False))


@click.command()
@click.argument("transfer")
@CONFIG
def show(*, transfer: str, config: Path) -> None:
    """Print one transfer whole, with the payload: personal data."""
    from sogdia.compliance.travel_rule.exchange.payloads import payload_values

    with _refusals():
        found = _configured(config).house.get_transfer(transfer)
        whole = _shown(found) | {"ivms101": payload_values(found.payload)}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))


@click.command()
@click.argument("transfer")
@click.option("--address", required=True, help="Where the value is to be sent.")
@CONFIG
@OFFICER
def accept(*, transfer: str, address: str, config: Path, officer: str) -> None:
    """Accept an inquiry."""
    from sogdia.compliance.travel_rule.exchange.receiving import accept as order

    _order(config, lambda house: order(house, transfer, address, officer))


@click.command()
@click.argument("transfer")
@click.option("--reason", required=True, help="A word of the protocol; a suspicion is `policy`.")
@CONFIG
@OFFICER
def reject(*, transfer: str, reason: str, config: Path, officer: str) -> None:
    """Reject an inquiry, without telling why beyond a word."""
    from sogdia.compliance.travel_rule.exchange.receiving import reject as order
    from sogdia.compliance.travel_rule.transfers import Rejection

    if reason not in {str(known) for known in Rejection}:
        raise click.BadParameter(f"one of {', '.join(Rejection)}", param_hint="--reason")
    _order(config, lambda house: order(house, transfer, Rejection(reason), officer))


@click.command()
@click.argument("transfer")
@click.option("--element", "elements", multiple=True, required=True, help="What is lacking.")
@DEADLINE
@CONFIG
@OFFICER
def ask(
    *, transfer: str, elements: tuple[str, ...], deadline: str, config: Path, officer: str
) -> None:
    """Ask for elements that a rule demands and the payload lacks."""
    from sogdia.compliance.travel_rule.exchange.receiving import ask as order

    _order(config, lambda house: order(house, transfer, elements, _deadline(deadline), officer))


@click.command()
@click.argument("transfer")
@click.option("--payload", type=click.File("rb"), required=True, help="IVMS101, either edition.")
@click.option("--also", multiple=True, help="Allow an element that no rule demands.")
@CONFIG
@OFFICER
def answer(
    *, transfer: str, payload: BinaryIO, also: tuple[str, ...], config: Path, officer: str
) -> None:
    """Send the payload again, with what was asked for."""
    from sogdia.compliance.travel_rule.exchange.originating import answer as order
    from sogdia.compliance.travel_rule.ivms101.reading import read_document

    document = payload.read()
    _order(
        config,
        lambda house: order(
            house, transfer, read_document(document), officer, also=frozenset(also)
        ),
    )


@click.command()
@click.argument("transfer")
@click.option("--transaction", required=True, help="Where the value moved.")
@CONFIG
@OFFICER
def confirm(*, transfer: str, transaction: str, config: Path, officer: str) -> None:
    """Tell the beneficiary's institution that the value moved."""
    from sogdia.compliance.travel_rule.exchange.originating import confirm as order

    _order(config, lambda house: order(house, transfer, transaction, officer))


@click.command()
@click.argument("transfer")
@CONFIG
@OFFICER
def cancel(*, transfer: str, config: Path, officer: str) -> None:
    """Withdraw a transfer whose value has not moved."""
    from sogdia.compliance.travel_rule.exchange.originating import cancel as order

    _order(config, lambda house: order(house, transfer, officer))


@click.command()
@click.argument("file", type=click.File("r", encoding="ascii"))
@CONFIG
def register(*, file: TextIO, config: Path) -> None:
    """Take the entries of a licence register: one signed entry a line, as `license` prints them.

    An entry that suspends or withdraws a licence stops all exchange with that institution. Ends
    with 4 when any entry is not believed; the others are taken all the same.
    """
    from sogdia.compliance.travel_rule.institutions.licence import Unauthenticated

    counts = {"licensed": 0, "not-licensed": 0, "refused": 0}
    with _refusals():
        house = _configured(config).house
        for token in filter(None, map(str.strip, file)):
            try:
                house.directory.present(token)
                counts["licensed"] += 1
            except Unauthenticated as refused:
                known = refused.reason in {"not-licensed", "expired"}
                counts["not-licensed" if known else "refused"] += 1
                if not known:
                    house.record(refused.reason, refused.institution, refused.detail, token)
                    click.echo(f"Refused: {refused}", err=True)
    click.echo(json.dumps(counts))
    sys.exit(Exit.REFUSED if counts["refused"] else 0)


@click.command()
@CONFIG
def incidents(*, config: Path) -> None:
    """Print every refusal, one JSON object a line, oldest first."""
    with _refusals():
        for incident in _configured(config).house.journal.incidents():
            shown = {
                "at": incident.at.isoformat(),
                "reason": incident.reason,
                "claimed": incident.claimed,
                "detail": incident.detail,
                "sha256": incident.digest,
            }
            click.echo(json.dumps(shown, ensure_ascii=False))


def _order(config: Path, order: Callable[[Any], Any]) -> None:
    with _refusals():
        click.echo(json.dumps(_shown(order(_configured(config).house)), ensure_ascii=False))


def _configured(config: Path) -> Any:
    from sogdia.compliance.travel_rule.settings import configure

    return configure(config, lambda: datetime.datetime.now(datetime.UTC), os.urandom)


@contextmanager
def _refusals() -> Iterator[None]:
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


def _shown(transfer: Any) -> dict[str, Any]:
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


def _currency(text: str) -> tuple[str, int]:
    found = re.fullmatch(r"([A-Z]{3})=([0-9]{1,30})", text)
    if found is None:
        raise click.BadParameter(f"{text!r} is not like USD=150000", param_hint="--value")
    return found[1], int(found[2])


def _deadline(text: str) -> datetime.datetime:
    found = re.fullmatch(r"([0-9]{1,4})([mhd])", text)
    if found is None:
        raise click.BadParameter(f"{text!r} is not like 30m, 4h or 2d", param_hint="--deadline")
    unit = {"m": "minutes", "h": "hours", "d": "days"}[found[2]]
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(**{unit: int(found[1])})


COMMANDS = (
    serve,
    inquire,
    list_transfers,
    show,
    accept,
    reject,
    ask,
    answer,
    confirm,
    cancel,
    register,
    incidents,
)
