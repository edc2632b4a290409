"""Where nodes stand, and how long light and routers take between them.

One-way delays in milliseconds between large sites, half of the round trips that the public ping
matrices of cloud providers show, rounded to five. Each node adds its own access delay.
"""

REGIONS = ("europe", "east-asia", "central-asia", "gulf", "north-america", "south-america")

_ONE_WAY_MS = {
    "europe": (10, 110, 50, 55, 45, 95),
    "east-asia": (110, 20, 60, 75, 85, 150),
    "central-asia": (50, 60, 15, 60, 95, 140),
    "gulf": (55, 75, 60, 10, 95, 140),
    "north-america": (45, 85, 95, 95, 15, 65),
    "south-america": (95, 150, 140, 140, 65, 15),
}


def one_way_ms(origin: str, target: str) -> int:
    """Return the delay between two regions, the same in both directions."""
    return _ONE_WAY_MS[origin][REGIONS.index(target)]
