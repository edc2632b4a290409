"""The office that every test of the desk works in."""

import pytest
from sqlalchemy import Engine
from tests.unit.compliance.cases.office import Office


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)
