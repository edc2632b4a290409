"""What a start imports: a second from the shell to the first answer is a promise.

Each of these is imported when it is first used. A node that is asked nothing never needs them.
"""

import json
import subprocess
import sys
from pathlib import Path

# Seconds to import in all, or none of a development ledger's business.
NOT_AT_START = (
    "aiohttp",
    "cryptography",
    "ctypes",
    "eth_account",
    "numpy",
    "prometheus_client",
    "pydantic",
    "rich",
    "sogdia.compliance",
    "sogdia.conflux",
    "sogdia.ledger.network.session",
    "sogdia.ledger.network.tls",
    "sogdia.ledger.node.network_task",
    "sogdia.ledger.rpc.websocket",
    "sogdia.local_network",
    "sogdia.simulation",
    "structlog",
    "tomllib",
    "uvicorn",
    "zstandard",
)
# There are 470; each takes a millisecond or so.
MODULES_MAX = 500

# Says what is imported at the moment when the node is ready, and ends it.
STARTED = """
import json, os, signal, sys
from sogdia.cli import up
up._print_json = lambda ready: (
    print(json.dumps(sorted(sys.modules)), flush=True), os.kill(os.getpid(), signal.SIGTERM))
from sogdia.cli import main
main(["up", "--port", "0", "--json", "--data-dir", sys.argv[1]])
"""


def test_a_start_imports_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "PATH": ""}
    command = [sys.executable, "-c", STARTED, str(tmp_path / "data")]
    ended = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    imported = json.loads(ended.stdout)
    assert "sogdia.ledger.rpc.eth.blocks" in imported
    heavy = [
        name
        for name in imported
        if any(name == each or name.startswith(each + ".") for each in NOT_AT_START)
    ]
    assert heavy == []
    assert len(imported) <= MODULES_MAX
