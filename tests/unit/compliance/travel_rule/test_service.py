"""Two institutions as two processes over real TLS on loopback, driven by the command line."""

import json
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.unit.compliance.travel_rule.houses import ALMATY, HONG_KONG
from tests.unit.compliance.travel_rule.ivms101.payloads import plain_2023
from tests.unit.compliance.travel_rule.tls import Issued, make_leaf, make_root

from sogdia.cli.main import main
from sogdia.compliance.travel_rule.institutions.travel_address import encode_travel_address

SOGDIA = str(Path(sys.executable).with_name("sogdia"))
PATIENCE_S = 30  # a loaded machine starts Python slowly


def command(*arguments: str, fails: int = 0) -> str:
    """Run `sogdia travel-rule` in this process; `fails` is the exit code that is wanted."""
    done = CliRunner().invoke(main, ["travel-rule", *arguments])
    assert done.exit_code == fails, f"{arguments}: {done.exit_code}\n{done.output}"
    return done.stdout


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Institution:
    """One institution in a folder of its own, and its process."""

    folder: Path
    id: str
    state: str
    port: int
    process: "subprocess.Popen[str] | None" = None

    @property
    def config(self) -> str:
        return str(self.folder / "travel-rule.toml")

    @property
    def origin(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def run(self, *arguments: str, fails: int = 0) -> Any:
        """Run a desk command and return its JSON lines."""
        lines = command(*arguments, "--config", self.config, fails=fails).splitlines()
        return [json.loads(line) for line in lines]

    def start(self) -> None:
        """Start the server and wait until it is ready."""
        self.process = subprocess.Popen(
            [
                SOGDIA,
                "travel-rule",
                "serve",
                "--json",
                "--config",
                self.config,
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the server ended with {self.process.wait(PATIENCE_S)}"
        ready = json.loads(line)
        assert ready["origin"] == self.origin

    def kill(self, number: int = signal.SIGKILL) -> int:
        """Send the server a signal and return its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None
        return code

    def wait_for(self, transfer: str, state: str) -> dict[str, Any]:
        """Return the transfer once it is in `state`."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            found = [t for t in self.run("list") if t["id"] == transfer]
            if found and found[0]["state"] == state:
                return dict(found[0])
            time.sleep(0.2)
        raise AssertionError(f"{transfer} never became {state}: {self.run('list')}")


def make_institution(
    folder: Path, root: Issued, identity: tuple[str, str], authorities: list[dict[str, Any]]
) -> Institution:
    """Lay out an institution: keys, TLS, settings; the licence comes later."""
    folder.mkdir()
    found = Institution(folder, *identity, free_port())
    (folder / "public.json").write_text(command("keys", str(folder / "keys.json")))
    make_leaf(root).write(folder / "tls.pem", folder / "tls.key")
    (folder / "ca.pem").write_bytes(root.pem())
    (folder / "authorities.json").write_text(json.dumps(authorities))
    (folder / "payload.json").write_text(json.dumps(plain_2023()))
    (folder / "travel-rule.toml").write_text(
        f"""
        [institution]
        id = "{found.id}"
        name = "Venue in {found.state}"
        state = "{found.state}"
        keys = "keys.json"
        credential = "licence.jws"
        database = "travel.db"
        [listen]
        host = "127.0.0.1"
        port = {found.port}
        certificate = "tls.pem"
        key = "tls.key"
        client_ca = "ca.pem"
        [trust]
        authorities = "authorities.json"
        tls_ca = "ca.pem"
        address_book = "book.json"
        """
    )
    return found


def license_institution(found: Institution, key: Path, serial: int = 1) -> None:
    """Have the authority sign the institution's entry."""
    token = command(
        "license", "--authority-key", str(key), "--public", str(found.folder / "public.json"),
        "--institution", found.id, "--name", "Venue", "--state", found.state,
        "--licence", "7", "--origin", found.origin, "--serial", str(serial),
    )  # fmt: skip
    (found.folder / "licence.jws").write_text(token)


@pytest.fixture(scope="module")
def institutions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Institution]]:
    """Almaty, Hong Kong and a fake, all under one TLS root; the first two licensed."""
    folder = tmp_path_factory.mktemp("corridor")
    root, authorities = make_root(), []
    for name, state in (("AFSA", "KZ"), ("SFC", "HK")):
        public = json.loads(command("authority-key", str(folder / f"{state}.key")))
        authorities.append({"id": name, "state": state, "keys": [public]})
    command("authority-key", str(folder / "own.key"))
    made = [
        make_institution(folder / "almaty", root, (ALMATY, "KZ"), authorities),
        make_institution(folder / "hongkong", root, (HONG_KONG, "HK"), authorities),
        make_institution(folder / "fake", root, ("00000000000000000000", "HK"), authorities),
    ]
    book = [
        {"institution": i.id, "travel_address": encode_travel_address(f"{i.origin}/transfers")}
        for i in made
    ]
    try:
        for found, key in zip(made, ("KZ.key", "HK.key", "own.key"), strict=True):
            license_institution(found, folder / key)
            (found.folder / "book.json").write_text(json.dumps(book))
            found.start()
        yield made
    finally:
        for found in made:
            if found.process is not None:
                found.kill()


def inquire(sender: Institution, recipient: str, fails: int = 0) -> str:
    """Send an inquiry and return the transfer's id."""
    lines = sender.run(
        "inquire", "--to", recipient, "--asset", "4H95J0R2X", "--amount", "0.5",
        "--value", "USD=3000000", "--payload", str(sender.folder / "payload.json"),
        "--by", "trader", fails=fails,
    )  # fmt: skip
    return lines[0]["id"] if lines else ""


def test_a_transfer_travels_between_two_processes(institutions: list[Institution]) -> None:
    """Inquiry, acceptance and confirmation over mutual TLS; both commitments agree."""
    almaty, hong_kong, _ = institutions
    identifier = inquire(almaty, HONG_KONG)
    hong_kong.wait_for(identifier, "received")
    hong_kong.run("accept", identifier, "--address", "bc1q", "--by", "officer")
    accepted = almaty.wait_for(identifier, "accepted")
    almaty.run("confirm", identifier, "--transaction", "0xabc", "--by", "trader")
    confirmed = hong_kong.wait_for(identifier, "confirmed")
    assert accepted["payment_address"] == "bc1q"
    assert accepted["commitment"] == confirmed["commitment"]
    shown = json.loads(command("show", identifier, "--config", hong_kong.config))
    assert shown["ivms101"]["originator"]["originatorPerson"][0]["naturalPerson"]["name"]


def test_kill_9_loses_nothing_that_was_ordered(institutions: list[Institution]) -> None:
    """Orders while one end is dead, and a kill right after an order, are delivered afterwards."""
    almaty, hong_kong, _ = institutions
    identifier = inquire(almaty, HONG_KONG)
    hong_kong.wait_for(identifier, "received")
    hong_kong.kill()
    hong_kong.run("accept", identifier, "--address", "bc1q", "--by", "officer")
    almaty.kill()
    hong_kong.start()
    almaty.start()
    almaty.wait_for(identifier, "accepted")


def test_a_fake_institution_is_sent_nothing(institutions: list[Institution]) -> None:
    """It has a good TLS certificate and signs its own licence: not authenticated, recorded."""
    almaty, _, fake = institutions
    before = len(almaty.run("list"))
    inquire(almaty, fake.id, fails=4)
    assert len(almaty.run("list")) == before
    assert almaty.run("incidents")[-1]["reason"] == "untrusted-authority"
    assert fake.run("list") == []
    inquire(almaty, "NOBODY", fails=4)
    assert almaty.run("incidents")[-1]["reason"] == "unknown"


def test_a_fake_institution_is_not_believed(institutions: list[Institution]) -> None:
    """Its own inquiry is refused with a word, recorded, and cancelled at its end."""
    almaty, _, fake = institutions
    identifier = inquire(fake, ALMATY)
    fake.wait_for(identifier, "cancelled")
    assert almaty.run("incidents")[-1]["reason"] == "untrusted-authority"


def test_a_suspended_licence_stops_the_exchange(institutions: list[Institution]) -> None:
    """The authority's register says so; a line that nobody vouches for is refused by itself."""
    almaty, hong_kong, fake = institutions
    keys = hong_kong.folder.parent
    suspended = hong_kong.folder / "suspended.jws"
    command_line = ["license", "--public", str(hong_kong.folder / "public.json")]
    command_line += ["--institution", hong_kong.id, "--name", "Venue", "--state", "HK"]
    command_line += ["--licence", "7", "--origin", hong_kong.origin]
    status = ["--authority-key", str(keys / "HK.key"), "--serial", "2", "--status", "suspended"]
    lines = [command(*command_line, *status), (fake.folder / "licence.jws").read_text()]
    suspended.write_text("".join(lines))
    counts = almaty.run("register", str(suspended), fails=4)
    assert counts == [{"licensed": 0, "not-licensed": 1, "refused": 1}]
    inquire(almaty, HONG_KONG, fails=4)
    renewed = ["--authority-key", str(keys / "HK.key"), "--serial", "3"]
    (hong_kong.folder / "licence.jws").write_text(command(*command_line, *renewed))
    assert hong_kong.kill(signal.SIGTERM) == 0
    hong_kong.start()
    hong_kong.wait_for(inquire(almaty, HONG_KONG), "received")


def test_data_is_kept_until_the_other_end_can_receive(institutions: list[Institution]) -> None:
    """The sunrise from the command line: kept, refused while unproved, then sent."""
    almaty, hong_kong, _ = institutions
    given = ["--asset", "4H95J0R2X", "--amount", "0.5", "--by", "trader"]
    given += ["--payload", str(almaty.folder / "payload.json")]
    almaty.run("keep", "--to", "X", "--reach", "stranger-wallet", *given)
    kept = almaty.run("keep", "--to", HONG_KONG, "--to-state", "HK", *given)[0]
    assert kept["state"] == "kept"
    almaty.run("send-kept", kept["id"], "--by", "trader")
    hong_kong.wait_for(kept["id"], "received")
    hong_kong.run(
        "keep", "--to", ALMATY, "--to-state", "KZ", *given, fails=4
    )  # Hong Kong's own law wants the exchange first


def test_a_caller_without_a_certificate_is_not_even_heard(
    institutions: list[Institution],
) -> None:
    """Mutual TLS: the handshake fails."""
    almaty = institutions[0]
    context = ssl.create_default_context(cafile=str(almaty.folder / "ca.pem"))
    with pytest.raises(OSError, match=r"(?i)certificate|reset|closed|eof"):
        urllib.request.urlopen(f"{almaty.origin}/version", context=context, timeout=60).read()


def test_public_paths_and_bad_bodies(institutions: list[Institution]) -> None:
    """What the server says to strangers with a certificate."""
    almaty = institutions[0]
    context = ssl.create_default_context(cafile=str(almaty.folder / "ca.pem"))
    context.load_cert_chain(almaty.folder / "tls.pem", almaty.folder / "tls.key")

    def ask(path: str, body: bytes | None = None) -> tuple[int, Any]:
        request = urllib.request.Request(f"{almaty.origin}{path}", data=body)
        try:
            with urllib.request.urlopen(request, context=context, timeout=120) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                text = error.read()
            return error.code, json.loads(text) if text.startswith(b"{") else None

    assert ask("/version")[1] == {"version": "3.2.1", "vendor": "Sogdia"}
    assert ask("/extensions")[1]["required"] == ["sealed-envelope"]
    assert ask("/identity")[1]["lei"] == ALMATY
    assert ask("/uptime")[1]["uptime"] >= 0
    assert ask("/transfers?t=i", b"{") == (400, {"error": "malformed"})
    assert ask("/transfers?t=i", b'{"envelope": "x"}') == (400, {"error": "malformed"})
    assert ask("/transfers?t=i", b"x" * 200_000)[0] == 413


def test_a_taken_port_ends_with_five(institutions: list[Institution]) -> None:
    """Exit code 5: port or data locked."""
    almaty = institutions[0]
    command("serve", "--config", almaty.config, fails=5)


def test_the_first_signal_stops_cleanly(institutions: list[Institution]) -> None:
    """Exit code 0 after SIGTERM; the database file is nobody else's."""
    almaty = institutions[0]
    assert almaty.kill(signal.SIGTERM) == 0
    assert (almaty.folder / "travel.db").stat().st_mode & 0o077 == 0
    assert (almaty.folder / "keys.json").stat().st_mode & 0o077 == 0
    almaty.start()
