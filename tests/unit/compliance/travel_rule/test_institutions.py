"""Keys, travel addresses, and authentication by certificate."""

import datetime
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey
from tests.unit.compliance.travel_rule.houses import ALMATY, HONG_KONG, START, World
from tests.unit.compliance.travel_rule.tls import Issued, make_leaf, make_root

from sogdia.compliance.travel_rule.institutions.address_book import (
    InvalidTrustFile,
    Trust,
    load_address_book,
    load_authorities,
)
from sogdia.compliance.travel_rule.institutions.certificates import (
    CertificateRoots,
    certificate_lei,
    encode_chain,
)
from sogdia.compliance.travel_rule.institutions.keys import (
    InvalidKey,
    key_id,
    load_institution_keys,
    new_authority_key,
    new_institution_keys,
    public_jwk,
    save_institution_keys,
)
from sogdia.compliance.travel_rule.institutions.licence import (
    LicenceEntry,
    Unauthenticated,
    sign_entry,
)
from sogdia.compliance.travel_rule.institutions.travel_address import (
    InvalidTravelAddress,
    decode_travel_address,
    encode_travel_address,
    origin_of,
)


@pytest.mark.parametrize(
    ("url", "address"),
    [  # from the protocol's own implementations
        ("https://beneficiary.com/x/12345", "ta2W2HPKfHxgSgrzY178knqXHg1H3jfeQrwQ9JrKBs9wv"),
        (
            "https://trisa.beneficiary.com:4443/x/12345?t=i",
            "ta2wijJqYhcj5zriQyV5SVWybf71AyHEXgRCa7WWJ8XQk9g1NodLEHbKoHdg",
        ),
    ],
)
def test_travel_addresses_are_those_of_the_protocol(url: str, address: str) -> None:
    """Known pairs of address and URL."""
    assert encode_travel_address(url) == address
    assert decode_travel_address(address).startswith(url)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    """A wrong checksum, alphabet, prefix or tag is one typed error."""
    try:
        url = decode_travel_address("ta" + text)
    except InvalidTravelAddress:
        return
    assert url.startswith("https://")


@pytest.mark.parametrize(
    "url", ["http://a.example/x", "https://u:p@a.example/", "https:///x", "ta"]
)
def test_only_https_with_a_host_becomes_an_address(url: str) -> None:
    """No plain HTTP, no credentials in the URL."""
    with pytest.raises(InvalidTravelAddress):
        encode_travel_address(url)


def test_origins_are_compared_without_case_and_default_port() -> None:
    """The same origin in three spellings."""
    assert (
        origin_of("https://A.Example:443/x")
        == origin_of("https://a.example")
        != origin_of("https://a.example:8443")
    )


def test_keys_are_kept_in_a_file_that_only_the_owner_reads(tmp_path: Path) -> None:
    """Mode 0600 is made and demanded; a file is never overwritten."""
    keys, path = new_institution_keys(), tmp_path / "keys.json"
    save_institution_keys(path, keys)
    assert path.stat().st_mode & 0o777 == 0o600
    loaded = load_institution_keys(path)
    assert key_id(loaded.signing) == key_id(keys.signing)
    assert key_id(loaded.sealing) == key_id(keys.sealing)
    with pytest.raises(FileExistsError):
        save_institution_keys(path, keys)
    path.chmod(0o640)
    with pytest.raises(InvalidKey, match="chmod 600"):
        load_institution_keys(path)


def certified(issued: Issued, world: World, **changes: object) -> str:
    """Return an entry that an institution signed with its certificate's key."""
    keys = new_institution_keys()
    entry = world.entry(HONG_KONG, "HK", keys, **changes)
    pem = issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return sign_entry(entry, ECKey.import_key(pem), x5c=encode_chain((issued.certificate,)))


def authenticate(token: str, root: Issued, now: datetime.datetime | None = None) -> LicenceEntry:
    """Return the entry that `token` proves under `root`."""
    trust = Trust(roots=CertificateRoots((root.certificate,)))
    moment = now or datetime.datetime.now(datetime.UTC)
    return trust.authenticate(token, moment).entry


def world_of_now(folder: Path) -> tuple[World, dict[str, object]]:
    """Return a world and the validity of an entry around the real now, as certificates need."""
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    return World(folder), {"issued_at": now - day, "expires_at": now + 30 * day}


def test_a_certificate_with_the_lei_vouches_for_its_institution(tmp_path: Path) -> None:
    """ISO 17442-2: the LEI is in the certificate."""
    world, valid = world_of_now(tmp_path)
    root = make_root()
    leaf = make_leaf(root, lei=HONG_KONG, country="HK")
    assert certificate_lei(leaf.certificate) == HONG_KONG
    assert authenticate(certified(leaf, world, **valid), root).institution == HONG_KONG


def test_certificates_that_prove_nothing_are_refused(tmp_path: Path) -> None:
    """Another root, another LEI, another state, no LEI, an expired chain."""
    world, valid = world_of_now(tmp_path)
    root = make_root()
    good = make_leaf(root, lei=HONG_KONG, country="HK")
    cases = [
        (certified(good, world, **valid), make_root("Other"), "untrusted-certificate"),
        (
            certified(make_leaf(root, lei=ALMATY, country="HK"), world, **valid),
            root,
            "foreign-certificate",
        ),
        (
            certified(make_leaf(root, lei=HONG_KONG, country="KZ"), world, **valid),
            root,
            "foreign-certificate",
        ),
        (certified(make_leaf(root, country="HK"), world, **valid), root, "foreign-certificate"),
    ]
    for token, trusted, reason in cases:
        with pytest.raises(Unauthenticated) as caught:
            authenticate(token, trusted)
        assert caught.value.reason == reason
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=100)
    with pytest.raises(Unauthenticated, match="untrusted-certificate"):
        authenticate(certified(good, world, **valid), root, later)


def test_a_retired_key_of_an_authority_signs_nothing_new(tmp_path: Path) -> None:
    """What it signed before stays good until it expires."""
    world = World(tmp_path)
    old = public_jwk(world.hong_kong) | {"retired_at": START.isoformat()}
    path = tmp_path / "authorities.json"
    path.write_text(json.dumps([{"id": "SFC", "state": "HK", "keys": [old]}]))
    trust = Trust(load_authorities(path))
    keys = new_institution_keys()
    before = world.licence(world.entry(HONG_KONG, "HK", keys))
    assert trust.authenticate(before, START).institution == HONG_KONG
    after = world.licence(world.entry(HONG_KONG, "HK", keys, issued_at=START))
    with pytest.raises(Unauthenticated, match="retired-key"):
        trust.authenticate(after, START)


@pytest.mark.parametrize(
    "text",
    ["", "{}", '[{"id": "A"}]', '[{"id": "A", "state": "KZ", "keys": [{"kty": "OKP"}]}]'],
)
def test_broken_trust_files_are_refused(tmp_path: Path, text: str) -> None:
    """With the file's name; nothing is half loaded."""
    path = tmp_path / "authorities.json"
    path.write_text(text)
    with pytest.raises(InvalidTrustFile, match=r"authorities\.json"):
        load_authorities(path)


def test_an_institution_is_in_the_book_once(tmp_path: Path) -> None:
    """Two addresses for one institution would make the second a way around the first."""
    address = encode_travel_address("https://a.example/transfers")
    entry = {"institution": ALMATY, "travel_address": address}
    path = tmp_path / "book.json"
    path.write_text(json.dumps([entry]))
    assert load_address_book(path)[ALMATY].travel_address == address
    path.write_text(json.dumps([entry, entry]))
    with pytest.raises(InvalidTrustFile, match="twice"):
        load_address_book(path)


def test_an_authoritys_key_is_an_ed25519_key() -> None:
    """The thumbprint names it."""
    key = new_authority_key()
    assert public_jwk(key)["crv"] == "Ed25519"
    assert len(key_id(key)) == 43
