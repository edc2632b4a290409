"""`sogdia rules counters`: the services that count a limit over venues without seeing clients."""

import os
from pathlib import Path

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(name="counters")
def counters() -> None:
    """Run the services that hold a limit over all venues without seeing their clients."""


@counters.command(name="new-key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def new_key(*, file: Path) -> None:
    """Write a new blinder key to FILE and print the public key that venues pin."""
    from sogdia.compliance.rules.counters import oprf

    key = oprf.new_key()
    try:
        # Created for its owner alone: a later chmod would leave a moment in between.
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(key.hex() + "\n")
    except FileExistsError:
        raise click.ClickException(f"{file} exists; a key is never overwritten") from None
    click.echo(oprf.public_key(key).hex())


@counters.command(name="blinder")
@click.argument("settings", type=FILE)
def blinder(*, settings: Path) -> None:
    """Run the blinder with SETTINGS (JSON)."""
    from sogdia.compliance.rules.counters.blinder import serve
    from sogdia.compliance.rules.counters.settings import (
        BlinderSettings,
        SettingsError,
        read_settings,
    )

    try:
        serve(read_settings(settings, BlinderSettings))
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


@counters.command(name="party")
@click.argument("settings", type=FILE)
def party(*, settings: Path) -> None:
    """Run one of the three parties with SETTINGS (JSON). It stops when it loses another."""
    from sogdia.compliance.rules.counters.party import serve
    from sogdia.compliance.rules.counters.settings import (
        PartySettings,
        SettingsError,
        read_settings,
    )

    try:
        serve(read_settings(settings, PartySettings))
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


@counters.command(name="forget")
@click.argument("settings", type=FILE)
@click.option("--before", required=True, help="The first window to keep, such as 2026-03.")
def forget(*, settings: Path, before: str) -> None:
    """Delete a stopped party's sums and requests of windows before --before."""
    from sogdia.compliance.rules.counters.ledger import Ledger
    from sogdia.compliance.rules.counters.settings import (
        PartySettings,
        SettingsError,
        read_settings,
    )

    try:
        ledger = Ledger(Path(read_settings(settings, PartySettings).database))
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    ledger.forget(before)
    ledger.close()
