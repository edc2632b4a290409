"""One way to open the database of a service: SQLite by default, PostgreSQL at scale.

SQLite runs in WAL mode with full synchronisation, so that a commit that returned survives a power
cut, and starts every writing transaction as a writer, so that two writers queue instead of failing
half-way.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

SCHEMA_LOCK = 7_364_001  # any number; the same in every process that creates our tables
BUSY_TIMEOUT_MS = 10_000  # a writer waits this long for another: 1,000 of our commits


class InvalidDatabase(Exception):
    """The database cannot be used; the message says why and what to give."""


def open_database(url: str) -> Engine:
    """Return an engine for `url`: `sqlite:///path`, `postgresql+pg8000://…`, or a plain path.

    A new SQLite file is created with mode 0600: what is kept there is personal.

    Raises:
        InvalidDatabase: neither kind, or its driver is not installed.
    """
    if "://" not in url:
        url = f"sqlite:///{url}"
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise InvalidDatabase(f"{parsed.get_backend_name()!r} is neither sqlite nor postgresql")
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).touch(mode=0o600, exist_ok=True)
        engine = create_engine(parsed)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise InvalidDatabase(f"{url.split('@')[-1]!r} cannot be opened: {error}") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one committed state and takes no writer's place."""
    with engine.connect().execution_options(sogdia_reads=True) as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection whose changes are committed together, or not at all on an exception."""
    with engine.begin() as connection:
        yield connection


def create_tables(connection: Connection, metadata: MetaData) -> None:
    """Create what is missing of `metadata`; safe for several processes at once."""
    if connection.dialect.name == "postgresql":
        # CREATE IF NOT EXISTS is not safe against itself in PostgreSQL: one at a time.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SCHEMA_LOCK})
    metadata.create_all(connection)


def _prepare_sqlite(connection: Any, _: Any) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # the driver's own BEGIN would come too late for writers
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("sogdia_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
