"""The `sogdia` command."""

from sogdia.cli.main import main

__all__ = ["main"]
