"""What one institution keeps of its exchanges, in one database.

Transfers, the ids of messages acted on, the outbox, the credentials of counterparties, and every
refusal. A change of a transfer, the id of the message that caused it and the message it causes are
one transaction: after a crash either all of them happened or none.
"""

import datetime
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from sogdia.compliance.database import create_tables, reading, writing
from sogdia.compliance.travel_rule.institutions.directory import Credential
from sogdia.compliance.travel_rule.ivms101.reading import Document, read_document
from sogdia.compliance.travel_rule.ivms101.v2023 import IdentityPayload
from sogdia.compliance.travel_rule.ivms101.writing import write_document
from sogdia.compliance.travel_rule.transfers import State, Transfer

METADATA = sa.MetaData()

TRANSFERS = sa.Table(
    "travel_transfers",
    METADATA,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("counterparty", sa.String(100), nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("respond_by_us", sa.BigInteger, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
)
SEEN = sa.Table(
    "travel_seen",
    METADATA,
    sa.Column("sender", sa.String(100), primary_key=True),
    sa.Column("message", sa.String(36), primary_key=True),
    sa.Column("expires_at_us", sa.BigInteger, nullable=False),
)
CREDENTIALS = sa.Table(
    "travel_credentials",
    METADATA,
    sa.Column("institution", sa.String(100), primary_key=True),
    sa.Column("state", sa.String(2), nullable=False),
    sa.Column("serial", sa.BigInteger, nullable=False),
    sa.Column("token", sa.Text, nullable=False),
)
OUTBOX = sa.Table(
    "travel_outbox",
    METADATA,
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("message", sa.String(36), nullable=False, unique=True),
    sa.Column("recipient", sa.String(100), nullable=False),
    sa.Column("transfer", sa.String(36), nullable=False),
    sa.Column("envelope", sa.Text, nullable=False),
)
INCIDENTS = sa.Table(
    "travel_incidents",
    METADATA,
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("claimed", sa.String(100), nullable=False),
    sa.Column("detail", sa.String(500), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)
EVENTS = sa.Table(
    "travel_events",
    METADATA,
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("transfer", sa.String(36), nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("actor", sa.String(100), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Incident:
    """A refusal: when, why, who it claimed to be, and the SHA-256 of what was presented."""

    at: datetime.datetime
    reason: str
    claimed: str
    detail: str
    digest: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A sealed message that waits to be delivered; `recipient` is an institution."""

    message: str
    recipient: str
    transfer: str
    envelope: str


@dataclass(frozen=True, slots=True)
class Change:
    """One step of a transfer, with the message that caused it and the one it causes.

    `cause` is (sender, message id, until when it must be remembered).
    """

    transfer: Transfer
    at: datetime.datetime
    actor: str
    cause: tuple[str, str, datetime.datetime] | None = None
    effect: Outgoing | None = None
    is_new: bool = False


class AlreadySeen(Exception):
    """The message that should cause a change caused one before."""


class StaleTransfer(Exception):
    """Somebody else moved the transfer since it was read; read it again and decide again."""


class Journal:
    """The institution's record; safe to use from several threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with writing(engine) as connection:
            create_tables(connection, METADATA)

    def find_transfer(self, transfer: str) -> Transfer | None:
        """Return the transfer with this id, or `None`."""
        with reading(self._engine) as connection:
            row = connection.execute(
                sa.select(TRANSFERS.c.content).where(TRANSFERS.c.id == transfer)
            ).one_or_none()
        return None if row is None else decode_transfer(row.content)

    def transfers(self, *states: State) -> list[Transfer]:
        """Return the transfers in `states`, or all of them, by deadline."""
        query = sa.select(TRANSFERS.c.content).order_by(TRANSFERS.c.respond_by_us, TRANSFERS.c.id)
        if states:
            query = query.where(TRANSFERS.c.state.in_(states))
        with reading(self._engine) as connection:
            return [decode_transfer(row.content) for row in connection.execute(query)]

    def commit_change(self, change: Change, before: Transfer | None = None) -> None:
        """Write `change` whole; `before` is the transfer as it was read.

        Raises:
            AlreadySeen: the causing message was acted on before.
            StaleTransfer: the transfer is no longer `before`, or exists although it should be new.
        """
        with writing(self._engine) as connection:
            if change.cause is not None:
                self._remember(connection, *change.cause)
            self._store(connection, change, before)
            if change.effect is not None:
                self._enqueue(connection, change.effect)
            connection.execute(
                EVENTS.insert().values(
                    at_us=_micros(change.at),
                    transfer=change.transfer.id,
                    state=change.transfer.state,
                    actor=change.actor[:100],
                )
            )

    def is_seen(self, sender: str, message: str) -> bool:
        """Return whether the message of `sender` was acted on."""
        query = sa.select(SEEN.c.message).where(SEEN.c.sender == sender, SEEN.c.message == message)
        with reading(self._engine) as connection:
            return connection.execute(query).one_or_none() is not None

    def forget_expired(self, now: datetime.datetime) -> int:
        """Drop the ids of messages that are refused by their age anyway; return how many."""
        with writing(self._engine) as connection:
            found = connection.execute(SEEN.delete().where(SEEN.c.expires_at_us < _micros(now)))
            return found.rowcount

    def record_credential(self, credential: Credential) -> Credential:
        """Keep a verified credential when it succeeds the one we have; return the one kept.

        It succeeds when it is of the same state and its serial is higher, or all is the same.
        """
        try:
            with writing(self._engine) as connection:
                return self._succeed(connection, credential)
        except IntegrityError:  # another process kept the institution's first one meanwhile
            with writing(self._engine) as connection:
                return self._succeed(connection, credential)

    def _succeed(self, connection: Connection, credential: Credential) -> Credential:
        mine = CREDENTIALS.c.institution == credential.institution
        row = connection.execute(sa.select(CREDENTIALS).where(mine).with_for_update()).one_or_none()
        if row is None:
            connection.execute(CREDENTIALS.insert().values(**asdict(credential)))
            return credential
        kept = Credential(row.institution, row.state, row.serial, row.token)
        if credential.state != kept.state or credential.serial <= kept.serial:
            return kept
        connection.execute(CREDENTIALS.update().where(mine).values(**asdict(credential)))
        return credential

    def find_credential(self, institution: str) -> str | None:
        """Return the newest credential seen of `institution`, or `None`."""
        query = sa.select(CREDENTIALS.c.token).where(CREDENTIALS.c.institution == institution)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else str(row.token)

    def outgoing(self) -> list[Outgoing]:
        """Return the messages that wait to be delivered, oldest first."""
        query = sa.select(OUTBOX).order_by(OUTBOX.c.position)
        with reading(self._engine) as connection:
            return [
                Outgoing(row.message, row.recipient, row.transfer, row.envelope)
                for row in connection.execute(query)
            ]

    def drop_outgoing(self, message: str) -> None:
        """Take a message out of the outbox: delivered, or finally refused."""
        with writing(self._engine) as connection:
            connection.execute(OUTBOX.delete().where(OUTBOX.c.message == message))

    def record_incident(self, incident: Incident) -> None:
        """Write a refusal down."""
        with writing(self._engine) as connection:
            connection.execute(
                INCIDENTS.insert().values(
                    at_us=_micros(incident.at),
                    reason=incident.reason[:40],
                    claimed=incident.claimed[:100],
                    detail=incident.detail[:500],
                    digest=incident.digest,
                )
            )

    def incidents(self) -> list[Incident]:
        """Return every refusal, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(sa.select(INCIDENTS).order_by(INCIDENTS.c.position))
            return [
                Incident(_moment(r.at_us), r.reason, r.claimed, r.detail, r.digest) for r in rows
            ]

    def _remember(
        self, connection: Connection, sender: str, message: str, until: datetime.datetime
    ) -> None:
        values = {"sender": sender, "message": message, "expires_at_us": _micros(until)}
        try:
            connection.execute(SEEN.insert().values(**values))
        except IntegrityError:
            raise AlreadySeen(sender, message) from None

    def _store(self, connection: Connection, change: Change, before: Transfer | None) -> None:
        transfer = change.transfer
        values = {
            "role": transfer.role,
            "counterparty": transfer.counterparty,
            "state": transfer.state,
            "respond_by_us": _micros(transfer.respond_by),
            "content": encode_transfer(transfer),
        }
        if change.is_new:
            try:
                connection.execute(TRANSFERS.insert().values(id=transfer.id, **values))
            except IntegrityError:
                raise StaleTransfer(transfer.id) from None
            return
        assert before is not None, "a change of a known transfer says from what"
        found = connection.execute(
            TRANSFERS.update()
            .where(TRANSFERS.c.id == transfer.id, TRANSFERS.c.content == encode_transfer(before))
            .values(**values)
        )
        if found.rowcount != 1:
            raise StaleTransfer(transfer.id)

    def _enqueue(self, connection: Connection, outgoing: Outgoing) -> None:
        connection.execute(
            OUTBOX.insert().values(
                message=outgoing.message,
                recipient=outgoing.recipient,
                transfer=outgoing.transfer,
                envelope=outgoing.envelope,
            )
        )


def digest_of(presented: str | bytes) -> str:
    """Return the SHA-256 of what was presented, hexadecimal."""
    data = presented.encode() if isinstance(presented, str) else presented
    return hashlib.sha256(data).hexdigest()


def encode_transfer(transfer: Transfer) -> str:
    """Return `transfer` as JSON, its payload in the standard's own form."""
    values: dict[str, Any] = {
        name: getattr(transfer, name) for name in transfer.__dataclass_fields__
    }
    document = write_document(Document(transfer.payload), indent=None)
    values |= {
        "payload": json.loads(document),
        "salt": transfer.salt.hex(),
        "commitment": transfer.commitment.hex(),
        "demanded": sorted(transfer.demanded),
        "asked": list(transfer.asked),
        "respond_by": transfer.respond_by.isoformat(),
    }
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def decode_transfer(text: str) -> Transfer:
    """Return what `encode_transfer` encoded."""
    values: dict[str, Any] = json.loads(text)
    payload = read_document(json.dumps(values["payload"]).encode(), edition="2023").payload
    assert isinstance(payload, IdentityPayload)
    values |= {
        "state": State(values["state"]),
        "payload": payload,
        "salt": bytes.fromhex(values["salt"]),
        "commitment": bytes.fromhex(values["commitment"]),
        "demanded": frozenset(values["demanded"]),
        "asked": tuple(values["asked"]),
        "respond_by": datetime.datetime.fromisoformat(values["respond_by"]),
    }
    return Transfer(**values)


def _micros(at: datetime.datetime) -> int:
    assert at.tzinfo is not None, "moments have a zone"
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def _moment(micros: int) -> datetime.datetime:
    seconds, rest = divmod(micros, 1_000_000)
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).replace(microsecond=rest)
