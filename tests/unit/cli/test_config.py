"""`sogdia config show` prints what a node can be started with."""

import os
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from sogdia.cli import main
from sogdia.ledger.node.config import load_config


def test_what_is_shown_is_a_file_for_a_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [each for each in os.environ if each.startswith("SOGDIA_")]:
        monkeypatch.delenv(name)
    given = tmp_path / "given.toml"
    given.write_text(
        "[node]\nnetwork = 'local'\ndata_dir = '/srv/ünï \"x\"'\n[network]\nenabled = true\n"
        "peers = ['[2001:db8::1]:32323']\n[history]\nepochs = 'archive'\n"
    )
    for options in ([], ["--origin"]):
        said = CliRunner().invoke(main, ["config", "show", "--config", str(given), *options])
        assert said.exit_code == 0, said.output
        assert tomllib.loads(said.stdout)["network"]["enabled"] is True
        assert "# mining.author is not set" in said.stdout
        again = tmp_path / "again.toml"
        again.write_text(said.stdout)
        read = {}
        for file in (given, again):
            config = load_config({}, {}, directory=tmp_path, file=file)
            read[file] = {name: config[name] for name in config.values}
        assert read[given] == read[again]
