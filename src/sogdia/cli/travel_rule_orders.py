"""`sogdia travel-rule inquire` and what follows from it at the originator's institution."""

import asyncio
import datetime
import json
from pathlib import Path
from typing import BinaryIO

import click

from sogdia.cli.travel_rule_house import (
    CONFIG,
    DEADLINE,
    OFFICER,
    configured_house,
    currency_value,
    deadline_moment,
    print_order,
    refusals,
    shown_transfer,
)


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

    with refusals():
        configured = configured_house(config)
        draft = Draft(
            counterparty=counterparty,
            asset=asset,
            amount=amount,
            values=dict(currency_value(value) for value in values),
            document=read_document(payload.read()),
            respond_by=deadline_moment(deadline),
        )
        asyncio.run(run())
        transfer, decision = ask_for_transfer(configured.house, draft, officer)
        shown = shown_transfer(transfer) | {"rules": [s.rule for s in decision.spoken]}
        shown["reasons"] = list(decision.reasons)
        click.echo(json.dumps(shown, ensure_ascii=False))


@click.command()
@CONFIG
@click.option(
    "--to", "counterparty", required=True, help="The institution, or a name for a wallet."
)
@click.option("--to-state", help="Its state; leave out for a wallet without an institution.")
@click.option(
    "--reach",
    type=click.Choice(["unreachable", "own-wallet", "stranger-wallet"]),
    default="unreachable",
    show_default=True,
)
@click.option("--asset", required=True, help="DTI or CAIP-19 name.")
@click.option("--amount", required=True, help="Decimal, in units of the asset.")
@click.option("--value", "values", multiple=True, help="Minor units of a currency: USD=150000.")
@click.option("--payload", type=click.File("rb"), required=True, help="IVMS101, either edition.")
@OFFICER
def keep(
    *, config: Path, payload: BinaryIO, values: tuple[str, ...], officer: str, **given: str
) -> None:
    """Keep the data of a transfer whose other end cannot receive it yet.

    Ends with 4 when the value may not move before the data does.
    """
    from sogdia.compliance.travel_rule.corridor.policy import Reach
    from sogdia.compliance.travel_rule.exchange.originating import Draft
    from sogdia.compliance.travel_rule.exchange.sunrise import keep as order
    from sogdia.compliance.travel_rule.ivms101.reading import read_document

    with refusals():
        draft = Draft(
            counterparty=given["counterparty"],
            asset=given["asset"],
            amount=given["amount"],
            values=dict(currency_value(value) for value in values),
            document=read_document(payload.read()),
            respond_by=deadline_moment("7d") - datetime.timedelta(seconds=1),
        )
        house = configured_house(config).house
        transfer, decision = order(house, draft, given["to_state"], Reach(given["reach"]), officer)
        shown = shown_transfer(transfer) | {"reasons": list(decision.reasons)}
        click.echo(json.dumps(shown, ensure_ascii=False))


@click.command(name="send-kept")
@click.argument("transfer")
@CONFIG
@OFFICER
def send_kept(*, transfer: str, config: Path, officer: str) -> None:
    """Authenticate the counterparty now, and send it what was kept."""
    from sogdia.compliance.travel_rule.exchange.sunrise import send_kept as order
    from sogdia.compliance.travel_rule.service import client_of

    async def authenticate() -> None:
        async with client_of(configured) as client:
            await client.authenticate(configured.house.get_transfer(transfer).counterparty)

    with refusals():
        configured = configured_house(config)
        asyncio.run(authenticate())
        click.echo(json.dumps(shown_transfer(order(configured.house, transfer, officer))))


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
    print_order(
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

    print_order(config, lambda house: order(house, transfer, transaction, officer))


@click.command()
@click.argument("transfer")
@CONFIG
@OFFICER
def cancel(*, transfer: str, config: Path, officer: str) -> None:
    """Withdraw a transfer whose value has not moved."""
    from sogdia.compliance.travel_rule.exchange.originating import cancel as order

    print_order(config, lambda house: order(house, transfer, officer))


COMMANDS = (inquire, keep, send_kept, answer, confirm, cancel)
