"""Signed addresses, bans and buckets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sogdia.ledger.network.bans import BANS_MAX, Ban, BanList, household_of
from sogdia.ledger.network.errors import Banned, InvalidMessage
from sogdia.ledger.network.identity import NodeIdentity, UnreadableNodeKey
from sogdia.ledger.network.limits import TokenBucket
from sogdia.ledger.network.record import RECORD_BYTES_MAX, PeerRecord
from sogdia.ledger.network.transport import Address

ALICE = NodeIdentity.from_seed(b"\x01" * 32)
RECORD = PeerRecord.sign(ALICE, network_id=7, address=Address("2001:db8::1", 65535), sequence=2**40)


def test_a_record_survives_the_wire() -> None:
    """Also at the largest it can be."""
    assert PeerRecord.decode(RECORD.encoded) == RECORD
    assert len(RECORD.encoded) <= RECORD_BYTES_MAX


@given(st.integers(0, len(RECORD.encoded) - 1), st.integers(1, 255))
def test_a_record_with_one_byte_changed_is_refused(place: int, change: int) -> None:
    """R1: nobody else can say where a node is."""
    changed = bytearray(RECORD.encoded)
    changed[place] ^= change
    with pytest.raises(InvalidMessage):
        PeerRecord.decode(bytes(changed))


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_decoder(data: bytes) -> None:
    """Random bytes are no record."""
    with pytest.raises(InvalidMessage):
        PeerRecord.decode(data)


def test_a_ban_names_its_end_and_ends() -> None:
    """By host or by identity; a shorter ban never replaces a longer one."""
    bans = BanList()
    bans.add(Ban("192.0.2.1", 200, "sent invalid work"))
    bans.add(Ban("192.0.2.1", 100, "sent nothing"))
    with pytest.raises(Banned, match=r"192\.0\.2\.1 is banned until 200: sent invalid work"):
        bans.check(host="192.0.2.1", node_id=None, now_s=199)
    bans.check(host="192.0.2.1", node_id=None, now_s=200)
    bans.add(Ban(ALICE.node_id.hex(), 300, "lied about its height"))
    with pytest.raises(Banned):
        bans.check(host="192.0.2.2", node_id=ALICE.node_id, now_s=299)
    assert bans.lift(ALICE.node_id.hex())
    assert not bans.lift(ALICE.node_id.hex())


def test_a_banned_ipv6_host_is_banned_with_its_household() -> None:
    """Within a /64 an address costs nothing; of IPv4 each has its price."""
    assert household_of("192.0.2.1") == "192.0.2.1"
    bans = BanList()
    bans.add(Ban(household_of("2001:db8::1"), 200, "sent invalid work"))
    with pytest.raises(Banned, match=r"2001:db8::/64 is banned until 200"):
        bans.check(host="2001:db8::ffff:2", node_id=None, now_s=199)
    bans.check(host="2001:db8:0:1::1", node_id=None, now_s=199)
    bans.check(host="2001:db8::ffff:2", node_id=None, now_s=200)


def test_bans_are_bounded() -> None:
    """An IPv6 network has addresses without end; what ends first makes room."""
    bans = BanList()
    bans.add(Ban("192.0.2.1", 10**9, "its operator wants it so"))
    for number in range(BANS_MAX + 100):
        bans.add(Ban(f"2001:db8::{number:x}", 1_000 + number, "sent invalid work"))
    assert len(bans.bans) == BANS_MAX
    assert "192.0.2.1" in bans.bans
    assert f"2001:db8::{BANS_MAX + 99:x}" in bans.bans
    assert bans.live(now_s=10**9 - 1) == [bans.bans["192.0.2.1"]]


def test_a_bucket_lets_its_rate_through_and_no_more() -> None:
    """A clock that jumps back neither fills nor drains it."""
    bucket = TokenBucket.full(10, 20, 100.0)
    assert bucket.take(20, 100.0)
    assert not bucket.take(1, 100.05)
    assert bucket.take(1, 100.25)
    assert not bucket.take(2, 50.0)
    assert bucket.take(20, 1_000.0)
    assert not bucket.take(1, 1_000.0)


def test_a_node_key_is_kept_and_a_damaged_one_is_refused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Readable by its owner only."""
    path = tmp_path_factory.mktemp("node") / "network" / "key"
    first = NodeIdentity.load_or_create(path, fresh_seed=b"\x05" * 32)
    assert NodeIdentity.load_or_create(path, fresh_seed=b"\x06" * 32).node_id == first.node_id
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"short")
    with pytest.raises(UnreadableNodeKey, match="holds 5 bytes, a node key has 32"):
        NodeIdentity.load_or_create(path, fresh_seed=b"\x06" * 32)
