"""Counterparties that proved who they are, kept until their proof runs out."""

import datetime
from collections.abc import Callable
from typing import Protocol

from sogdia.compliance.travel_rule.institutions.address_book import (
    BookEntry,
    Counterparty,
    Trust,
)
from sogdia.compliance.travel_rule.institutions.licence import LicenceEntry, Unauthenticated


class CredentialStore(Protocol):
    """Where credentials are kept; `record_serial` returns the highest serial seen."""

    def record_serial(self, institution: str, serial: int, token: str) -> int:
        """Keep the credential when it is the newest seen."""
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

        Raises:
            Unauthenticated: with the reason; nothing is kept then.
        """

        def serials(entry: LicenceEntry) -> int:
            return self._store.record_serial(entry.institution, entry.serial, token)

        return self._trust.authenticate(token, self._clock(), serials)

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
