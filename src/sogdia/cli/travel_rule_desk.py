"""`sogdia travel-rule serve` and the desk of the beneficiary's institution.

The desk writes to the institution's database; the serving process delivers.
"""

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import TextIO

import click

from sogdia.cli.exits import Exit
from sogdia.cli.travel_rule_house import (
    CONFIG,
    DEADLINE,
    OFFICER,
    configured_house,
    deadline_moment,
    print_order,
    refusals,
    shown_transfer,
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

    with refusals():
        configured = configured_house(config)
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


@click.command(name="list")
@CONFIG
@click.option("--state", "states", multiple=True, help="Only these states.")
def list_transfers(*, config: Path, states: tuple[str, ...]) -> None:
    """Print the transfers, one JSON object a line, the nearest deadline first."""
    from sogdia.compliance.travel_rule.transfers import State

    with refusals():
        house = configured_house(config).house
        for transfer in house.journal.transfers(*(State(state) for state in states)):
            click.echo(json.dumps(shown_transfer(transfer), ensure_ascii=False))


@click.command()
@click.argument("transfer")
@CONFIG
def show(*, transfer: str, config: Path) -> None:
    """Print one transfer whole, with the payload: personal data."""
    from sogdia.compliance.travel_rule.exchange.payloads import payload_values

    with refusals():
        found = configured_house(config).house.get_transfer(transfer)
        whole = shown_transfer(found) | {"ivms101": payload_values(found.payload)}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))


@click.command()
@click.argument("transfer")
@click.option("--address", required=True, help="Where the value is to be sent.")
@CONFIG
@OFFICER
def accept(*, transfer: str, address: str, config: Path, officer: str) -> None:
    """Accept an inquiry."""
    from sogdia.compliance.travel_rule.exchange.receiving import accept as order

    print_order(config, lambda house: order(house, transfer, address, officer))


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
    print_order(config, lambda house: order(house, transfer, Rejection(reason), officer))


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

    print_order(
        config, lambda house: order(house, transfer, elements, deadline_moment(deadline), officer)
    )


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
    with refusals():
        house = configured_house(config).house
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
    with refusals():
        for incident in configured_house(config).house.journal.incidents():
            shown = {
                "at": incident.at.isoformat(),
                "reason": incident.reason,
                "claimed": incident.claimed,
                "detail": incident.detail,
                "sha256": incident.digest,
            }
            click.echo(json.dumps(shown, ensure_ascii=False))


COMMANDS = (serve, list_transfers, show, accept, reject, ask, register, incidents)
