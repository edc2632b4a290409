"""`sogdia up` as a shell sees it: what is printed where, codes, signals, and what is kept."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.shell import COMMAND, END_S_MAX, environment, run, up

from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.testing.node import DevelopmentNode


def test_the_ready_object_is_all_that_is_printed_as_data(tmp_path: Path) -> None:
    """One line on standard output, after the self-test was executed."""
    with up(tmp_path) as node:
        assert node.ready["chain_id"] == 1397704516
        assert node.ready["self_test_epoch"] == 1
        assert node.ready["data_dir"] == str(tmp_path / ".local/share/sogdia/development")
        assert [each["role"] for each in node.ready["accounts"]][3] == "officer"
        assert int(node.call("eth_blockNumber"), 16) == 1
        assert node.end() == 0
        assert node.process.stdout is not None
        assert node.process.stdout.read() == ""


def test_the_banner_goes_to_standard_error_and_ends_with_ready(tmp_path: Path) -> None:
    """For a person; without colour, since nobody watches a file."""
    with subprocess.Popen(
        [*COMMAND, "up", "--port", "0"],
        env=environment(tmp_path),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        lines = []
        while not (lines and lines[-1].startswith("ready in")):
            lines.append(process.stderr.readline())
            assert lines[-1], lines
        process.terminate()
        out, rest = process.communicate(timeout=END_S_MAX)
    text = "".join(lines)
    assert (out, rest) == ("", "")
    assert "keys are public, nothing has value" in lines[0]
    assert "officer     0x90F79bf6EB2c4f870365E785982E1f101E93b906" in text
    assert re.search(r"RPC http://127\.0\.0\.1:\d+ ", text)
    assert re.fullmatch(r"ready in \d+\.\d s · self-test executed at epoch 1 · .*\n", lines[-1])
    assert "\x1b" not in text


def test_the_ledger_is_kept_and_fresh_discards_it(tmp_path: Path) -> None:
    """A transfer is there after a restart, and gone after --fresh."""
    receiver = DEVELOPMENT_ACCOUNTS[1].shown
    with up(tmp_path) as node:
        sent = node.send(0)
        assert node.end() == 0
    with up(tmp_path) as node:
        assert node.call("eth_getTransactionReceipt", sent)["status"] == "0x1"
        assert node.call("eth_getBalance", receiver, "latest") == hex(10_001 * 10**18)
        assert node.ready["self_test_epoch"] > 1
        assert node.end() == 0
    with up(tmp_path, "--fresh", "--yes") as node:
        assert node.call("eth_getTransactionReceipt", sent) is None
        assert node.ready["self_test_epoch"] == 1


def test_a_waiting_transaction_survives_a_restart(tmp_path: Path) -> None:
    """Nonce 1 waits for nonce 0 in the pool, over the restart."""
    with up(tmp_path) as node:
        waiting = node.send(1)
        assert node.end() == 0
    with up(tmp_path) as node:
        assert node.call("txpool_status") == {"pending": "0x0", "queued": "0x1"}
        assert node.call("eth_getTransactionByHash", waiting)["blockNumber"] is None
        node.send(0)
        while node.call("eth_getTransactionReceipt", waiting) is None:
            pass


def test_a_block_time_mines_empty_blocks(tmp_path: Path) -> None:
    """Every S seconds, whether there is something to pack or not."""
    with up(tmp_path, "--block-time", "0.1") as node:
        first = int(node.call("eth_blockNumber"), 16)
        while int(node.call("eth_blockNumber"), 16) < first + 5:
            pass
        assert node.ready["mining"] == "interval"


def test_another_chain_id_is_another_ledger(tmp_path: Path) -> None:
    """The kept one is not touched."""
    with up(tmp_path) as node:
        node.end()
    refused = run(tmp_path, "up", "--port", "0", "--chain-id", "4242")
    assert refused.returncode == 4
    assert "chain id is 1397704516, and 4242 was asked for" in refused.stderr
    with up(tmp_path, "--chain-id", "4242", "--data-dir", "other") as node:
        assert int(node.call("eth_chainId"), 16) == 4242


def test_a_port_in_use_is_code_5_and_discards_nothing(tmp_path: Path) -> None:
    """Even with --fresh: the port is tried first."""
    with up(tmp_path) as node:
        sent = node.send(0)
        node.end()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        refused = run(tmp_path, "up", "--fresh", "--yes", "--port", port)
    assert refused.returncode == 5
    assert f"127.0.0.1:{port} is in use" in refused.stderr
    assert "--port" in refused.stderr
    with up(tmp_path) as node:
        assert node.call("eth_getTransactionReceipt", sent) is not None


def test_a_directory_in_use_is_code_5_and_names_the_process(tmp_path: Path) -> None:
    """Two nodes on one directory would destroy it."""
    with up(tmp_path) as node:
        refused = run(tmp_path, "up", "--port", "0")
        fresh = run(tmp_path, "up", "--port", "0", "--fresh", "--yes")
        assert f"in use by process {node.process.pid}" in refused.stderr
        assert (refused.returncode, fresh.returncode) == (5, 5)
        assert node.call("eth_chainId")


@pytest.mark.parametrize(
    ("words", "more", "says"),
    [
        (("--port", "70000"), {}, "rpc.port is 70000; want a whole number from 0 to 65535"),
        (("--block-time", "0"), {}, "mining.block_time_s is 0.0"),
        (("--host", "no.such.host.invalid"), {}, "rpc.host is 'no.such.host.invalid', a name that"),
        ((), {"SOGDIA_RPC_PROT": "1"}, "did you mean SOGDIA_RPC_PORT"),
        (("--wat",), {}, "No such option"),
    ],
)
def test_a_wrong_setting_is_code_2(
    tmp_path: Path, words: tuple[str, ...], more: dict[str, str], says: str
) -> None:
    """With what is wrong, and without a trace."""
    refused = run(tmp_path, "up", *words, **more)
    assert refused.returncode == 2
    assert says in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_misspelt_key_in_a_file_is_code_2(tmp_path: Path) -> None:
    """For both commands."""
    (tmp_path / "sogdia.toml").write_text("[rpc]\nprot = 1\n")
    for words in (("up",), ("node", "--config", "sogdia.toml")):
        refused = run(tmp_path, *words)
        assert refused.returncode == 2
        assert "did you mean rpc.port?" in refused.stderr


@pytest.fixture
def _terminal_counts() -> Iterator[None]:
    """Let what is started hear SIGHUP, although the tests themselves may run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("_terminal_counts")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_ends_with_0(tmp_path: Path, number: signal.Signals) -> None:
    """Cleanly: nothing on standard error that looks like trouble, and the lock is free."""
    with up(tmp_path) as node:
        node.send(0)
        assert node.end(number) == 0
    assert "Traceback" not in (tmp_path / "node.log").read_text()
    assert list((tmp_path / "run" / "sogdia").iterdir()) == []


@pytest.mark.usefixtures("_terminal_counts")
def test_a_closed_terminal_ends_the_node_cleanly(tmp_path: Path) -> None:
    """Nobody is left to write to, and a terminal says SIGHUP more than once: kernel and shell."""
    ours, theirs = pty.openpty()
    command = [*COMMAND, "up", "--port", "0", "-v", "--data-dir", "data"]
    with subprocess.Popen(
        ["setsid", "--ctty", "--wait", *command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(tmp_path),
        cwd=tmp_path,
    ) as shell:
        os.close(theirs)
        said = b""
        while b"ready in" not in said:
            said += os.read(ours, 1 << 16)
        os.close(ours)
        assert shell.wait(END_S_MAX) == 0
    assert list((tmp_path / "run" / "sogdia").iterdir()) == []


def test_under_nohup_a_closed_terminal_changes_nothing(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what nohup does; children inherit it
    try:
        with up(tmp_path) as node:
            node.process.send_signal(signal.SIGHUP)
            sent = node.send(0)
            assert node.call("eth_getTransactionByHash", sent) is not None
            assert node.process.poll() is None
    finally:
        signal.signal(signal.SIGHUP, before)


def test_fresh_asks_before_it_discards(tmp_path: Path) -> None:
    """Where nobody can answer it refuses; where nothing is kept there is nothing to ask."""
    with up(tmp_path, "--fresh") as node:
        sent = node.send(0)
        assert node.end() == 0
    refused = run(tmp_path, "up", "--port", "0", "--fresh")
    assert refused.returncode == 2
    assert "discards the ledger kept in" in refused.stderr
    assert "--yes" in refused.stderr
    with up(tmp_path) as node:
        assert node.call("eth_getTransactionReceipt", sent) is not None


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    """128 and the signal's number, whatever still runs; the next start needs no repair."""
    with up(tmp_path) as node:
        sent = node.send(0)
        node.process.send_signal(signal.SIGTERM)
        node.process.send_signal(signal.SIGTERM)
        # The first may have ended the node before the second came.
        assert node.process.wait(END_S_MAX) in (0, 128 + signal.SIGTERM)
    with up(tmp_path) as node:
        assert node.call("eth_getTransactionByHash", sent) is not None


def test_status_finds_the_running_node(tmp_path: Path) -> None:
    """By the file that the node leaves in the runtime directory."""
    with up(tmp_path) as node:
        (row,) = json.loads(run(tmp_path, "status", "--json").stdout)
        assert row["rpc"] == node.ready["rpc"]
        assert (row["epoch"], row["waiting"]) == (1, 0)
        assert row["process"] == node.process.pid
        node.process.kill()
        node.process.wait()
        assert run(tmp_path, "status").returncode == 3


def test_a_node_of_several_miners_works_and_defers(tmp_path: Path) -> None:
    """`sogdia node` on the local network: real work, the state five epochs behind the tip."""
    (tmp_path / "node.toml").write_text(
        "[node]\nnetwork = 'local'\n[rpc]\nport = 0\n[log]\nformat = 'json'\n"
        "[mining]\nmode = 'work'\nauthor = '0x00000000000000000000000000000000000000aa'\n"
    )
    with subprocess.Popen(
        [*COMMAND, "node", "--config", "node.toml"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        events = (json.loads(line) for line in process.stderr)
        ready = next(event for event in events if event["event"] == "ready")
        node = DevelopmentNode(ready["rpc"])
        try:
            while int(node.call("eth_blockNumber"), 16) < 1:
                time.sleep(0.1)
            process.terminate()
            assert process.wait(END_S_MAX) == 0
        finally:
            node.close()
            process.kill()


def test_a_port_for_peers_in_use_names_its_setting(tmp_path: Path) -> None:
    """Not the one of JSON-RPC, which is free."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        (tmp_path / "node.toml").write_text(
            "[node]\nnetwork = 'local'\n[rpc]\nport = 0\n"
            f"[network]\nenabled = true\nport = {port}\n"
        )
        refused = run(tmp_path, "node", "--config", "node.toml")
    assert refused.returncode == 5, refused.stderr
    assert f"127.0.0.1:{port} is in use" in refused.stderr
    assert "network.port" in refused.stderr
    assert "rpc.port" not in refused.stderr


def test_the_faucet_knows_the_roles(tmp_path: Path) -> None:
    """The banner shows them; a word that is neither is refused before anybody is asked."""
    with up(tmp_path) as node:
        sent = run(tmp_path, "faucet", "officer", "--units", "7")
        receipt = node.call("eth_getTransactionReceipt", sent.stdout.strip())
        assert receipt["to"] == DEVELOPMENT_ACCOUNTS[3].shown.lower(), sent.stderr
    refused = run(tmp_path, "faucet", "oficer")
    assert (refused.returncode, "no role: deployer" in refused.stderr) == (2, True)
