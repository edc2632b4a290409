"""Commands that steer a running development chain: faucet, snapshots, time, epochs, reset."""

import os
from pathlib import Path
from typing import Any

import click

from sogdia.cli.arguments import ADDRESS_DIGITS, is_hex
from sogdia.cli.exits import Exit, Failure, confirm
from sogdia.cli.rpc_client import call, call_guarded, node_address
from sogdia.ledger.node.endpoint import running
from sogdia.ledger.node.paths import runtime_dir
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS

UNIT_DRIP = 10**18
LAST_S = 253_402_300_799  # the end of the year 9999, the last that tools can write as a date

rpc_option = click.option("--rpc", "url", help="The node to ask; by default the one running here.")


def node_url(url: str | None) -> str:
    """Return the address of the node to ask.

    Raises:
        Failure: none runs here, or several do and none was named.
    """
    if url is not None:
        return url
    found = [endpoint.rpc for endpoint in running(runtime_dir(os.environ))]
    if not found:
        raise Failure("no node runs here: start one with `sogdia up`", Exit.NOT_READY)
    if len(found) > 1:
        raise Failure(f"several nodes run here, name one by --rpc: {', '.join(found)}", Exit.USAGE)
    return found[0]


def ask(url: str | None, method: str, *params: Any) -> Any:
    """Return the result of a call to the node, waiting up to a minute for it."""
    return call(node_url(url), method, *params, timeout_s=60.0)


def ask_as_operator(url: str | None, method: str, *params: Any) -> Any:
    """Return the result of a call that only whoever runs the node may make.

    A node that runs here as the same user is asked through its guarded socket; another one answers
    only where its `rpc.namespaces` name `admin`.
    """
    address = node_address(node_url(url))
    for endpoint in running(runtime_dir(os.environ)):
        if endpoint.rpc == address and endpoint.guarded is not None:
            return call_guarded(Path(endpoint.guarded), method, *params, timeout_s=60.0)
    return call(address, method, *params, timeout_s=60.0)


@click.command()
@click.argument("address")
@click.option("--units", type=click.IntRange(1, 10_000), default=10, show_default=True)
@rpc_option
def faucet(*, address: str, units: int, url: str | None) -> None:
    """Send whole units to ADDRESS, or to the account of a role, from a development chain's first.

    Roles are those of `sogdia accounts`.
    """
    giver = f"0x{DEVELOPMENT_ACCOUNTS[0].address.hex()}"
    roles = {account.role: account.shown for account in DEVELOPMENT_ACCOUNTS}
    if not is_hex(address, ADDRESS_DIGITS) and address not in roles:
        known = ", ".join(roles)
        raise Failure(
            f"{address!r} is no address, 0x and 40 hex digits, and no role: {known}", Exit.USAGE
        )
    address = roles.get(address, address)
    transfer = {"from": giver, "to": address, "value": hex(units * UNIT_DRIP)}
    click.echo(ask(url, "eth_sendTransaction", transfer))


@click.group()
def snapshot() -> None:
    """Remember a development chain as it is, and return to it."""


@snapshot.command()
@rpc_option
def save(*, url: str | None) -> None:
    """Take a snapshot; print its number. It lasts as long as the node runs."""
    click.echo(int(ask(url, "evm_snapshot"), 16))


@snapshot.command()
@click.argument("number", type=click.IntRange(1))
@rpc_option
def restore(*, number: int, url: str | None) -> None:
    """Return to snapshot NUMBER, which is used up with all later ones."""
    if not ask(url, "evm_revert", hex(number)):
        raise Failure(f"there is no snapshot {number}: see `sogdia snapshot list`", Exit.REFUSED)
    click.echo(f"epoch {int(ask(url, 'eth_blockNumber'), 16)}")


@snapshot.command("list")
@rpc_option
def list_snapshots(*, url: str | None) -> None:
    """Print the snapshots that can be returned to: number and epoch."""
    for row in ask(url, "sogdia_listSnapshots"):
        click.echo(f"{int(row['snapshot'], 16)}  epoch {int(row['epoch'], 16)}")


@click.group("time")
def time_group() -> None:
    """Move the clock of a development chain."""


@time_group.command("set")
@click.argument("timestamp", type=click.IntRange(0, LAST_S))
@rpc_option
def set_time(*, timestamp: int, url: str | None) -> None:
    """Set the clock to TIMESTAMP, seconds since 1970, and let it go on from there."""
    ask(url, "anvil_setTime", hex(timestamp))


@time_group.command()
@click.argument("seconds", type=click.IntRange(0, LAST_S))
@rpc_option
def advance(*, seconds: int, url: str | None) -> None:
    """Move the clock ahead by SECONDS; print how far it is ahead in all."""
    click.echo(int(ask(url, "evm_increaseTime", hex(seconds)), 16))


@click.group()
def epoch() -> None:
    """Make epochs of a development chain."""


@epoch.command()
@click.argument("count", type=click.IntRange(1, 10_000), default=1)
@rpc_option
def mine(*, count: int, url: str | None) -> None:
    """Make COUNT epochs now, empty if nothing waits; print the last one's number."""
    address = node_url(url)
    ask(address, "hardhat_mine", hex(count))
    click.echo(int(ask(address, "eth_blockNumber"), 16))


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@rpc_option
def reset(*, yes: bool, url: str | None) -> None:
    """Return a development chain to genesis; everything on it is lost."""
    address = node_url(url)
    if not yes:
        confirm(f"this loses the whole chain of {address}")
    ask(address, "hardhat_reset")
