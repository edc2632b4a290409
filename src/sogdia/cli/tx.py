"""`sogdia tx explain`: what became of a transaction, where its money is, what to do."""

import json
from pathlib import Path
from typing import Any

import click

from sogdia.cli.abi import Artifacts, find_folders
from sogdia.cli.arguments import transaction_hash
from sogdia.cli.dev import ask, ask_as_operator, node_url, rpc_option
from sogdia.cli.exits import Exit, Failure
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS, DEVELOPMENT_CHAIN_ID
from sogdia.ledger.rpc.explain.facts import from_json
from sogdia.ledger.rpc.explain.words import explain as explain_facts


@click.group()
def tx() -> None:
    """See what became of transactions."""


@tx.command()
@click.argument("transaction", metavar="HASH", callback=transaction_hash)
@click.option(
    "--abi",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of artifacts; by default artifacts/ and out/ of the project here.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the facts as one JSON object.")
@rpc_option
def explain(*, transaction: str, folders: tuple[Path, ...], as_json: bool, url: str | None) -> None:
    """Say in words what became of the transaction HASH."""
    address = node_url(url)
    found = ask_as_operator(address, "sogdia_explainTransaction", transaction)
    if found is None:
        raise Failure(
            f"{address} does not know {transaction}: it neither waits here nor is it in a late "
            "block. Look whether it was sent to another node, and send it again",
            Exit.REFUSED,
        )
    if as_json:
        click.echo(json.dumps(found))
        return
    is_development = int(ask(address, "eth_chainId"), 16) == DEVELOPMENT_CHAIN_ID
    artifacts = Artifacts(folders or find_folders(Path.cwd()), _roles() if is_development else {})
    click.echo("\n".join(_lines(found, artifacts)))


def _lines(found: dict[str, Any], artifacts: Artifacts) -> list[str]:
    return explain_facts(from_json(found), artifacts).lines()


def _roles() -> dict[str, str]:
    return {
        account.shown.lower(): f"{account.role} (development account)"
        for account in DEVELOPMENT_ACCOUNTS
    }
