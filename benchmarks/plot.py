"""Plots of the performance page: an SVG beside it, drawn by the benchmark that measured it."""

from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"


def save_line(
    name: str, along: str, points: list[tuple[float, float]], *, is_log: bool = False
) -> None:
    """Draw transfers per CPU second against what `along` names, from zero."""
    import matplotlib

    matplotlib.use("svg")
    # The same figures give the same bytes: no date, and ids that follow from the drawing.
    matplotlib.rcParams["svg.hashsalt"] = name
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 3.2), layout="constrained")
    xs, ys = zip(*points, strict=True)
    axes.plot(xs, ys, marker="o", color="#1f4e79")
    axes.set_xlabel(along)
    axes.set_ylabel("transfers per CPU second")
    axes.set_ylim(0, max(ys) * 1.15)
    if is_log:
        axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
    axes.yaxis.set_major_formatter(lambda y, _: f"{y:,.0f}")
    axes.grid(visible=True, alpha=0.3)
    figure.savefig(DOCS / f"{name}.svg", metadata={"Date": None})
    pyplot.close(figure)
