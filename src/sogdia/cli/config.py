"""`sogdia config show`: the settings that a node would start with here."""

import json
from pathlib import Path
from typing import Any

import click

from sogdia.cli.running import resolve


@click.group()
def config() -> None:
    """See the settings of a node."""


@config.command()
@click.option("--origin", is_flag=True, help="Say where each value was said.")
@click.option("--config", "file", type=click.Path(path_type=Path), help="Read this file alone.")
def show(*, origin: bool, file: Path | None) -> None:
    """Print every setting of `sogdia node` as it is resolved here, as TOML that a node reads."""
    settings = resolve({}, file=file)
    for name in sorted(settings.values):
        said = f"  # {settings.origin(name)}" if origin else ""
        value = settings[name]
        click.echo(
            f"# {name} is not set{said}" if value is None else f"{name} = {_toml(value)}{said}"
        )


def _toml(value: Any) -> str:
    # JSON's texts, numbers, flags and lists are TOML's too, but for DEL, which no setting holds.
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)
