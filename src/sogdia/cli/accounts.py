"""`sogdia accounts`: the funded accounts of the development ledger, by role."""

import json

import click

from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS, DEVELOPMENT_BALANCE_DRIP


@click.command()
@click.option("--keys", is_flag=True, help="Print the private keys too. They are public.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def accounts(*, keys: bool, as_json: bool) -> None:
    """Print the development accounts; anybody may sign for them."""
    rows = []
    for account in DEVELOPMENT_ACCOUNTS:
        row = {"role": account.role, "address": account.shown}
        if keys:
            row["key"] = f"0x{account.key.hex()}"
        rows.append(row)
    if as_json:
        click.echo(json.dumps(rows))
        return
    click.echo("development accounts: keys are public, nothing has value", err=True)
    for row in rows:
        click.echo("  ".join((f"{row['role']:<12}", *list(row.values())[1:])))
    units = DEVELOPMENT_BALANCE_DRIP // 10**18
    click.echo(f"each holds {units:,} units in a new development ledger", err=True)
