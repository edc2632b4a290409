"""m of n signatures over a pack, and each way to be refused."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from eth_abi import encode
from eth_account import Account
from eth_utils import keccak
from tests.unit.compliance.rules.builders import one_pack, rule

from sogdia.compliance.rules import Pack
from sogdia.compliance.rules.signing import (
    AuthorityKey,
    KeyRing,
    LowerVersion,
    MalformedSignature,
    Registry,
    RepeatedSigner,
    RetiredKey,
    SignatureError,
    SignatureExpired,
    SignedPack,
    TooFewSignatures,
    WrongAuthority,
    WrongChain,
    WrongDigest,
    WrongRegistry,
    WrongSigner,
    prepare,
    sign,
    signable,
    verify,
)

KEYS = [bytes([n]) * 32 for n in (1, 2, 3, 4)]
ADDRESSES = [Account.from_key(key).address for key in KEYS]
HERE = Registry(71, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
EXPIRES = datetime(2027, 1, 1, tzinfo=UTC)
RING = KeyRing(
    "ch",
    2,
    (
        AuthorityKey(ADDRESSES[0]),
        AuthorityKey(ADDRESSES[1]),
        AuthorityKey(ADDRESSES[2], retired=datetime(2026, 10, 1, tzinfo=UTC)),
    ),
)
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """A small pack of serial 1."""
    return one_pack(tmp_path / "p", rule("A"))


def signed(pack: Pack, *keys: int, registry: Registry = HERE) -> SignedPack:
    """Return the pack signed by some keys."""
    envelope = prepare(pack, registry, EXPIRES)
    for key in keys:
        envelope = sign(envelope, KEYS[key])
    return envelope


def test_two_of_three_keys_sign_and_the_envelope_survives_json(pack: Pack) -> None:
    """Signatures are ordered by address, whoever signs first."""
    assert signed(pack, 0, 1) == signed(pack, 1, 0)
    read = SignedPack.from_json(signed(pack, 0, 1).to_json())
    assert set(verify(read, pack, RING, HERE, NOW)) == set(ADDRESSES[:2])


def test_a_contract_computes_the_same_hash(pack: Pack) -> None:
    """EIP-712 written out by hand: domain separator and struct hash over ABI words."""
    domain = keccak(
        encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [
                keccak(
                    b"EIP712Domain(string name,string version,uint256 chainId,"
                    b"address verifyingContract)"
                ),
                keccak(b"Sogdia Rule Pack"),
                keccak(b"1"),
                71,
                HERE.address,
            ],
        )
    )
    struct = keccak(
        encode(
            ["bytes32", "bytes32", "bytes32", "uint64", "uint64"],
            [
                keccak(b"RulePack(string authority,bytes32 digest,uint64 serial,uint64 expiry)"),
                keccak(b"ch"),
                pack.digest,
                1,
                int(EXPIRES.timestamp()),
            ],
        )
    )
    message = signable(signed(pack))
    assert keccak(b"\x19" + message.version + message.header + message.body) == keccak(
        b"\x19\x01" + domain + struct
    )


def test_every_misuse_has_an_error_of_its_own(pack: Pack, tmp_path: Path) -> None:
    """Wrong signer, retired key, replay elsewhere, lower version, and the rest."""
    good = signed(pack, 0, 1)
    other_registry = Registry(71, "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512")
    other_pack = one_pack(tmp_path / "q", rule("B"))
    elsewhere = signed(pack, 0, 1, registry=Registry(1, HERE.address))
    cases: list[tuple[type[SignatureError], SignedPack, Pack, Registry, datetime, int]] = [
        (WrongChain, elsewhere, pack, HERE, NOW, 0),
        (WrongRegistry, good, pack, other_registry, NOW, 0),
        (WrongAuthority, replace(good, authority="ru"), pack, HERE, NOW, 0),
        (WrongDigest, good, other_pack, HERE, NOW, 0),
        (WrongDigest, replace(good, serial=2), pack, HERE, NOW, 0),
        (LowerVersion, good, pack, HERE, NOW, 1),
        (LowerVersion, good, pack, HERE, NOW, 7),
        (SignatureExpired, good, pack, HERE, EXPIRES, 0),
        (WrongSigner, signed(pack, 0, 3), pack, HERE, NOW, 0),
        (RetiredKey, signed(pack, 0, 2), pack, HERE, NOW, 0),
        (TooFewSignatures, signed(pack, 0), pack, HERE, NOW, 0),
        (TooFewSignatures, signed(pack), pack, HERE, NOW, 0),
        (RepeatedSigner, replace(good, signatures=good.signatures[:1] * 2), pack, HERE, NOW, 0),
        # Signed for another chain, and dressed up as signed for this one.
        (WrongSigner, replace(elsewhere, registry=HERE), pack, HERE, NOW, 0),
    ]
    for error, envelope, signed_pack, registry, now, current in cases:
        with pytest.raises(SignatureError) as caught:
            verify(envelope, signed_pack, RING, registry, now, current_serial=current)
        assert type(caught.value) is error, (error, caught.value)
    assert verify(signed(pack, 0, 2), pack, RING, HERE, datetime(2026, 9, 1, tzinfo=UTC))


def test_a_malleable_or_damaged_signature_is_refused(pack: Pack) -> None:
    """The twin with s in the upper half recovers to the same key, and must not count."""
    good = signed(pack, 0, 1)
    (signer, raw), rest = good.signatures[0], good.signatures[1:]
    s = ORDER - int.from_bytes(raw[32:64], "big")
    twin = raw[:32] + s.to_bytes(32, "big") + bytes([55 - raw[64]])
    for bad in (twin, raw[:64], raw[:64] + b"\0", bytes(64) + b"\x1b", b""):
        with pytest.raises(MalformedSignature):
            verify(replace(good, signatures=((signer, bad), *rest)), pack, RING, HERE, NOW)


def test_a_key_signs_once_and_a_ring_is_m_of_n(pack: Pack) -> None:
    """Thresholds of nought or beyond the keys, and addresses without checksum, are no rings."""
    with pytest.raises(RepeatedSigner):
        signed(pack, 0, 0)
    for threshold, keys in ((0, ADDRESSES[:1]), (2, ADDRESSES[:1]), (1, [ADDRESSES[0]] * 2)):
        with pytest.raises(SignatureError, match="is not m of n"):
            KeyRing("ch", threshold, tuple(AuthorityKey(key) for key in keys))
    with pytest.raises(SignatureError, match="valid checksum"):
        Registry(1, HERE.address.lower().replace("0x5f", "0x5F"))
    with pytest.raises(SignatureError, match="has no zone"):
        prepare(pack, HERE, datetime(2027, 1, 1))  # noqa: DTZ001
    with pytest.raises(MalformedSignature):
        SignedPack.from_json({"type": "RulePack"})
