"""A running node is copied under load, and the copy is a ledger of that moment."""

import json
import shutil
import signal
import subprocess
import threading
from pathlib import Path

from tests.conformance.shell import COMMAND, environment

FAUCET = ("faucet", "0x" + "11" * 20)


def sogdia(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command in the home of the node."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=home,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_running_node_is_copied_and_restored(tmp_path: Path) -> None:
    """Transfers go on meanwhile; the copy passes every check and goes on from its own epoch."""
    node = subprocess.Popen(
        [*COMMAND, "up", "--port", "0", "--json", "--data-dir", "data"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert node.stdout is not None
        assert "rpc" in json.loads(node.stdout.readline())
        loading = threading.Thread(target=lambda: [sogdia(tmp_path, *FAUCET) for _ in range(4)])
        loading.start()
        taken = sogdia(tmp_path, "db", "backup", "--data-dir", "data", "copy")
        loading.join()
        assert taken.returncode == 0, taken.stderr
        again = sogdia(tmp_path, "db", "backup", "--data-dir", "data", "copy")
        assert (again.returncode, "is not empty" in again.stderr) == (4, True), again.stderr
        refused = sogdia(tmp_path, "db", "stats", "--data-dir", "data")
        assert refused.returncode == 5
    finally:
        node.send_signal(signal.SIGTERM)
        node.communicate(timeout=120)
    whole = json.loads(sogdia(tmp_path, "db", "stats", "--json", "--data-dir", "data").stdout)
    checked = sogdia(tmp_path, "db", "check", "--data-dir", "copy")
    assert checked.returncode == 0, checked.stderr
    copied = json.loads(sogdia(tmp_path, "db", "stats", "--json", "--data-dir", "copy").stdout)
    assert 0 < copied["epochs"] <= whole["epochs"]
    shutil.rmtree(tmp_path / "data")
    shutil.move(tmp_path / "copy", tmp_path / "data")
    assert sogdia(tmp_path, "db", "check", "--fast", "--data-dir", "data").returncode == 0
