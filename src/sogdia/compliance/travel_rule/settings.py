"""An institution's settings, from one TOML file; paths in it are relative to the file.

[institution]
id = "506700T7Z685VUOZL877"       # LEI, or STATE:number
name = "East Venue Ltd"
state = "KZ"
keys = "keys.json"                # mode 0600, from `sogdia travel-rule keys`
credential = "licence.jws"        # what the authority signed for us
database = "travel.db"            # a file, or postgresql+pg8000://…

[listen]
host = "127.0.0.1"
port = 8443
certificate = "tls.pem"
key = "tls.key"
client_ca = "ca.pem"              # optional: callers must show a certificate under it

[trust]
authorities = "authorities.json"  # whose licences we believe
certificate_roots = "roots.pem"   # optional: whose certificates we believe
tls_ca = "ca.pem"                 # optional: instead of the system's roots
address_book = "book.json"        # optional

[policy]
baseline = true                   # FATF's standard where a state has no rule
sunrise = "keep"                  # or "hold"
rules = "states.toml"             # optional: instead of the shipped rules
registration_authorities = "ra.csv"  # optional: GLEIF's list, for constraint C10
"""

import datetime
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct, field

from sogdia.compliance.database import open_database
from sogdia.compliance.travel_rule.corridor.policy import HousePolicy, Sunrise
from sogdia.compliance.travel_rule.corridor.rules import load_rules, shipped_rules
from sogdia.compliance.travel_rule.exchange.house import House
from sogdia.compliance.travel_rule.institutions.address_book import (
    BookEntry,
    Trust,
    load_address_book,
    load_authorities,
)
from sogdia.compliance.travel_rule.institutions.certificates import CertificateRoots, load_roots
from sogdia.compliance.travel_rule.institutions.directory import Directory
from sogdia.compliance.travel_rule.institutions.keys import load_institution_keys
from sogdia.compliance.travel_rule.ivms101.registration_authorities import (
    load_registration_authorities,
)
from sogdia.compliance.travel_rule.journal import Journal


class InvalidSettings(Exception):
    """The settings cannot be used; the message names file and key."""


class InstitutionTable(Struct, frozen=True, forbid_unknown_fields=True):
    """Who we are, and where our keys, credential and database lie."""

    id: str
    name: str
    state: str
    keys: str
    credential: str
    database: str


class ListenTable(Struct, frozen=True, forbid_unknown_fields=True):
    """Where we listen, with which TLS certificate."""

    host: str
    port: int
    certificate: str
    key: str
    client_ca: str | None = None


class TrustTable(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose word we take."""

    authorities: str
    certificate_roots: str | None = None
    tls_ca: str | None = None
    address_book: str | None = None


class PolicyTable(Struct, frozen=True, forbid_unknown_fields=True):
    """What we choose beyond the law."""

    baseline: bool = True
    sunrise: Sunrise = Sunrise.KEEP
    rules: str | None = None
    registration_authorities: str | None = None


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    institution: InstitutionTable
    listen: ListenTable
    trust: TrustTable
    policy: PolicyTable = field(default_factory=PolicyTable)


@dataclass(frozen=True, slots=True)
class Configured:
    """Settings, the folder their paths are relative to, and the house they describe."""

    settings: Settings
    folder: Path
    house: House
    credential: str

    def path(self, name: str) -> Path:
        """Return a path of the settings, absolute or relative to their file."""
        return self.folder / name

    def find_path(self, name: str | None) -> Path | None:
        """Return an optional path of the settings."""
        return None if name is None else self.folder / name


def load_settings(path: Path) -> Settings:
    """Return the settings in the TOML file at `path`.

    Raises:
        InvalidSettings: broken TOML, an unknown, missing or mistyped key.
        OSError: the file cannot be read.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(raw, Settings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise InvalidSettings(f"{path}: {error}") from None


def configure(
    path: Path, clock: Callable[[], datetime.datetime], entropy: Callable[[int], bytes]
) -> Configured:
    """Return the house that the settings at `path` describe, its database open.

    Raises:
        InvalidSettings, InvalidKey, InvalidTrustFile, InvalidCorridorRules, InvalidAuthorityList,
        InvalidDatabase, OSError: the first thing that is wrong.
    """
    settings, folder = load_settings(path), path.parent
    institution, trust, policy = settings.institution, settings.trust, settings.policy
    url = institution.database
    journal = Journal(open_database(url if "://" in url else str(folder / url)))
    roots = CertificateRoots(())
    if trust.certificate_roots is not None:
        try:
            roots = load_roots((folder / trust.certificate_roots).read_bytes())
        except ValueError as error:
            raise InvalidSettings(f"{folder / trust.certificate_roots}: {error}") from None
    book: dict[str, BookEntry] = {}
    if trust.address_book is not None:
        book = load_address_book(folder / trust.address_book)
    whom = Trust(load_authorities(folder / trust.authorities), roots)
    listed = policy.registration_authorities
    house = House(
        institution=institution.id,
        state=institution.state,
        keys=load_institution_keys(folder / institution.keys),
        directory=Directory(whom, book, journal, clock),
        journal=journal,
        rules=load_rules(folder / policy.rules) if policy.rules else shipped_rules(),
        clock=clock,
        entropy=entropy,
        policy=HousePolicy(policy.baseline, policy.sunrise),
        registration_authorities=load_registration_authorities(folder / listed) if listed else None,
    )
    credential = (folder / institution.credential).read_text(encoding="ascii").strip()
    return Configured(settings, folder, house, credential)
