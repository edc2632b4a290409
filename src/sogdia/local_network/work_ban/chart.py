"""A few lines over time as SVG: enough for a report, and no library to install for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, PANEL_HEIGHT, MARGIN, GAP = 860, 170, 64, 46
COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#8250df")


@dataclass(frozen=True, slots=True)
class Series:
    """Points (seconds, value) in order of time, joined by a line or not."""

    name: str
    points: Sequence[tuple[float, float]]
    is_line: bool = True


@dataclass(frozen=True, slots=True)
class Panel:
    """Series that share an axis from 0 up."""

    title: str
    series: Sequence[Series]


def draw(title: str, panels: Sequence[Panel], marks: Sequence[tuple[float, str]]) -> str:
    """Return an SVG picture: panels one below the other, `marks` as upright lines through all."""
    ends = [x for panel in panels for series in panel.series for x, _ in series.points]
    right = max([*ends, *(x for x, _ in marks), 1.0])
    height = MARGIN + len(panels) * (PANEL_HEIGHT + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        f'<text x="{MARGIN}" y="24" font-size="16">{escape(title)}</text>',
    ]
    for place, panel in enumerate(panels):
        parts += _panel(panel, MARGIN + place * (PANEL_HEIGHT + GAP), right, marks)
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, top: int, right: float, marks: Sequence[tuple[float, str]]) -> list[str]:
    highest = max([y for series in panel.series for _, y in series.points], default=1.0) or 1.0
    bottom, span = top + PANEL_HEIGHT, WIDTH - 2 * MARGIN

    def at(x: float, y: float) -> tuple[float, float]:
        return MARGIN + span * x / right, bottom - PANEL_HEIGHT * y / highest

    parts = [
        f'<text x="{MARGIN}" y="{top - 8}">{escape(panel.title)}</text>',
        f'<path d="M{MARGIN} {top}V{bottom}H{MARGIN + span}" fill="none" stroke="#888"/>',
        f'<text x="{MARGIN - 6}" y="{top + 4}" text-anchor="end">{highest:.3g}</text>',
        f'<text x="{MARGIN - 6}" y="{bottom + 4}" text-anchor="end">0</text>',
        f'<text x="{MARGIN + span}" y="{bottom + 16}" text-anchor="end">{right:.0f} s</text>',
    ]
    for x, name in marks:
        left, _ = at(x, 0)
        parts.append(
            f'<path d="M{left:.1f} {top}V{bottom}" stroke="#888" stroke-dasharray="4 3"/>'
            f'<text x="{left + 3:.1f}" y="{bottom + 16}" fill="#555">{escape(name)}</text>'
        )
    for number, series in enumerate(panel.series):
        colour = COLOURS[number % len(COLOURS)]
        parts.append(
            f'<text x="{MARGIN + span}" y="{top - 8 - 13 * number}" text-anchor="end" '
            f'fill="{colour}">{escape(series.name)}</text>'
        )
        parts += _series(series, colour, [at(x, y) for x, y in series.points])
    return parts


def _series(series: Series, colour: str, points: list[tuple[float, float]]) -> list[str]:
    if series.is_line:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        return [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>']
    return [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.6" fill="{colour}"/>' for x, y in points]
