"""What `deploy/` ships is what its tools accept, and what a node serves."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.ledger.node.chains import ledger

from sogdia.ledger.node.config import load_config

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
RUNBOOK = DEPLOY.parent / "docs" / "runbook.md"


def run(*command: str | Path, cwd: Path = DEPLOY) -> str:
    """Run a tool that must succeed; return everything it said."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def tool(name: str) -> str:
    """Return the path of a tool that `scripts/install-system-packages` installs."""
    found = shutil.which(name)
    assert found is not None, f"{name} is not here: run scripts/install-system-packages"
    return found


def test_the_settings_are_settings() -> None:
    """Loaded as a node loads them."""
    config = load_config({}, {}, directory=DEPLOY, file=DEPLOY / "node.toml")
    assert config["history.epochs"] == 100_000
    assert config["network.enabled"] is True


def test_the_container_file_passes_its_linter() -> None:
    """No rule is switched off but the pinning of Debian's packages, whose versions expire."""
    run(Path(sys.executable).with_name("hadolint"), "Dockerfile")


def test_the_unit_passes_systemd(tmp_path: Path) -> None:
    """The program is put where the unit expects it, since systemd looks."""
    unit = (DEPLOY / "sogdia.service").read_text()
    program = tmp_path / "sogdia"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (tmp_path / "sogdia.service").write_text(unit.replace("/opt/sogdia/bin/sogdia", str(program)))
    said = run(tool("systemd-analyze"), "verify", tmp_path / "sogdia.service")
    assert "sogdia.service" not in said, said


def test_the_alerts_pass_prometheus_and_their_own_tests() -> None:
    """Syntax, and the moments at which they fire."""
    here = DEPLOY / "prometheus"
    run(tool("promtool"), "check", "config", "prometheus.yml", cwd=here)
    run(tool("promtool"), "test", "rules", "alerts_test.yml", cwd=here)


def test_each_alert_names_a_section_of_the_runbook() -> None:
    """A page at night leads to what to do."""
    text = (DEPLOY / "prometheus" / "alerts.yml").read_text()
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).strip().replace(" ", "-")
        for line in RUNBOOK.read_text().splitlines()
        if line.startswith("#")
    }
    named = re.findall(r"docs/runbook\.md#([a-z0-9-]+)", text)
    assert len(named) == text.count("- alert:")
    assert set(named) <= headings


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all metrics that a node gives."""
    from sogdia.ledger.node.metrics import process_samples, render
    from sogdia.ledger.node.rpc_port import samples

    with ledger(tmp_path_factory.mktemp("metrics")) as parts:
        page = render([*process_samples(), *samples(parts)]).decode()
    names = {line.split()[2] for line in page.splitlines() if line.startswith("# TYPE")}
    # The two that belong to the node's health, and Prometheus's own.
    return names | {"sogdia_peers", "sogdia_alerts", "up"}


def test_the_dashboard_asks_for_what_a_node_gives(served: set[str]) -> None:
    """Every metric of every panel exists; every panel says what it asks."""
    board = json.loads((DEPLOY / "grafana" / "sogdia.json").read_text())
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(expressions) >= len(board["panels"]) > 10
    asked = set(re.findall(r"\b((?:sogdia|process)_[a-z_]+)", " ".join(expressions)))
    assert asked <= served, asked - served


def test_the_alerts_ask_for_what_a_node_gives(served: set[str]) -> None:
    """The same for the alerts' expressions."""
    text = (DEPLOY / "prometheus" / "alerts.yml").read_text()
    asked = set(re.findall(r"\b((?:sogdia|process)_[a-z_]+)", text))
    assert asked <= served, asked - served
