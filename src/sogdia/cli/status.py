"""`sogdia status`: the nodes that run on this machine, and how far they are."""

import json
import os
from typing import Any

import click

from sogdia.cli.exits import Exit, Failure
from sogdia.cli.rpc_client import call, no_node
from sogdia.ledger.node.endpoint import running
from sogdia.ledger.node.paths import runtime_dir


@click.command()
@click.option("--rpc", "url", help="Ask the node at this address instead.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def status(*, url: str | None, as_json: bool) -> None:
    """Print each running node: address, ledger, epoch, waiting transactions.

    Code 3: none runs, or one does not answer; it hides no other.
    """
    rows = _ask_all() if url is None else [_ask(url)]
    if as_json:
        click.echo(json.dumps(rows))
    silent = [row["problem"] for row in rows if "problem" in row]
    for row in rows:
        if not as_json and "problem" not in row:
            click.echo(
                f"{row['rpc']}  chain {row['chain_id']}  epoch {row['epoch']}  "
                f"waiting {row['waiting']}  {row['client']}"
            )
    if silent:
        raise Failure("; ".join(silent), Exit.NOT_READY)
    if not rows:
        raise Failure("no node runs here: start one with `sogdia up`", Exit.NOT_READY)


def _ask_all() -> list[dict[str, Any]]:
    rows = []
    for endpoint in running(runtime_dir(os.environ)):
        row: dict[str, Any]
        try:
            row = _ask(endpoint.rpc)
        except Failure as failure:
            words = f"{failure.message} (process {endpoint.process}, {endpoint.data_dir})"
            row = {"rpc": endpoint.rpc, "problem": words}
        rows.append(row | {"process": endpoint.process, "data_dir": endpoint.data_dir})
    return rows


def _ask(url: str) -> dict[str, Any]:
    pool = call(url, "txpool_status")
    try:
        return {
            "rpc": url,
            "chain_id": int(call(url, "eth_chainId"), 16),
            "epoch": int(call(url, "eth_blockNumber"), 16),
            "waiting": int(pool["pending"], 16) + int(pool["queued"], 16),
            "client": call(url, "web3_clientVersion"),
        }
    except (TypeError, KeyError, ValueError) as error:
        raise no_node(url) from error
