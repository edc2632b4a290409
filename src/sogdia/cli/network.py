"""`sogdia network`: a network of real nodes on this machine."""

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping

import click

from sogdia.cli.exits import Exit, Failure, confirm
from sogdia.cli.signals import AskedToEnd, asked_by_signals
from sogdia.ledger.node.paths import state_dir
from sogdia.ledger.params.networks import LOCAL_NET
from sogdia.local_network import errors
from sogdia.local_network.folder import NetworkFolder
from sogdia.local_network.network import LocalNetwork, make_network, sweep
from sogdia.local_network.observe import observe
from sogdia.local_network.plan import (
    HASH_RATE,
    NODES_MAX,
    divide,
    equal_work,
    parse_groups,
    parse_work,
)
from sogdia.local_network.table import as_lines, as_table
from sogdia.local_network.transfers import PROBE_ACCOUNT, Probe, Sender

TABLE_S = 1.0  # between two looks at a terminal
LINES_S = 5.0  # without one: a log that can still be read after an hour

CODES = {
    errors.InvalidWork: Exit.USAGE,
    errors.UnknownNode: Exit.USAGE,
    errors.InvalidGroups: Exit.USAGE,
    errors.NotThere: Exit.NOT_READY,
    errors.NodeSilent: Exit.NOT_READY,
    errors.AlreadyThere: Exit.LOCKED,
}

name_option = click.option(
    "--name", default="local", show_default=True, help="Which network, when there are several."
)


@contextlib.contextmanager
def exits() -> Iterator[None]:
    """End the command with the words and the code of what went wrong."""
    try:
        yield
    except errors.LocalNetworkError as error:
        raise Failure(str(error), CODES.get(type(error), Exit.FAILED)) from error


def folder_of(name: str) -> NetworkFolder:
    """Return the folder of a network of this user.

    Raises:
        Failure: the name is no name of a folder.
    """
    if not name.replace("-", "").replace("_", "").isalnum():
        raise Failure(f"{name!r} is no name: letters, digits, - and _", Exit.USAGE)
    return NetworkFolder(state_dir(os.environ, "networks") / name)


@click.group()
def network() -> None:
    """Run a network of real nodes on this machine."""


@network.command()
@click.option(
    "--nodes", type=click.IntRange(1, NODES_MAX), help="How many.  [one for each share, or 4]"
)
@click.option("--work", help="Shares of the work, as cn=67,kz=15,ru=10,ch=8.  [equal]")
@click.option(
    "--hash-rate",
    type=click.FloatRange(1_000, 1e9),
    default=HASH_RATE,
    show_default=True,
    help="Nonces a second of all nodes together.",
)
@click.option(
    "--port", type=click.IntRange(0, 65_000), default=8600, show_default=True, help="Of the first."
)
@click.option("--detach", is_flag=True, help="Return once the nodes run.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON objects, one a line.")
@name_option
def up(
    *,
    nodes: int | None,
    work: str | None,
    hash_rate: float,
    port: int,
    detach: bool,
    as_json: bool,
    name: str,
) -> None:
    """Start nodes that mine with real work and follow each other; Ctrl-C ends and discards them.

    RPC is on --port and the ports after it; 0 takes free ones.
    """
    folder = folder_of(name)
    with exits():
        shares = equal_work(4 if nodes is None else nodes) if work is None else parse_work(work)
        divide(shares, nodes or len(shares))  # before anything is made
        with folder.locked():
            running = make_network(
                folder, shares, nodes=nodes or len(shares), hash_rate=hash_rate, port=port
            )
            start_all(running)
        print_view(running, {}, as_json=as_json)
        if not detach:
            _stay(running, as_json=as_json)


def start_all(running: LocalNetwork) -> None:
    """Start every node, or leave none."""
    try:
        running.start(node.name for node in running.plan.nodes)
    except BaseException as error:
        running.down()
        if isinstance(error, errors.NodeEnded) and "is in use" in error.words:
            words = f"{error.words}; choose another with --port"
            raise errors.AlreadyThere(running.plan.name, f"cannot start: {words}") from None
        raise


def _stay(running: LocalNetwork, *, as_json: bool) -> None:
    """Show the network until a signal comes, then end it and leave nothing."""
    try:
        with asked_by_signals():
            _watch(running, as_json=as_json)
    except AskedToEnd:
        with contextlib.suppress(OSError):  # the terminal may be what ended
            click.echo("ending", err=True)
    finally:
        running.down()


def _watch(running: LocalNetwork, *, as_json: bool) -> None:
    rpcs = {node.name: running.rpc(node.name) for node in running.plan.nodes}
    probe = Probe(rpcs, Sender(PROBE_ACCOUNT, LOCAL_NET.chain_id))
    if as_json or not sys.stdout.isatty():
        while running.folder.path.exists():
            time.sleep(LINES_S)
            probe.look()
            print_view(running, probe.risks, as_json=as_json)
        return
    from rich.live import Live

    with Live(screen=False, auto_refresh=False) as live:
        while running.folder.path.exists():  # `network down` elsewhere ends this too
            probe.look()
            live.update(as_table(observe(running), probe.risks), refresh=True)
            time.sleep(TABLE_S)


def print_view(running: LocalNetwork, risks: Mapping[str, str | None], *, as_json: bool) -> None:
    """Print the network as it is now: an object, a table or lines."""
    view = observe(running)
    if as_json:
        click.echo(json.dumps(view.as_json() | {"risks": dict(risks)}))
    elif sys.stdout.isatty():
        from rich.console import Console

        Console().print(as_table(view, risks))
    else:
        click.echo("\n".join(as_lines(view, risks)))


@network.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@name_option
def status(*, as_json: bool, name: str) -> None:
    """Print each node once: height, confirmed epoch, pivot, peers, blocks a second, alerts."""
    with exits():
        running = LocalNetwork.open(folder_of(name))
        print_view(running, {}, as_json=as_json)
        if not running.running():
            raise Failure(f"no node of {name!r} runs", Exit.NOT_READY)


@network.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@name_option
def down(*, yes: bool, name: str) -> None:
    """End all nodes and discard what they kept; asks before."""
    folder = folder_of(name)
    with exits():
        if not folder.path.exists():
            raise errors.NotThere(name)
        if not yes:
            confirm(f"this ends the network {name!r} and discards what its nodes kept")
        with folder.locked():
            try:
                LocalNetwork.open(folder).down()
            except errors.NotThere:  # killed before there was a plan
                sweep(folder)
                folder.discard()


@contextlib.contextmanager
def _changing(name: str) -> Iterator[LocalNetwork]:
    """Hold a network while it is changed; where there is none, no folder is made for its lock."""
    folder = folder_of(name)
    with exits():
        LocalNetwork.open(folder)
        with folder.locked():
            yield LocalNetwork.open(folder)


@network.command()
@click.argument("groups")
@name_option
def partition(*, groups: str, name: str) -> None:
    """Cut the lines between GROUPS, as cn|kz,ru,ch; nodes that are not named form one more."""
    with _changing(name) as running:
        parted = parse_groups(running.plan, groups)
        running.partition(parted)
    click.echo(" | ".join(",".join(group) for group in parted))


@network.command()
@name_option
def heal(*, name: str) -> None:
    """Make every line whole again."""
    with _changing(name) as running:
        running.heal()


@network.command()
@click.argument("node")
@click.option("--kill", is_flag=True, help="As a power cut would: without a chance to say goodbye.")
@name_option
def stop(*, node: str, kill: bool, name: str) -> None:
    """Stop NODE, or all nodes of a jurisdiction; they keep their ledger."""
    with _changing(name) as running:
        running.stop([each.name for each in running.plan.named(node)], at_once=kill)


@network.command()
@click.argument("node")
@name_option
def start(*, node: str, name: str) -> None:
    """Start NODE, or all nodes of a jurisdiction, where it was stopped."""
    with _changing(name) as running:
        running.start([each.name for each in running.plan.named(node)])
