"""The tables of the case log, and the triggers that keep them append-only.

The triggers stop programs and careless people. Somebody with the database's own powers can drop
them; the chain of digests, compared with a checkpoint kept elsewhere, shows it.
"""

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from sogdia.compliance.cases.events import GENESIS
from sogdia.compliance.database import create_tables, writing

METADATA = sa.MetaData()

EVENTS = sa.Table(
    "case_events",
    METADATA,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("case_id", sa.String(36), nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.String(100), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("erases", sa.BigInteger, nullable=True),
    sa.Column("body_digest", sa.String(64), nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("previous_in_case", sa.String(64), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.UniqueConstraint("case_id", "sequence"),
)
BODIES = sa.Table(
    "case_bodies",
    METADATA,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("salt", sa.String(64), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
FILES = sa.Table(
    "case_files",
    METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
# One row: who holds it writes next, so that positions have no gaps.
HEAD = sa.Table(
    "case_head",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)
# Which case an alert went to, and which open case a subject has: found without reading the log.
ALERTS = sa.Table(
    "case_alerts",
    METADATA,
    sa.Column("fingerprint", sa.String(64), primary_key=True),
    sa.Column("case_id", sa.String(36), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False, index=True),
)

_REFUSAL = "the history of cases is append-only"
_ERASED = "SELECT 1 FROM case_events WHERE kind = 'erasure' AND erases = OLD.position"

_SQLITE_TRIGGERS = tuple(
    f"CREATE TRIGGER IF NOT EXISTS {table}_keeps_{verb} BEFORE {verb} ON {table} "
    f"{condition} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    for table, verb, condition in (
        ("case_events", "UPDATE", ""),
        ("case_events", "DELETE", ""),
        ("case_bodies", "UPDATE", ""),
        ("case_bodies", "DELETE", f"WHEN NOT EXISTS ({_ERASED})"),
        ("case_files", "UPDATE", ""),
    )
)
_POSTGRES_FUNCTIONS = (
    "CREATE OR REPLACE FUNCTION case_history_refuses() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
    "CREATE OR REPLACE FUNCTION case_body_refuses() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN IF EXISTS ({_ERASED}) THEN RETURN OLD; END IF; "
    f"RAISE EXCEPTION '{_REFUSAL}'; END $$",
)
_POSTGRES_TRIGGERS = tuple(
    f"CREATE OR REPLACE TRIGGER {table}_keeps_{verb.lower()} BEFORE {verb} ON {table} "
    f"FOR EACH {unit} EXECUTE FUNCTION {function}()"
    for table, verb, unit, function in (
        ("case_events", "UPDATE", "ROW", "case_history_refuses"),
        ("case_events", "DELETE", "ROW", "case_history_refuses"),
        ("case_events", "TRUNCATE", "STATEMENT", "case_history_refuses"),
        ("case_bodies", "UPDATE", "ROW", "case_history_refuses"),
        ("case_bodies", "DELETE", "ROW", "case_body_refuses"),
        ("case_bodies", "TRUNCATE", "STATEMENT", "case_history_refuses"),
        ("case_files", "UPDATE", "ROW", "case_history_refuses"),
    )
)


def create_schema(engine: Engine) -> None:
    """Create what is missing; safe to run again, and by several processes at once."""
    with writing(engine) as connection:
        create_tables(connection, METADATA)
        _create_triggers(connection)
        if connection.execute(sa.select(HEAD.c.id)).one_or_none() is None:
            connection.execute(HEAD.insert().values(id=1, position=0, digest=GENESIS))


def _create_triggers(connection: Connection) -> None:
    statements = _SQLITE_TRIGGERS
    if connection.dialect.name == "postgresql":
        statements = (*_POSTGRES_FUNCTIONS, *_POSTGRES_TRIGGERS)
    for statement in statements:
        connection.exec_driver_sql(statement)
