"""Read the tables that are text: word lists in TOML beside this module."""

import tomllib
from importlib.resources import files
from typing import Any


def load_table(name: str) -> dict[str, Any]:
    """Return the parsed TOML file `name` of this package."""
    text = files("sogdia.compliance.screening.tables").joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text)
