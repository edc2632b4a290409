"""`sogdia config show`: the settings that a node would start with here."""

from pathlib import Path

import click

from sogdia.cli.running import resolve


@click.group()
def config() -> None:
    """See the settings of a node."""


@config.command()
@click.option("--origin", is_flag=True, help="Say where each value was said.")
@click.option("--config", "file", type=click.Path(path_type=Path), help="Read this file alone.")
def show(*, origin: bool, file: Path | None) -> None:
    """Print every setting of `sogdia node` as it is resolved here."""
    settings = resolve({}, file=file)
    for name in sorted(settings.values):
        said = f"  ({settings.origin(name)})" if origin else ""
        click.echo(f"{name} = {settings[name]}{said}")
