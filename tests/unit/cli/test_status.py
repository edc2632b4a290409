"""`sogdia status` where not every node that was here is still well."""

import json
import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from sogdia.cli import main
from sogdia.ledger.node.endpoint import Endpoint, publish, running
from sogdia.testing.in_process import run_in_process


def status(folder: Path, *words: str) -> Result:
    """Run `sogdia status` for the nodes whose runtime directory is `folder`."""
    return CliRunner().invoke(main, ["status", *words], env={"XDG_RUNTIME_DIR": str(folder)})


def endpoint(process: int) -> Endpoint:
    """Return a node of `process` at a port where nobody answers."""
    rpc, where = "http://127.0.0.1:1", "/somewhere"
    return Endpoint(process=process, rpc=rpc, network="local", chain_id=1, data_dir=where)


def test_a_node_that_does_not_answer_hides_no_other(tmp_path: Path) -> None:
    with run_in_process(tmp_path) as node:
        (well,) = json.loads(status(tmp_path, "--json").stdout)
        publish(tmp_path / "sogdia", endpoint(os.getppid()))
        said = status(tmp_path)
        objects = status(tmp_path, "--json")
    assert said.exit_code == objects.exit_code == 3
    assert node.url in said.stdout
    assert "no node answers at http://127.0.0.1:1" in said.stderr
    rows = json.loads(objects.stdout)
    assert well in rows
    (silent,) = (row for row in rows if row != well)
    assert silent["process"] == os.getppid()
    assert "no node answers" in silent["problem"]


def test_a_process_that_ended_and_was_not_reaped_is_no_node(tmp_path: Path) -> None:
    """As in a container whose first process reaps nobody."""
    with subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.DEVNULL) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        path = publish(tmp_path, endpoint(child.pid))
        assert running(tmp_path) == []
        assert not path.exists()
