"""From which score on a match is a hit: per list, and per script of the name asked about.

The defaults were chosen on one half of the public sets of `docs/screening.md` so that at most 1 %
of the 100,000 negatives hit, and judged on the other half.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

from sogdia.compliance.screening.errors import InvalidEntry
from sogdia.compliance.screening.script import Script

DEFAULTS: Mapping[Script, float] = {
    Script.LATIN: 0.85,
    Script.CYRILLIC: 0.80,
    Script.ARABIC: 0.77,
    Script.HAN: 0.85,
    Script.HANGUL: 0.90,
    Script.KANA: 0.85,
    Script.OTHER: 0.80,
}
# Below this a "hit" is two names with half their letters in common: an operator error.
THRESHOLD_MIN, THRESHOLD_MAX = 0.5, 1.0


@dataclass(frozen=True)
class Thresholds:
    """Scores from 0.5 to 1: a table per list id falls back to the default per script."""

    default: Mapping[Script, float] = field(default_factory=lambda: dict(DEFAULTS))
    per_list: Mapping[str, Mapping[Script, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse scores out of range.

        Raises:
            InvalidEntry: a threshold is below 0.5 or above 1.
        """
        for table in (self.default, *self.per_list.values()):
            for script, score in table.items():
                if not THRESHOLD_MIN <= score <= THRESHOLD_MAX:
                    raise InvalidEntry(f"threshold for {script}", str(score), "0.5 to 1.0")

    def threshold(self, list_id: str, script: Script) -> float:
        """Return the least score of a hit."""
        own = self.per_list.get(list_id, {}).get(script)
        return own if own is not None else self.default.get(script, DEFAULTS[script])


def parse_thresholds(text: str) -> Thresholds:
    """Read thresholds from TOML: `[default]` and `[list.ID]`, keys are names of scripts.

    Raises:
        InvalidEntry: the TOML is broken, a script is unknown, or a score out of range.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidEntry("thresholds", str(error), "TOML") from None
    lists = data.get("list", {})
    unknown = set(data) - {"default", "list"}
    if unknown or not isinstance(lists, dict):
        raise InvalidEntry("thresholds", ", ".join(sorted(unknown)), "[default] and [list.ID]")
    return Thresholds(
        dict(DEFAULTS) | _table(data.get("default", {})),
        {list_id: _table(table) for list_id, table in lists.items()},
    )


def _table(raw: object) -> dict[Script, float]:
    if not isinstance(raw, dict):
        raise InvalidEntry("thresholds", repr(raw), "a table of script = score")
    scripts = {script.value: script for script in Script}
    table: dict[Script, float] = {}
    for key, value in raw.items():
        if key not in scripts or isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidEntry(f"threshold {key}", repr(value), f"one of {sorted(scripts)} = score")
        table[scripts[key]] = float(value)
    return table
