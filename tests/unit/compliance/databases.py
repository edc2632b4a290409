"""The databases that the stores are tested on: SQLite, and a real PostgreSQL server of our own.

The server is started as an unprivileged user on a free port in a temporary folder. When PostgreSQL
is not installed the tests fail, with what to do: a skipped half would look like a passed one.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pg8000.native

START_PATIENCE_S = 60  # a loaded machine initialises a cluster slowly


class MissingPostgres(Exception):
    """PostgreSQL's server programs are not installed."""


def find_server_programs() -> Path:
    """Return the folder of `initdb` and `postgres`; the newest version that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    raise MissingPostgres(
        "PostgreSQL is not installed: run scripts/install-system-packages (Debian: postgresql)"
    )


def unprivileged() -> list[str]:
    """Return what must precede a command so that it does not run as root: the server refuses."""
    if os.geteuid() != 0:
        return []
    name = "postgres" if _exists("postgres") else "nobody"
    return ["setpriv", f"--reuid={name}", f"--regid={pwd.getpwnam(name).pw_gid}", "--clear-groups"]


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a server and give its SQLAlchemy URL without a database name."""
    programs, prefix = find_server_programs(), unprivileged()
    with tempfile.TemporaryDirectory(prefix="sogdia-postgres-") as name:
        folder = Path(name)
        data = folder / "data"
        data.mkdir()
        if prefix:
            user = pwd.getpwnam(prefix[1].removeprefix("--reuid="))
            for path in (folder, data):
                os.chown(path, user.pw_uid, user.pw_gid)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        subprocess.run(
            [*prefix, programs / "initdb", "-D", data, "-U", "sogdia", "--auth=trust",
             "--encoding=UTF8", "--no-locale", "--no-sync"],
            check=True, capture_output=True, cwd=folder,
        )  # fmt: skip
        server = subprocess.Popen(
            [*prefix, programs / "postgres", "-D", data, "-p", str(port), "-k", folder,
             "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=folder,
        )  # fmt: skip
        try:
            _wait(server, port)
            yield f"postgresql+pg8000://sogdia@127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nobody needs this cluster again
            server.communicate(timeout=START_PATIENCE_S)


def _wait(server: "subprocess.Popen[str]", port: int) -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended: {server.stderr and server.stderr.read()}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
            continue
        if _answers(port):
            return
    raise RuntimeError("PostgreSQL did not start in time")


def _answers(port: int) -> bool:
    try:
        _connect(port).close()
    except (pg8000.native.DatabaseError, pg8000.native.InterfaceError):
        time.sleep(0.1)
        return False
    return True


def _connect(port: int) -> pg8000.native.Connection:
    return pg8000.native.Connection("sogdia", host="127.0.0.1", port=port, database="postgres")


def empty_database(server: str) -> str:
    """Empty the server's one database and return its URL: far quicker than creating another."""
    port = int(server.rsplit(":", 1)[1])
    connection = _connect(port)
    connection.run("DROP SCHEMA public CASCADE")
    connection.run("CREATE SCHEMA public")
    connection.close()
    return f"{server}/postgres"
