"""How commands find the nodes of this machine."""

import os
import subprocess
import sys
from pathlib import Path

from sogdia.ledger.node.endpoint import Endpoint, publish, running
from sogdia.ledger.node.paths import config_file, data_dir, runtime_dir


def endpoint(process: int) -> Endpoint:
    return Endpoint(process, "http://127.0.0.1:1", "development", 1, "/d")


def test_a_running_node_is_found_and_a_killed_one_forgotten(tmp_path: Path) -> None:
    """The file of a node that was killed stays behind; its process does not."""
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        pass
    publish(tmp_path / "run", endpoint(os.getpid()))
    publish(tmp_path / "run", endpoint(dead.pid))
    (tmp_path / "run" / "stray.json").write_text("{")
    assert running(tmp_path / "run") == [endpoint(os.getpid())]
    assert not (tmp_path / "run" / f"{dead.pid}.json").exists()
    assert running(tmp_path / "absent") == []


def test_each_kind_of_file_follows_its_own_variable() -> None:
    """Relative values are ignored, as the specification says."""
    home = {"HOME": "/h"}
    assert config_file(home) == Path("/h/.config/sogdia/config.toml")
    assert data_dir(home, "dev") == Path("/h/.local/share/sogdia/dev")
    assert runtime_dir(home) == Path("/h/.local/state/sogdia/run")
    xdg = home | {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_RUNTIME_DIR": "/r"}
    assert config_file(xdg) == Path("/c/sogdia/config.toml")
    assert data_dir(xdg, "dev") == Path("/d/sogdia/dev")
    assert runtime_dir(xdg) == Path("/r/sogdia")
    assert data_dir(home | {"XDG_DATA_HOME": "d"}, "dev") == Path("/h/.local/share/sogdia/dev")
