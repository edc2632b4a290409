"""`sogdia doctor`: each thing that can be wrong, made wrong."""

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sogdia.cli import doctor_machine, doctor_nodes, main
from sogdia.cli.findings import Level
from sogdia.ledger.storage.database import Database, SyncMode
from sogdia.ledger.storage.identity import Identity
from sogdia.testing.in_process import run_in_process


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which nothing of this package was ever used."""
    for name in list(os.environ):
        if name.startswith(("SOGDIA_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def doctor(*arguments: str) -> tuple[Result, dict[str, dict[str, Any]]]:
    """Return the result and the findings by name."""
    result = CliRunner().invoke(main, ["doctor", "--port", "0", "--json", *arguments])
    rows = json.loads(result.stdout)["findings"] if result.stdout else []
    return result, {row["name"]: row for row in rows}


def test_a_new_machine_is_sound_and_stays_as_it_was(alone: Path) -> None:
    result, found = doctor()
    assert result.exit_code == 0, result.output
    assert {row["level"] for row in found.values()} <= {"ok", "warning"}
    assert found["data directory"]["found"].endswith("holds no ledger yet")
    assert "`sogdia up`" in found["node"]["found"]
    assert list(alone.iterdir()) == []
    text = CliRunner().invoke(main, ["doctor", "--port", "0"]).output
    assert text.startswith("ok       python: Python 3.")


def test_a_wrong_setting_is_code_2(alone: Path) -> None:
    (alone / "sogdia.toml").write_text("[rpc]\nprot = 3\n")
    result, found = doctor()
    assert (result.exit_code, found["settings"]["level"]) == (2, "problem")
    assert "rpc.port" in found["settings"]["found"]


def test_a_file_where_the_ledger_should_be(alone: Path) -> None:
    (alone / "taken").write_text("")
    result, found = doctor("--data-dir", str(alone / "taken"))
    assert result.exit_code == 1
    assert "is a file" in found["data directory"]["found"]
    assert "--data-dir" in found["data directory"]["todo"]


def test_a_ledger_that_another_process_holds_is_code_5(alone: Path) -> None:
    identity = Identity(network="development", chain_id=1, genesis=bytes(32))
    with Database.open(alone / "data", identity, sync=SyncMode.ALWAYS):
        result, found = doctor("--data-dir", str(alone / "data"))
    assert result.exit_code == 5
    assert f"in use by process {os.getpid()}" in found["lock"]["found"]
    result, found = doctor("--data-dir", str(alone / "data"))
    assert (result.exit_code, found["lock"]["found"]) == (0, "free")


def test_a_port_that_another_program_has_is_code_5(alone: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        result, found = doctor("--port", str(number))
    assert result.exit_code == 5
    assert f":{number} is in use" in found["port"]["found"]


@pytest.mark.parametrize(("free_mib", "level"), [(100, "problem"), (1_000, "warning")])
def test_little_room_is_said(
    alone: Path, monkeypatch: pytest.MonkeyPatch, free_mib: int, level: str
) -> None:
    del alone
    usage = type("Usage", (), {"free": free_mib << 20})
    monkeypatch.setattr(doctor_machine.shutil, "disk_usage", lambda _: usage)
    result, found = doctor()
    assert (result.exit_code, found["room"]["level"]) == (int(level == "problem"), level)


def test_the_kernel_is_asked_for_its_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    status, error_us = doctor_machine.kernel_clock()
    assert status is None or (0 <= status < 1 << 16 and error_us >= 0)
    for bits, level in ((0x40, Level.WARNING), (0x1, Level.OK), (None, Level.OK)):
        monkeypatch.setattr(doctor_machine, "kernel_clock", lambda bits=bits: (bits, 1_500))
        assert doctor_machine.clock().level is level


def test_too_few_open_files_are_said(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del alone
    monkeypatch.setattr(doctor_machine.resource, "getrlimit", lambda _: (256, 4_096))
    result, found = doctor()
    assert result.exit_code == 0
    assert found["open files"]["todo"].startswith("`ulimit -n 1256`")


def test_nobody_at_an_address_is_code_3(alone: Path) -> None:
    del alone
    result, found = doctor("--rpc", "http://127.0.0.1:1")
    assert result.exit_code == 3
    assert "no node answers" in found["node 127.0.0.1:1"]["found"]


def test_a_running_node_is_found_and_asked(alone: Path) -> None:
    with run_in_process(alone / "node") as node:
        sender = node.call("eth_accounts")[0]
        runtime = {"XDG_RUNTIME_DIR": str(alone / "node")}
        arguments = ["doctor", "--port", node.url.rpartition(":")[2]]
        arguments += ["--data-dir", str(alone / "node" / "data")]
        result = CliRunner().invoke(main, arguments, env=runtime)
        assert result.exit_code == 0, result.output
        assert f"held by the node at {node.url}" in result.output
        assert "answers, Sogdia/" in result.output
        assert "0 transactions can be packed" in result.output
        node.call("evm_setAutomine", False)
        node.call("eth_sendTransaction", {"from": sender, "to": sender})
        result = CliRunner().invoke(main, arguments, env=runtime)
        assert "1 transactions can be packed" in result.output


STUCK = {"executedEpoch": "0x9", "peers": "0x2", "sync": {"phase": "NormalSyncPhase"}}
BEHIND = {"phase": "CatchUpSyncBlockPhase", "remainingSeconds": 90}


@pytest.mark.parametrize(
    ("changed", "age_s", "waiting", "judged"),
    [
        ({}, 5, 0, ("ok", "epoch 9, 5 s old")),
        ({}, 500, 0, ("problem", "whether anybody mines")),
        ({"peers": "0x0"}, 500, 0, ("problem", "network.peers")),
        ({"sync": BEHIND}, 500, 0, ("warning", "90 s to go")),
        ({"development": True}, -90, 0, ("ok", "90 s ahead")),
        ({"development": True}, 500, 0, ("ok", "500 s old")),
        ({"development": True}, 500, 2, ("warning", "sogdia epoch mine")),
    ],
)
def test_a_ledger_that_does_not_go_on(
    changed: dict[str, Any], age_s: int, waiting: int, judged: tuple[str, str]
) -> None:
    found = doctor_nodes.going_on(
        "node", STUCK | changed, age_s, waiting, is_development="development" in changed
    )
    level, words = judged
    assert found.level.value == level
    assert words in found.found + found.todo
