"""`sogdia peers`: whom a running node is joined with, and who may not join it."""

import datetime
import json
from typing import Any

import click

from sogdia.cli.arguments import peer_address
from sogdia.cli.dev import ask_as_operator, rpc_option
from sogdia.cli.exits import Exit, Failure


@click.group()
def peers() -> None:
    """See and choose whom a node is joined with."""


@peers.command("list")
@click.option("--bans", is_flag=True, help="Who may not connect, instead.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@rpc_option
def list_peers(*, bans: bool, as_json: bool, url: str | None) -> None:
    """Print a line for each peer: node, address, direction, height, score, program."""
    rows = ask_as_operator(url, "admin_bannedPeers" if bans else "admin_peers")
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        click.echo(_ban_line(row) if bans else _peer_line(row))


def _peer_line(row: dict[str, Any]) -> str:
    direction = "in " if row["inbound"] else "out"
    kept = " kept" if row["static"] else ""
    score = f"  score {row['score']:g}" if row["score"] else ""
    return (
        f"{row['id'][:12]}  {row['address']:<21} {direction}{kept}  height {row['bestHeight']}"
        f"{score}  {row['name']}"
    )


def _ban_line(row: dict[str, Any]) -> str:
    until = datetime.datetime.fromtimestamp(row["until"], datetime.UTC)
    return f"{row['who']}  until {until:%Y-%m-%d %H:%M} UTC  {row['reason']}"


@peers.command()
@click.argument("address", callback=peer_address)
@rpc_option
def add(*, address: str, url: str | None) -> None:
    """Stay joined with the node at ADDRESS (IP:PORT) for as long as this node runs."""
    is_new = ask_as_operator(url, "admin_addPeer", address)
    click.echo(f"{address} is kept" if is_new else f"{address} was kept already")


@peers.command()
@click.argument("address", callback=peer_address)
@rpc_option
def remove(*, address: str, url: str | None) -> None:
    """Hang up on the node at ADDRESS (IP:PORT), dial it no more, and refuse it for an hour.

    After that hour it may come back by itself; `ban` keeps it out for longer, `add` takes it back.
    """
    if not ask_as_operator(url, "admin_removePeer", address):
        raise Failure(f"{address} is no peer: see `sogdia peers list`", Exit.REFUSED)
    click.echo(f"{address} is removed, and refused for an hour")


@peers.command()
@click.argument("who")
@click.option(
    "--hours", type=click.FloatRange(min=0.01, max=8_784), default=24.0, show_default=True
)
@click.option("--reason", default="by its operator", show_default=True)
@rpc_option
def ban(*, who: str, hours: float, reason: str, url: str | None) -> None:
    """Keep WHO away, an IP address or a node's id, also over restarts."""
    ask_as_operator(url, "admin_banPeer", who, int(hours * 3_600), reason)
    click.echo(f"{who} is banned for {hours:g} h")


@peers.command()
@click.argument("who")
@rpc_option
def unban(*, who: str, url: str | None) -> None:
    """Let WHO connect again."""
    if not ask_as_operator(url, "admin_unbanPeer", who):
        raise Failure(f"{who} is not banned: see `sogdia peers list --bans`", Exit.REFUSED)
    click.echo(f"{who} may connect")
