"""The root of the command tree; each command lives in a module of its own name.

A command's module is imported when the command runs, not before: start-up time is a promise.
"""

import difflib
import importlib
import io
import sys
from typing import Any

import click
from click.shell_completion import CompletionItem

INTERRUPTED = 128 + 2  # by SIGINT, as a shell says it

# command name -> (module, attribute, one line of help). Keep sorted.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "accounts": ("sogdia.cli.accounts", "accounts", "Print the development accounts."),
    "case": ("sogdia.cli.case", "case", "Open, work, close and prove compliance cases."),
    "completion": ("sogdia.cli.completion", "completion", "Print a shell's completion script."),
    "config": ("sogdia.cli.config", "config", "See the settings of a node."),
    "db": ("sogdia.cli.db", "db", "Check, measure, back up, export, import, prune a ledger."),
    "doctor": ("sogdia.cli.doctor", "doctor", "Look for what is wrong on this machine."),
    "drill": ("sogdia.cli.drill", "drill", "Try out on real nodes what a network must survive."),
    "epoch": ("sogdia.cli.dev", "epoch", "Make epochs of a development chain."),
    "faucet": ("sogdia.cli.dev", "faucet", "Fund an address of a development chain."),
    "network": ("sogdia.cli.network", "network", "Run a network of nodes on this machine."),
    "node": ("sogdia.cli.node", "node", "Run a node with the settings of a file."),
    "peers": ("sogdia.cli.peers", "peers", "See and choose whom a node is joined with."),
    "reset": ("sogdia.cli.dev", "reset", "Return a development chain to genesis."),
    "rules": (
        "sogdia.cli.rules",
        "rules",
        "Check, ask, compare, replay and sign jurisdiction rule packs.",
    ),
    "screen": ("sogdia.cli.screen", "screen", "Compare names with sanction lists."),
    "simulate": ("sogdia.cli.simulate", "simulate", "Simulate a whole network from one seed."),
    "snapshot": ("sogdia.cli.dev", "snapshot", "Remember a development chain, return to it."),
    "state": ("sogdia.cli.state", "state", "Move the accounts of a development chain."),
    "status": ("sogdia.cli.status", "status", "Print the nodes that run on this machine."),
    "time": ("sogdia.cli.dev", "time_group", "Move the clock of a development chain."),
    "travel-rule": (
        "sogdia.cli.travel_rule",
        "travel_rule",
        "Check, convert and exchange travel-rule data (IVMS101).",
    ),
    "tx": ("sogdia.cli.tx", "tx", "See what became of transactions."),
    "up": ("sogdia.cli.up", "up", "Start a development ledger."),
    "version": ("sogdia.cli.version", "version", "Print the version and how it was built."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command's name, without importing any."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, or `None` when there is no such command."""
        del ctx
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, attribute, _ = entry
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name from the table: at every Tab, and without importing any."""
        found = [
            CompletionItem(name, help=COMMANDS[name][2])
            for name in sorted(COMMANDS)
            if name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that was typed; where there is none, name the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            for near in difflib.get_close_matches(args[0], COMMANDS, n=1, cutoff=0.6):
                words = f"{error.message} Did you mean {near!r}?"
                raise click.UsageError(words, ctx) from None
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; Ctrl-C ends it with one word and the shell's code.

        What the terminal's alphabet lacks, as in KOI8-R, is shown as an escape.
        """
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            raise SystemExit(INTERRUPTED) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, so that `--help` imports nothing either."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][2]) for name in sorted(COMMANDS)])


def _print_version(ctx: click.Context, _: click.Parameter, is_asked: bool) -> None:
    if is_asked and not ctx.resilient_parsing:
        from sogdia.cli.version import version

        ctx.invoke(version)
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-V",
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and exit.",
)
def main() -> None:
    """Run and use a Sogdia node, and the platform built on it."""
