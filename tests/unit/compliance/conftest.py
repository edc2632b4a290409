"""Stores are tested on SQLite and on PostgreSQL: a test that takes `engine` runs on both."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from tests.unit.compliance.databases import empty_database, postgres_server

from sogdia.compliance.database import open_database


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        opened = open_database(str(tmp_path / "cases.db"))
    else:
        server = request.getfixturevalue("postgres")
        opened = open_database(empty_database(server))
    yield opened
    opened.dispose()
