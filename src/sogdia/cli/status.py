"""`sogdia status`: the nodes that run on this machine, and how far they are."""

import json
import os
from typing import Any

import click

from sogdia.cli.exits import Exit, Failure
from sogdia.cli.rpc_client import call
from sogdia.ledger.node.endpoint import running
from sogdia.ledger.node.paths import runtime_dir


@click.command()
@click.option("--rpc", "url", help="Ask the node at this address instead.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def status(*, url: str | None, as_json: bool) -> None:
    """Print each running node: address, ledger, epoch, waiting transactions."""
    rows = _ask_all() if url is None else [_ask(url)]
    if as_json:
        click.echo(json.dumps(rows))
    else:
        for row in rows:
            click.echo(
                f"{row['rpc']}  chain {row['chain_id']}  epoch {row['epoch']}  "
                f"waiting {row['waiting']}  {row['client']}"
            )
    if not rows:
        raise Failure("no node runs here: start one with `sogdia up`", Exit.NOT_READY)


def _ask_all() -> list[dict[str, Any]]:
    rows = []
    for endpoint in running(runtime_dir(os.environ)):
        row = _ask(endpoint.rpc)
        rows.append(row | {"process": endpoint.process, "data_dir": endpoint.data_dir})
    return rows


def _ask(url: str) -> dict[str, Any]:
    pool = call(url, "txpool_status")
    return {
        "rpc": url,
        "chain_id": int(call(url, "eth_chainId"), 16),
        "epoch": int(call(url, "eth_blockNumber"), 16),
        "waiting": int(pool["pending"], 16) + int(pool["queued"], 16),
        "client": call(url, "web3_clientVersion"),
    }
