"""`python -m sogdia` is the `sogdia` command."""

from sogdia.cli import main

main(prog_name="sogdia")
