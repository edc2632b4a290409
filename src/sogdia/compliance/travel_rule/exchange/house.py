"""The institution itself: its identity, keys, rules, record and clock."""

import datetime
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from sogdia.compliance.travel_rule.commitment import SALT_BYTES
from sogdia.compliance.travel_rule.corridor.policy import HousePolicy
from sogdia.compliance.travel_rule.corridor.rules import CorridorRule
from sogdia.compliance.travel_rule.envelope import (
    CLOCK_SKEW_MAX,
    Addressing,
    Opened,
    Recipient,
    seal,
)
from sogdia.compliance.travel_rule.institutions.directory import Directory
from sogdia.compliance.travel_rule.institutions.keys import InstitutionKeys
from sogdia.compliance.travel_rule.ivms101.constraints import Reference
from sogdia.compliance.travel_rule.journal import Change, Incident, Journal, Outgoing, digest_of
from sogdia.compliance.travel_rule.transfers import (
    MESSAGES,
    ExchangeRefused,
    Message,
    Transfer,
)


@dataclass(frozen=True, slots=True)
class House:
    """An institution that takes part; `entropy` returns that many random bytes."""

    institution: str
    state: str
    keys: InstitutionKeys
    directory: Directory
    journal: Journal
    rules: tuple[CorridorRule, ...]
    clock: Callable[[], datetime.datetime]
    entropy: Callable[[int], bytes]
    policy: HousePolicy = field(default_factory=HousePolicy)
    registration_authorities: frozenset[str] | None = None

    def reference(self) -> Reference:
        """Return what received payloads are judged against today."""
        return Reference(self.clock().date(), self.registration_authorities)

    def recipient(self) -> Recipient:
        """Return the house as the one who opens envelopes."""
        return Recipient(self.institution, self.keys, self.directory.find, self.journal.is_seen)

    def new_id(self) -> uuid.UUID:
        """Return a random UUID (version 4) from the house's randomness."""
        return uuid.UUID(bytes=self.entropy(16), version=4)

    def new_salt(self) -> bytes:
        """Return a fresh salt for a commitment."""
        return self.entropy(SALT_BYTES)

    def get_transfer(self, transfer: str) -> Transfer:
        """Return the transfer with this id.

        Raises:
            ExchangeRefused: `unknown-transfer`.
        """
        found = self.journal.find_transfer(transfer)
        if found is None:
            raise ExchangeRefused("unknown-transfer", transfer, "there is no transfer with this id")
        return found

    def get_transfer_of(self, opened: Opened) -> Transfer:
        """Return the transfer that a message speaks of, when its sender is the other end of it.

        Raises:
            ExchangeRefused: `unknown-transfer`, also for somebody else's: what exists is not told.
        """
        found = self.journal.find_transfer(opened.claims.transfer)
        if found is None or found.counterparty != opened.sender.institution:
            detail = f"{opened.sender.institution} has no transfer with this id"
            raise ExchangeRefused("unknown-transfer", opened.claims.transfer, detail)
        return found

    def send(self, message: Message, transfer: Transfer) -> Outgoing:
        """Return `message` sealed for the transfer's counterparty, ready for the outbox.

        Raises:
            Unauthenticated: the counterparty's proof no longer holds.
        """
        counterparty = self.directory.find(transfer.counterparty)
        kind = next(kind for kind, model in MESSAGES.items() if isinstance(message, model))
        identifier = self.new_id()
        addressing = Addressing(
            id=identifier,
            transfer=uuid.UUID(transfer.id),
            kind=kind,
            sender=self.institution,
            at=self.clock(),
        )
        body = json.loads(msgspec.json.encode(message))
        envelope = seal(body, counterparty, addressing, self.keys)
        return Outgoing(str(identifier), transfer.counterparty, transfer.id, envelope)

    def commit_order(
        self, after: Transfer, before: Transfer | None, actor: str, message: Message | None
    ) -> Transfer:
        """Write an order of our own people, with the message it causes; return the transfer."""
        effect = None if message is None else self.send(message, after)
        change = Change(after, self.clock(), actor, effect=effect, is_new=before is None)
        self.journal.commit_change(change, before)
        return after

    def commit_message(self, after: Transfer, before: Transfer | None, opened: Opened) -> Transfer:
        """Write what a message of the counterparty caused; return the transfer."""
        claims = opened.claims
        until = datetime.datetime.fromtimestamp(claims.expires_at, datetime.UTC) + CLOCK_SKEW_MAX
        change = Change(
            after,
            self.clock(),
            claims.sender,
            cause=(claims.sender, claims.id, until),
            is_new=before is None,
        )
        self.journal.commit_change(change, before)
        return after

    def record(self, reason: str, claimed: str, detail: str, presented: str) -> None:
        """Write a refusal down."""
        incident = Incident(self.clock(), reason, claimed, detail, digest_of(presented))
        self.journal.record_incident(incident)
