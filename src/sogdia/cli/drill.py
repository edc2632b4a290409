"""`sogdia drill`: what happens to a network, tried out on real nodes of this machine."""

import time
from pathlib import Path

import click

from sogdia.cli.exits import Exit, Failure
from sogdia.cli.network import exits, folder_of, start_all
from sogdia.cli.signals import AskedToEnd, asked_by_signals
from sogdia.local_network.network import make_network
from sogdia.local_network.plan import HASH_RATE, NODES_MAX, parse_work
from sogdia.local_network.work_ban.report import as_markdown, judge, write_report
from sogdia.local_network.work_ban.story import WorkBan

# What happened in May and June of 2021, in round numbers.
WORK = "cn=67,kz=15,ru=10,ch=8"


@click.group()
def drill() -> None:
    """Try out on real nodes what a network must live through."""


@drill.command("work-ban")
@click.option("--jurisdiction", default="cn", show_default=True, help="Whose miners leave at once.")
@click.option(
    "--variant",
    type=click.Choice(["dark", "cut-off"]),
    default="dark",
    show_default=True,
    help="They stop and come back later; or they mine on among themselves, and come back with it.",
)
@click.option("--minutes", type=click.FloatRange(2, 600), default=10, show_default=True)
@click.option("--work", default=WORK, show_default=True, help="Shares of the work.")
@click.option("--nodes", type=click.IntRange(1, NODES_MAX), help="How many.  [one for each share]")
@click.option(
    "--report",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for drill.md, drill.json and drill.svg.  [./drill-VARIANT]",
)
@click.option("--name", default="drill", show_default=True, help="Of the network that it runs on.")
def work_ban(
    *,
    jurisdiction: str,
    variant: str,
    minutes: float,
    work: str,
    nodes: int | None,
    report: Path | None,
    name: str,
) -> None:
    """Let the miners of one jurisdiction leave at once; report what became of what was confirmed.

    A fifth of the minutes passes before, a half during and the rest after; until the difficulty has
    settled, and until all is confirmed again, takes some minutes more. Code 1: the nodes disagree,
    a transfer is missing, or, when they go dark, something confirmed was lost.
    """
    report = report or Path(f"drill-{variant}")
    with exits():
        folder = folder_of(name)
        shares = parse_work(work)
        with folder.locked():
            network = make_network(
                folder, shares, nodes=nodes or len(shares), hash_rate=HASH_RATE, port=0
            )
        try:
            with asked_by_signals():
                story = WorkBan(network, jurisdiction, variant, minutes, _say)
                start_all(network)
                story.run()
                outcome = judge(story)
                write_report(report, story, outcome)
        except AskedToEnd as asked:
            raise SystemExit(128 + asked.number) from None
        finally:
            network.down()
    click.echo(as_markdown(outcome))
    click.echo(f"report in {report}", err=True)
    if not outcome.is_good:
        raise Failure(" ".join(outcome.judgement()[:2]), Exit.FAILED)


def _say(phase: str) -> None:
    click.echo(f"{time.strftime('%H:%M:%S UTC', time.gmtime())} {phase}", err=True)
