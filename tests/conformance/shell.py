"""The `sogdia` command as a shell runs it, and `sogdia up` while it runs."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sogdia.ledger.node.self_test import sign_transfer
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS

COMMAND = [str(Path(sys.executable).with_name("sogdia"))]
END_S_MAX = 300  # a loaded machine; what is promised is measured by benchmarks


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment whose folders are all below `folder`, without settings of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SOGDIA_")}
    return kept | {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder / "run")} | more


def run(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself."""
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=END_S_MAX,
        check=False,
    )


class Up:
    """A running `sogdia up --json`."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process = process
        self._log = log
        assert process.stdout is not None
        line = process.stdout.readline()
        self.ready: dict[str, Any] = json.loads(line) if line else {}

    def call(self, method: str, *params: Any) -> Any:
        """Return the result of a call."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        request = urllib.request.Request(
            self.ready["rpc"], body.encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=END_S_MAX) as answer:
            return json.load(answer)["result"]

    def send(self, nonce: int) -> str:
        """Send a transfer of the first account; return its hash."""
        sender, receiver = DEVELOPMENT_ACCOUNTS[:2]
        raw = sign_transfer(
            sender,
            receiver.address,
            10**18,
            nonce=nonce,
            gas_price=10**11,
            chain_id=self.ready["chain_id"],
        )
        transaction: str = self.call("eth_sendRawTransaction", f"0x{raw.hex()}")
        return transaction

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal; return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(END_S_MAX)

    def said_at_its_end(self) -> tuple[int, str]:
        """Wait until the node stops by itself; return its exit code and its log."""
        code = self.process.wait(END_S_MAX)
        return code, self._log.read_text()


@contextmanager
def up(folder: Path, *words: str, **more: str) -> Iterator[Up]:
    """Run `sogdia up` on a free port until the block ends; its log goes to `folder`/node.log."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "node.log"
    with (
        path.open("w") as log,
        subprocess.Popen(
            [*COMMAND, "up", "--port", "0", "--json", *words],
            cwd=folder,
            env=environment(folder, **more),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            yield Up(process, path)
        finally:
            process.kill()
