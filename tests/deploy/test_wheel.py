"""The wheel that `make dist` builds runs where nothing of this checkout is."""

import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = os.environ.get("UV", "uv")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as `make dist` builds it; the compiled part is warm from `make test`."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [UV, "build", "--wheel", "--quiet", "--out-dir", out, ROOT],
        check=True,
        env={**os.environ, "UV_PYTHON": sys.executable},
    )
    (found,) = out.glob("*.whl")
    return found


def test_the_wheel_is_for_every_python_of_ours_and_holds_what_is_needed(wheel: Path) -> None:
    """The stable interface of CPython 3.11 on Linux; rule packs and marker files inside."""
    assert re.fullmatch(r"sogdia-[\d.]+-cp311-abi3-(many)?linux\w+\.whl", wheel.name), wheel.name
    names = zipfile.ZipFile(wheel).namelist()
    assert "sogdia/_core.abi3.so" in names
    assert "sogdia/py.typed" in names
    assert any(name.endswith("pack.toml") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]


@pytest.mark.timeout(900)
def test_a_node_starts_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    """Installed with what it asks for and nothing else; the self-test executes a transfer."""
    place = tmp_path / "venv"
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, place], check=True)
    install = [UV, "pip", "install", "--quiet", "--python", place / "bin" / "python"]
    subprocess.run([*install, f"{wheel}[node]"], check=True)
    # Nothing of this session's environment: no path to the checkout, no settings.
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    node = subprocess.Popen(
        [place / "bin" / "sogdia", "up", "--port", "0", "--json"],
        cwd=tmp_path,
        env=bare,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert node.stdout is not None
        line = node.stdout.readline()
        assert line, node.communicate()[1]
        assert json.loads(line)["self_test_epoch"] == 1
    finally:
        node.send_signal(signal.SIGTERM)
        node.communicate(timeout=120)
    assert node.returncode == 0
