"""Settings of the counter services, as JSON files; a field that nobody declared is refused."""

import hashlib
import hmac
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec

Token = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class SettingsError(ValueError):
    """A settings file that cannot be read; the message names the field."""


class CounterSettings(msgspec.Struct, forbid_unknown_fields=True):
    """One limit. `max_units` is the most a sum may be, in minor units of the limit's currency:
    the threshold itself where the law says more than, one unit less where it says or more."""

    max_units: Annotated[int, msgspec.Meta(ge=0, lt=2**53)]


class PartySettings(msgspec.Struct, forbid_unknown_fields=True):
    """One of three parties. `mpc` lists the parties' addresses in order, `index` is this one's;
    `venues` maps the SHA-256 of a venue's token, as hex, to its name. With `tls`, MPyC reads its
    certificates from `.config` in the working directory."""

    index: Annotated[int, msgspec.Meta(ge=0, le=2)]
    mpc: Annotated[list[str], msgspec.Meta(min_length=3, max_length=3)]
    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    database: str
    venues: dict[Token, str]
    counters: dict[str, CounterSettings]
    tls: bool = False


class BlinderSettings(msgspec.Struct, forbid_unknown_fields=True):
    """The blinder. `key_file` holds its private key as hex; `per_minute` is each venue's share:
    the identifiers of a country can be counted through, and this is what makes it slow."""

    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    key_file: str
    venues: dict[Token, str]
    per_minute: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 600


S = TypeVar("S", PartySettings, BlinderSettings)


def read_settings(file: Path, kind: type[S]) -> S:
    """Read a settings file. Raises SettingsError."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise SettingsError(f"{file}: {error}") from None


def find_venue(venues: dict[str, str], authorization: str | None) -> str | None:
    """Return the venue that a bearer token belongs to, or `None`."""
    scheme, _, token = (authorization or "").partition(" ")
    digest = hashlib.sha256(token.encode()).hexdigest()
    found = [name for known, name in venues.items() if hmac.compare_digest(known, digest)]
    return found[0] if scheme == "Bearer" and found else None
