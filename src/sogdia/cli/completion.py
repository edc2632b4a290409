"""`sogdia completion`: what a shell needs to complete commands and options."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(*, shell: str) -> None:
    """Print the completion script: eval "$(sogdia completion bash)"."""
    from sogdia.cli.main import main

    kind = get_completion_class(shell)
    assert kind is not None, f"click completes {shell}"
    click.echo(kind(main, {}, "sogdia", "_SOGDIA_COMPLETE").source())
