"""`sogdia version`: what is installed and how it was built."""

import json

import click

from sogdia.ledger.primitives.build import build_info


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def version(*, as_json: bool) -> None:
    """Print the version and how the native module was built."""
    info = build_info()
    if as_json:
        click.echo(json.dumps(info))
    else:
        click.echo(f"sogdia {info['version']} ({info['commit']}, {info['profile']} build)")
