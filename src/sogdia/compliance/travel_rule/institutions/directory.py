"""Counterparties that proved who they are, kept until their proof runs out."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sogdia.compliance.travel_rule.institutions.address_book import (
    BookEntry,
    Counterparty,
    Trust,
    counterparty_of,
)
from sogdia.compliance.travel_rule.institutions.licence import Unauthenticated, refuse_stale


@dataclass(frozen=True, slots=True)
class Credential:
    """A signed entry that was verified, with what of it decides on its succession."""

    institution: str
    state: str
    serial: int
    token: str


class CredentialStore(Protocol):
    """Where credentials are kept."""

    def record_credential(self, credential: Credential) -> Credential:
        """Keep the credential when it succeeds the one that is kept; return the one kept."""
        ...

    def find_credential(self, institution: str) -> str | None:
        """Return the newest credential seen of `institution`."""
        ...


class Directory:
    """Joins the address book, the trusted authorities and the credentials seen so far."""

    def __init__(
        self,
        trust: Trust,
        book: dict[str, BookEntry],
        store: CredentialStore,
        clock: Callable[[], datetime.datetime],
    ) -> None:
        self._trust, self._book, self._store, self._clock = trust, book, store, clock

    def present(self, token: str) -> Counterparty:
        """Verify a credential that somebody showed, and keep it.

        An institution stays in the state in which it was first seen, or which the address book
        states: otherwise the authority of any trusted state could take over institutions of all.

        Raises:
            Unauthenticated: with the reason; `other-state`, `superseded` or `ambiguous-serial` when
                it does not follow what was seen before; nothing is kept then. An entry that
                withdraws or suspends a licence is kept, and raises `not-licensed`.
        """
        now = self._clock()
        entry = self._trust.verify(token, now)
        if now < entry.issued_at:
            refuse_stale(entry, now)  # before it could take the place of one that holds
        who, booked = entry.institution, self._book.get(entry.institution)
        if booked is not None and booked.state not in {None, entry.state}:
            detail = f"the address book says {booked.state}, the entry {entry.state}"
            raise Unauthenticated(who, "other-state", detail)
        shown = Credential(who, entry.state, entry.serial, token)
        kept = self._store.record_credential(shown)
        if kept.state != entry.state:
            detail = f"it is known as licensed in {kept.state}, the entry is of {entry.state}"
            raise Unauthenticated(who, "other-state", detail)
        if kept.serial > entry.serial:
            detail = f"the entry has serial {entry.serial}, {kept.serial} was already seen"
            raise Unauthenticated(who, "superseded", detail)
        if signed_part(kept.token) != signed_part(token):
            detail = f"there are two entries with serial {entry.serial}"
            raise Unauthenticated(who, "ambiguous-serial", detail)
        # Only now: an entry that withdraws the licence must first take the place of the one before.
        refuse_stale(entry, now)
        return counterparty_of(entry)

    def find(self, institution: str) -> Counterparty:
        """Return `institution`, its kept credential judged again at this moment.

        Raises:
            Unauthenticated: `unknown`, or the reason for which the credential no longer holds.
        """
        token = self._store.find_credential(institution)
        if token is None:
            raise Unauthenticated(institution, "unknown", "it has not shown a credential")
        return self.present(token)

    def book_entry(self, institution: str) -> BookEntry | None:
        """Return how `institution` is reached, or `None`."""
        return self._book.get(institution)


def signed_part(token: str) -> str:
    """Return what a signed entry says; two signatures of the same content differ elsewhere."""
    return token.split(".")[1] if token.count(".") == 2 else token
