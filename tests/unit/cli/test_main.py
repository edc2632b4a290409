"""What people type first: the version, a command that is not there, Ctrl-C in a lost folder."""

import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from tests.conformance.shell import COMMAND, END_S_MAX, environment

from sogdia.cli import main
from sogdia.ledger.primitives.build import build_info


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_an_option_too(option: str) -> None:
    said = CliRunner().invoke(main, [option])
    assert (said.exit_code, said.stdout) == (0, CliRunner().invoke(main, ["version"]).stdout)
    assert build_info()["version"] in said.stdout


@pytest.mark.parametrize(
    ("typed", "meant"), [("ndoe", "node"), ("stauts", "status"), ("networks", "network")]
)
def test_a_command_that_is_not_there_names_the_nearest(typed: str, meant: str) -> None:
    said = CliRunner().invoke(main, [typed])
    assert said.exit_code == 2
    assert f"No such command {typed!r}. Did you mean {meant!r}?" in said.stderr


def test_what_resembles_nothing_names_nothing() -> None:
    said = CliRunner().invoke(main, ["qqqq"])
    assert (said.exit_code, "Did you mean" in said.stderr) == (2, False)


def test_ctrl_c_is_130_and_no_trace(tmp_path: Path) -> None:
    """While a command waits for a node that does not answer."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with subprocess.Popen(
            [*COMMAND, "status", "--rpc", address],
            env=environment(tmp_path),
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            connection, _ = listener.accept()
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=END_S_MAX)
            connection.close()
    assert (process.returncode, said.strip()) == (130, "interrupted")


def test_a_working_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    program = "import os, sys; os.rmdir(sys.argv[1]); os.execv(sys.argv[2], sys.argv[2:])"
    said = subprocess.run(
        [sys.executable, "-c", program, str(gone), *COMMAND, "config", "show"],
        cwd=gone,
        env=environment(tmp_path, PYTHONSAFEPATH="1"),
        capture_output=True,
        text=True,
        timeout=END_S_MAX,
        check=False,
    )
    assert (said.returncode, "Traceback" in said.stderr) == (2, False), said.stderr
    assert "the folder that this was typed in is gone" in said.stderr


def test_a_terminal_of_another_alphabet_gets_escapes(tmp_path: Path) -> None:
    """And what is written into files is UTF-8 all the same."""
    (tmp_path / "sogdia.toml").write_text("[rpc]\nclient_version = 'Құрт'\n", "utf-8")
    said = subprocess.run(
        [*COMMAND, "config", "show"],
        cwd=tmp_path,
        env=environment(tmp_path, PYTHONIOENCODING="koi8-r", PYTHONUTF8="0"),
        capture_output=True,
        timeout=END_S_MAX,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert rb'rpc.client_version = "\u049a' in said.stdout


@pytest.mark.parametrize(("typed", "there"), [("", "travel-rule"), ("ne", "network")])
def test_completing_a_command_imports_none(tmp_path: Path, typed: str, there: str) -> None:
    """A shell waits for it at every Tab."""
    asked = {
        "_SOGDIA_COMPLETE": "bash_complete",
        "COMP_WORDS": f"sogdia {typed}",
        "COMP_CWORD": "1",
    }
    said = subprocess.run(
        [sys.executable, "-X", "importtime", *COMMAND],
        env=environment(tmp_path, **asked),
        capture_output=True,
        text=True,
        timeout=END_S_MAX,
        check=False,
    )
    assert f"plain,{there}" in said.stdout.splitlines()
    imported = {line.rpartition("|")[2].strip() for line in said.stderr.splitlines()}
    assert {name for name in imported if name.startswith("sogdia.")} == {
        "sogdia.cli",
        "sogdia.cli.main",
    }


def test_the_option_is_completed_too() -> None:
    assert [item.value for item in main.shell_complete(click.Context(main), "--v")] == ["--version"]
