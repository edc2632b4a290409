"""Pictures of a run: rates over time, and how long things took. Needs matplotlib."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sogdia.simulation.errors import MissingLibrary
from sogdia.simulation.results import Results

PANELS = (
    ("block_rate", "blocks a second, in steps of 10 s", "seconds"),
    ("difficulty", "difficulty of the blocks made", "seconds"),
    ("propagation_90", "share of blocks at 90 % of the nodes", "seconds after making"),
    ("confirmation", "share of blocks called confirmed", "seconds after making"),
)
STEPPED = frozenset(("block_rate", "difficulty"))


def draw(result: Results, folder: Path, formats: Sequence[str] = ("svg", "png")) -> list[Path]:
    """Write `run-SEED.svg` and `.png` into `folder`, and return them.

    Raises:
        MissingLibrary: matplotlib is not installed.
        OSError: the folder cannot be written.
    """
    figure = _figure(result)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"run-{result.seed}.{kind}" for kind in formats]
    for path in paths:
        # Without the date two equal runs give equal files.
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, metadata=metadata, dpi=120)
    return paths


def _figure(result: Results) -> Any:
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingLibrary(
            library="matplotlib",
            purpose="drawing pictures",
            install="`pip install 'sogdia[simulation]'`, or give --no-pictures",
        ) from error
    matplotlib.rcParams["svg.hashsalt"] = "sogdia"
    figure = Figure(figsize=(11, 7), layout="constrained")
    figure.suptitle(f"{result.scenario}, seed {result.seed}, {result.nodes} nodes")
    for place, (name, title, unit) in enumerate(PANELS):
        axes = figure.add_subplot(2, 2, place + 1)
        points = result.series.get(name, [])
        style = "steps-post" if name in STEPPED else "default"
        axes.plot([x for x, _ in points], [y for _, y in points], drawstyle=style)
        axes.set_title(title, fontsize=10)
        axes.set_xlabel(unit, fontsize=9)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        if name in STEPPED:
            for phase in result.phases[1:]:
                axes.axvline(phase.start_s, linestyle=":", color="tab:red")
    return figure
