"""`sogdia simulate`: a whole network from one seed, and a report of what came of it."""

import time
from pathlib import Path

import click

from sogdia.cli.exits import Exit, Failure, fail
from sogdia.cli.progress_bar import progress_bar
from sogdia.simulation.errors import MissingLibrary, SimulationError
from sogdia.simulation.loading import load_scenario
from sogdia.simulation.pictures import draw
from sogdia.simulation.report import write_report
from sogdia.simulation.results import Results
from sogdia.simulation.runs import OnDone, Summary, run_many, summarise
from sogdia.simulation.scenario import Scenario
from sogdia.simulation.world import World


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="First seed.")
@click.option("--runs", type=click.IntRange(1), default=1, show_default=True, help="Seeds from it.")
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True)
@click.option("--ray", "ray_address", metavar="ADDRESS", help="Spread the runs over a Ray cluster.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Folder of the report.  [default: simulation-NAME]")  # fmt: skip
@click.option("--pictures/--no-pictures", default=True, help="Draw the first run (matplotlib).")
def simulate(
    scenario: Path,
    *,
    seed: int,
    runs: int,
    processes: int,
    ray_address: str | None,
    out: Path | None,
    pictures: bool,
) -> None:
    """Run SCENARIO, a TOML file, and write report.md, report.json and pictures.

    Exit code: 0 all promises held, 1 one did not, 2 the scenario or a library is wrong.
    """
    try:
        plan = load_scenario(scenario)
        started = time.process_time()
        if runs == 1 and ray_address is None:
            results = [_with_progress(plan, seed)]
        else:
            seeds = range(seed, seed + runs)
            results = run_many(
                plan, seeds, processes=processes, ray_address=ray_address, on_done=_on_done(runs)
            )
        summary = summarise(results)
        folder = out or Path(f"simulation-{plan.name}")
        written = write_report(results, summary, folder)
        if pictures:
            written += _draw(results[0], folder)
    except SimulationError as error:
        fail(error, Exit.USAGE)
    except OSError as error:
        fail(error, Exit.FAILED)
    _say(results[0], summary, time.process_time() - started)
    click.echo("written: " + ", ".join(map(str, written)))
    if summary.complaints:
        raise Failure("; ".join(summary.complaints), Exit.FAILED)


def _with_progress(plan: Scenario, seed: int) -> Results:
    length_s = int(plan.duration_s + plan.settle_s)
    with progress_bar(plan.name) as progress:
        return World(plan, seed).run(lambda seconds: progress(int(seconds), length_s))


def _on_done(runs: int) -> OnDone:
    def tell(done: int, result: Results) -> None:
        complaint = "; ".join(result.complaints) or "held"
        click.echo(f"run {done} of {runs}, seed {result.seed}: {complaint}", err=True)

    return tell


def _draw(result: Results, folder: Path) -> list[Path]:
    try:
        return draw(result, folder)
    except MissingLibrary as error:
        click.echo(f"no pictures: {error}", err=True)
        return []


def _say(first: Results, summary: Summary, cpu_s: float) -> None:
    blocks = first.blocks
    click.echo(
        f"{summary.runs} run(s) of {first.scenario}: {blocks.made} blocks in the first, "
        f"{blocks.per_s:.3f} per s, {blocks.off_pivot_percent:.1f} % off the pivot chain; "
        f"confirmed after {first.confirmation.median:.1f} s; {cpu_s:.1f} s of processor time here"
    )
    verdict = "held" if not summary.complaints else "BROKEN"
    click.echo(f"{verdict}; trace of seed {first.seed}: {first.trace}")
