"""A node as a process of its own, on a core of its own, with its processor time and memory."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NODE_CORE = 1
CLIENT_CORE = 0
START_S_MAX = 60.0


@dataclass(frozen=True, slots=True)
class NodeProcess:
    """A running node and where it answers."""

    process: int
    url: str

    def call(self, method: str, *params: Any) -> Any:
        """Return the result of one JSON-RPC call."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        request = urllib.request.Request(
            self.url, json.dumps(body).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            found = json.load(answer)
        assert "result" in found, found
        return found["result"]

    def cpu_seconds(self) -> float:
        """Return the processor time that it has used."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self) -> float:
        """Return the memory that it holds, MiB."""
        pages = int(Path(f"/proc/{self.process}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextlib.contextmanager
def running(
    command: list[str], url: str, *, core: int | None = NODE_CORE, **settings: str
) -> Iterator[NodeProcess]:
    """Start a node and end it; `settings` are variables of its environment."""
    pin = [] if core is None else ["taskset", "-c", str(core)]
    process = subprocess.Popen(
        [*pin, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | settings,
    )
    node = NodeProcess(process.pid, url)
    try:
        _await_answer(node, process)
        yield node
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def sogdia_command(data: Path, port: int) -> list[str]:
    """Return the command that starts our node on `data`."""
    command = [sys.executable, "-m", "sogdia", "up", "--quiet"]
    return [*command, "--data-dir", str(data), "--port", str(port)]


def _await_answer(node: NodeProcess, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_S_MAX
    while True:
        try:
            node.call("eth_chainId")
            return
        except OSError:
            assert process.poll() is None, f"the node ended with {process.returncode}"
            assert time.monotonic() < end, f"no answer within {START_S_MAX} s"
            time.sleep(0.01)
