"""Builders of institutions with real keys and databases, an authority, and a clock to turn."""

import datetime
import json
import random
from dataclasses import dataclass, field
from pathlib import Path

from joserfc.jwk import OKPKey
from tests.unit.compliance.travel_rule.ivms101.payloads import plain_2023

from sogdia.compliance.database import open_database
from sogdia.compliance.travel_rule.corridor.policy import HousePolicy
from sogdia.compliance.travel_rule.corridor.rules import shipped_rules
from sogdia.compliance.travel_rule.exchange.house import House
from sogdia.compliance.travel_rule.exchange.originating import Draft
from sogdia.compliance.travel_rule.institutions.address_book import BookEntry, Trust
from sogdia.compliance.travel_rule.institutions.directory import Directory
from sogdia.compliance.travel_rule.institutions.keys import (
    InstitutionKeys,
    new_authority_key,
    new_institution_keys,
    public_jwk,
)
from sogdia.compliance.travel_rule.institutions.licence import (
    Authority,
    AuthorityKey,
    LicenceEntry,
    sign_entry,
)
from sogdia.compliance.travel_rule.institutions.travel_address import encode_travel_address
from sogdia.compliance.travel_rule.ivms101.reading import read_document
from sogdia.compliance.travel_rule.journal import Journal

START = datetime.datetime(2026, 11, 21, 8, 0, tzinfo=datetime.UTC)
ALMATY, HONG_KONG = "506700T7Z685VUOZL877", "GTFZ00N6IHYMHHNT8S51"


@dataclass
class Clock:
    """A clock that moves when told."""

    now: datetime.datetime = START

    def __call__(self) -> datetime.datetime:
        return self.now

    def advance(self, **by: float) -> None:
        """Move on by a `timedelta` of these keywords."""
        self.now += datetime.timedelta(**by)


@dataclass
class World:
    """Authorities of Kazakhstan and Hong Kong, and the institutions they license."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    kazakhstan: OKPKey = field(default_factory=new_authority_key)
    hong_kong: OKPKey = field(default_factory=new_authority_key)
    dice: random.Random = field(default_factory=lambda: random.Random(6))

    @property
    def authorities(self) -> tuple[Authority, ...]:
        """Return both authorities as everybody trusts them."""
        return (
            Authority("AFSA", "KZ", (AuthorityKey(self.kazakhstan),)),
            Authority("SFC", "HK", (AuthorityKey(self.hong_kong),)),
        )

    def entry(
        self, institution: str, state: str, keys: InstitutionKeys, **changes: object
    ) -> LicenceEntry:
        """Return a licence entry for an institution reached at its default origin."""
        values: dict[str, object] = {
            "institution": institution,
            "name": f"Venue in {state}",
            "state": state,
            "licence": f"{state}-7",
            "status": "licensed",
            "origin": f"https://{state.lower()}.venue.example",
            "signing_key": public_jwk(keys.signing),
            "sealing_key": public_jwk(keys.sealing),
            "serial": 1,
            "issued_at": START - datetime.timedelta(days=1),
            "expires_at": START + datetime.timedelta(days=90),
        }
        return LicenceEntry(**(values | changes))  # type: ignore[arg-type]

    def licence(self, entry: LicenceEntry) -> str:
        """Return `entry` signed by the authority of its state."""
        return sign_entry(entry, self.kazakhstan if entry.state == "KZ" else self.hong_kong)

    def house(
        self,
        institution: str,
        state: str,
        *,
        keys: InstitutionKeys | None = None,
        book: dict[str, BookEntry] | None = None,
    ) -> House:
        """Return an institution with its own database."""
        journal = Journal(open_database(str(self.folder / f"{institution}.db")))
        trust = Trust(self.authorities)
        return House(
            institution=institution,
            state=state,
            keys=keys or new_institution_keys(),
            directory=Directory(trust, book or {}, journal, self.clock),
            journal=journal,
            rules=shipped_rules(),
            clock=self.clock,
            entropy=self.dice.randbytes,
            policy=HousePolicy(),
        )


@dataclass
class Pair:
    """Two institutions that have seen each other's credentials."""

    world: World
    almaty: House
    hong_kong: House
    almaty_credential: str
    hong_kong_credential: str


def make_pair(folder: Path) -> Pair:
    """Return an institution in Almaty and one in Hong Kong, each authenticated to the other."""
    world = World(folder)
    book = {
        state_id: BookEntry(
            institution=state_id,
            travel_address=encode_travel_address(f"https://{host}.venue.example/transfers"),
        )
        for state_id, host in ((ALMATY, "kz"), (HONG_KONG, "hk"))
    }
    almaty = world.house(ALMATY, "KZ", book=book)
    hong_kong = world.house(HONG_KONG, "HK", book=book)
    almaty_credential = world.licence(world.entry(ALMATY, "KZ", almaty.keys))
    hong_kong_credential = world.licence(world.entry(HONG_KONG, "HK", hong_kong.keys))
    almaty.directory.present(hong_kong_credential)
    hong_kong.directory.present(almaty_credential)
    return Pair(world, almaty, hong_kong, almaty_credential, hong_kong_credential)


def draft(counterparty: str = HONG_KONG, **changes: object) -> Draft:
    """Return an order to send 1,500 of a stablecoin, worth HKD 11,700, to `counterparty`."""
    values: dict[str, object] = {
        "counterparty": counterparty,
        "asset": "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48",
        "amount": "1500.00",
        "values": {"USD": 150_000, "HKD": 1_170_000},
        "document": read_document(json.dumps(plain_2023()).encode()),
        "respond_by": START + datetime.timedelta(hours=4),
    }
    return Draft(**(values | changes))  # type: ignore[arg-type]
