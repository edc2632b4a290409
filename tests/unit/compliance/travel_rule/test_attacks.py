"""The attacks on the travel rule: each is refused, changes nothing, and is in the record (X3)."""

import datetime
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from tests.unit.compliance.travel_rule.forgeries import decode_part, inquiry, refused, resigned
from tests.unit.compliance.travel_rule.houses import (
    ALMATY,
    HONG_KONG,
    START,
    Pair,
    draft,
    make_pair,
)

from sogdia.compliance.travel_rule.envelope import (
    Addressing,
    read_claims,
    seal,
)
from sogdia.compliance.travel_rule.exchange.inbox import receive
from sogdia.compliance.travel_rule.exchange.originating import inquire
from sogdia.compliance.travel_rule.institutions.address_book import (
    BookEntry,
    Counterparty,
    inbox_url,
)
from sogdia.compliance.travel_rule.institutions.keys import (
    key_id,
    new_authority_key,
    new_institution_keys,
    public_jwk,
)
from sogdia.compliance.travel_rule.institutions.licence import Unauthenticated, sign_entry
from sogdia.compliance.travel_rule.institutions.travel_address import encode_travel_address

FAKE = "00000000000000000000"


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return make_pair(tmp_path)


# --- a fake institution that harvests data ---------------------------------------------------


def fake_credentials(pair: Pair) -> dict[str, tuple[str, str]]:
    """Return credentials that a fake institution could show, each with the reason it fails."""
    world, keys = pair.world, new_institution_keys()
    entry = world.entry(FAKE, "HK", keys)
    stolen = world.entry(HONG_KONG, "HK", pair.hong_kong.keys)
    own_key = stolen.__class__(**_fields(stolen) | {"sealing_key": public_jwk(keys.sealing)})
    head, _, signature = pair.hong_kong_credential.split(".")
    spliced = ".".join([head, sign_entry(own_key, world.hong_kong).split(".")[1], signature])
    a_day = datetime.timedelta(days=1)
    return {
        "signed by itself": (sign_entry(entry, keys.signing), "untrusted-authority"),
        "signed by an authority of its own": (
            sign_entry(entry, new_authority_key()),
            "untrusted-authority",
        ),
        "licensed by another state": (sign_entry(entry, world.kazakhstan), "foreign-authority"),
        "its key in the entry of another": (spliced, "bad-signature"),
        "expired": (
            world.licence(world.entry(FAKE, "HK", keys, expires_at=START - a_day / 2)),
            "expired",
        ),
        "not yet valid": (
            world.licence(world.entry(FAKE, "HK", keys, issued_at=START + a_day)),
            "not-yet-valid",
        ),
        "licence withdrawn": (
            world.licence(world.entry(FAKE, "HK", keys, status="withdrawn")),
            "not-licensed",
        ),
        "valid for ten years": (
            world.licence(world.entry(FAKE, "HK", keys, expires_at=START + 3650 * a_day)),
            "malformed",
        ),
        "no credential at all": ("not.a.token", "malformed"),
    }


def _fields(entry: Any) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__struct_fields__}


@pytest.mark.parametrize(
    "trick",
    [
        "signed by itself",
        "signed by an authority of its own",
        "licensed by another state",
        "its key in the entry of another",
        "expired",
        "not yet valid",
        "licence withdrawn",
        "valid for ten years",
        "no credential at all",
    ],
)
def test_a_fake_institution_gets_no_data(pair: Pair, trick: str) -> None:
    """It cannot become a counterparty, so nothing can be sealed for it (T1)."""
    credential, reason = fake_credentials(pair)[trick]
    refused(pair.almaty, inquiry_from_fake(pair), reason, credential)
    with pytest.raises(Unauthenticated):
        inquire(pair.almaty, draft(FAKE), "trader")
    assert pair.almaty.journal.outgoing() == []
    assert pair.almaty.journal.transfers() == []


def inquiry_from_fake(pair: Pair) -> str:
    """Return a well-formed inquiry that nobody vouches for."""
    keys = new_institution_keys()
    almaty = pair.hong_kong.directory.find(ALMATY)
    addressing = Addressing(uuid.uuid4(), uuid.uuid4(), "inquiry", FAKE, START)
    return seal({"asset": "x"}, almaty, addressing, keys)


def test_an_unknown_sender_is_refused_before_anything_is_decrypted(pair: Pair) -> None:
    """Without a credential there is nobody to believe."""
    refused(pair.almaty, inquiry_from_fake(pair), "unknown")


def test_a_licence_withdrawn_later_stops_the_next_message(pair: Pair) -> None:
    """The authority's newer entry supersedes the kept one; the old one cannot come back."""
    entry = pair.world.entry(HONG_KONG, "HK", pair.hong_kong.keys, serial=2, status="suspended")
    with pytest.raises(Unauthenticated, match="not-licensed"):
        pair.almaty.directory.present(pair.world.licence(entry))
    with pytest.raises(Unauthenticated, match="not-licensed"):
        inquire(pair.almaty, draft(), "trader")
    with pytest.raises(Unauthenticated, match="superseded"):
        pair.almaty.directory.present(pair.hong_kong_credential)
    renewed = pair.world.entry(HONG_KONG, "HK", new_institution_keys(), serial=3)
    pair.almaty.directory.present(pair.world.licence(renewed))
    with pytest.raises(Unauthenticated, match="superseded"):
        pair.almaty.directory.present(pair.hong_kong_credential)


def test_an_authority_cannot_take_over_an_institution_of_another_state(pair: Pair) -> None:
    """Kazakhstan's authority, its key stolen, licenses the institution of Hong Kong: refused."""
    keys = new_institution_keys()
    entry = pair.world.entry(HONG_KONG, "KZ", keys, serial=9)
    with pytest.raises(Unauthenticated, match="other-state"):
        pair.almaty.directory.present(pair.world.licence(entry))
    assert key_id(pair.almaty.directory.find(HONG_KONG).signing_key) == key_id(
        pair.hong_kong.keys.signing
    )


def test_two_entries_with_one_serial_are_refused(pair: Pair) -> None:
    """Whichever was seen first stands; the authority must count on."""
    entry = pair.world.entry(HONG_KONG, "HK", new_institution_keys())
    with pytest.raises(Unauthenticated, match="ambiguous-serial"):
        pair.almaty.directory.present(pair.world.licence(entry))
    assert pair.almaty.directory.present(pair.hong_kong_credential).institution == HONG_KONG


def test_the_address_book_can_say_the_state_beforehand(pair: Pair) -> None:
    """Then even the first credential must be of that state."""
    third = "213800AQUAUP6I215N33"
    url = encode_travel_address("https://kz.venue.example/transfers")
    booked = BookEntry(institution=third, travel_address=url, state="HK")
    house = pair.world.house("OTHERHOUSE0000000000", "HK", book={third: booked})
    entry = pair.world.entry(third, "KZ", new_institution_keys())
    with pytest.raises(Unauthenticated, match="other-state"):
        house.directory.present(pair.world.licence(entry))


def test_an_expired_proof_stops_the_next_inquiry(pair: Pair) -> None:
    """Authentication is judged again at every use; the refusal is recorded."""
    pair.world.clock.advance(days=91)
    with pytest.raises(Unauthenticated, match="expired"):
        later = pair.world.clock() + datetime.timedelta(hours=1)
        inquire(pair.almaty, draft(respond_by=later), "trader")
    assert [i.reason for i in pair.almaty.journal.incidents()] == ["expired"]


def test_an_address_at_another_host_is_not_used(pair: Pair) -> None:
    """A poisoned address book cannot send a sealed message elsewhere."""
    url = encode_travel_address("https://harvest.example/transfers")
    book_entry = BookEntry(institution=HONG_KONG, travel_address=url)
    with pytest.raises(Unauthenticated, match="other-origin"):
        inbox_url(book_entry, pair.almaty.directory.find(HONG_KONG))


# --- replay ------------------------------------------------------------------------------------


def test_a_replayed_envelope_is_refused(pair: Pair) -> None:
    """N3: the same bytes act once."""
    envelope = inquiry(pair)
    receive(pair.hong_kong, envelope)
    refused(pair.hong_kong, envelope, "replayed")


def test_a_replay_after_a_restart_is_refused(pair: Pair, tmp_path: Path) -> None:
    """What was seen is in the database, not in memory."""
    envelope = inquiry(pair)
    receive(pair.hong_kong, envelope)
    again = pair.world.house(HONG_KONG, "HK", keys=pair.hong_kong.keys)
    refused(again, envelope, "replayed")


def test_an_envelope_kept_until_its_id_is_forgotten_is_out_of_time(pair: Pair) -> None:
    """Ids are forgotten only when the age alone refuses the message."""
    envelope = inquiry(pair)
    receive(pair.hong_kong, envelope)
    pair.world.clock.advance(days=7, minutes=6)
    assert pair.hong_kong.journal.forget_expired(pair.world.clock()) == 1
    refused(pair.hong_kong, envelope, "out-of-time")


def test_an_envelope_for_one_institution_is_refused_by_another(pair: Pair) -> None:
    """A replay at another house."""
    envelope = inquiry(pair)
    third = pair.world.house("213800AQUAUP6I215N33", "KZ")
    third.directory.present(pair.almaty_credential)
    refused(third, envelope, "wrong-recipient")


def test_a_message_with_a_new_id_around_an_old_ciphertext_is_refused(pair: Pair) -> None:
    """The seal repeats the claims, so even the sender cannot wrap it anew."""
    envelope = inquiry(pair)
    receive(pair.hong_kong, envelope)
    wrapped = resigned(envelope, pair.almaty.keys, id=str(uuid.uuid4()))
    refused(pair.hong_kong, wrapped, "mismatch")


def test_a_ciphertext_stolen_from_another_sender_is_refused(pair: Pair) -> None:
    """A licensed but dishonest institution re-signs somebody else's sealed payload as its own."""
    thief_id, keys = "213800AQUAUP6I215N33", new_institution_keys()
    credential = pair.world.licence(pair.world.entry(thief_id, "KZ", keys))
    stolen = resigned(inquiry(pair), keys, sender=thief_id)
    refused(pair.hong_kong, stolen, "mismatch", credential)


# --- downgrade ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"version": "3.1.0"},
        {"version": "2.9.9"},
        {"version": "3.2"},
        {"version": "3.2.1-insecure"},
        {"version": "٣.٢.١"},
        {"version": ""},
        {"ivms": "101"},
    ],
)
def test_a_downgraded_version_is_refused_even_when_signed(
    pair: Pair, changes: dict[str, str]
) -> None:
    """Whoever was talked down to an old protocol or to the edition of 2020 is told so."""
    old = resigned(inquiry(pair), pair.almaty.keys, **changes)
    refused(pair.hong_kong, old, "downgraded-version")


def test_a_version_changed_on_the_way_breaks_the_signature(pair: Pair) -> None:
    """Nobody in between can raise or lower it."""
    envelope = inquiry(pair)
    head, _, signature = envelope.split(".")
    changed = resigned(envelope, new_institution_keys(), version="3.9.0").split(".")[1]
    refused(pair.hong_kong, f"{head}.{changed}.{signature}", "bad-signature")


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256"])
def test_weaker_algorithms_are_refused(pair: Pair, algorithm: str) -> None:
    """N2: `none`, a MAC keyed with the public key, and anything else outside the list."""
    from joserfc.util import urlsafe_b64encode

    _, payload, signature = inquiry(pair).split(".")
    header = urlsafe_b64encode(
        json.dumps({"alg": algorithm, "typ": "travel-rule+jws"}).encode()
    ).decode()
    forged = f"{header}.{payload}.{'' if algorithm == 'none' else signature}"
    refused(pair.hong_kong, forged, "bad-signature")


# --- wrong key ---------------------------------------------------------------------------------


def test_a_seal_for_another_key_is_refused(pair: Pair) -> None:
    """A sender that used a key offered by somebody else, or one we retired, learns it at once."""
    other = new_institution_keys()
    real = pair.almaty.directory.find(HONG_KONG)
    wrong = Counterparty(real.entry, real.signing_key, other.sealing)
    addressing = Addressing(uuid.uuid4(), uuid.uuid4(), "inquiry", ALMATY, START)
    refused(pair.hong_kong, seal({}, wrong, addressing, pair.almaty.keys), "wrong-recipient-key")


def test_a_seal_that_lies_about_its_key_does_not_open(pair: Pair) -> None:
    """The right key id over a ciphertext for another key: decryption fails, nothing leaks."""
    from joserfc import jwe

    addressing = Addressing(uuid.uuid4(), uuid.uuid4(), "inquiry", ALMATY, START)
    real = pair.almaty.directory.find(HONG_KONG)
    claims = read_claims(seal({"a": 1}, real, addressing, pair.almaty.keys))
    header = json.loads(decode_part(claims.sealed.split(".")[0]))
    header.pop("epk")
    registry = jwe.JWERegistry(algorithms=["ECDH-ES+A256KW", "A256GCM"], strict_check_header=False)
    foreign = jwe.encrypt_compact(header, b"{}", new_institution_keys().sealing, registry=registry)
    envelope = resigned(
        seal({"a": 1}, real, addressing, pair.almaty.keys), pair.almaty.keys, sealed=foreign
    )
    refused(pair.hong_kong, envelope, "broken-seal")
