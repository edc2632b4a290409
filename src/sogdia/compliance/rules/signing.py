"""Sign a pack with m of n keys of its authority, as EIP-712, so that a contract checks the same.

What is signed is `RulePack(authority, digest, serial, expiry)` in a domain of chain and registry.
The digest is the SHA-256 of the pack's canonical form (RFC 8785), which the EVM computes by a
precompiled contract. Every way to be refused has an error of its own:

    SignatureError
    ├── WrongChain, WrongRegistry    signed for another chain or another registry: a replay
    ├── WrongAuthority, WrongDigest  signed for another authority or another pack
    ├── LowerVersion                 the registry already holds this serial or a higher one
    ├── SignatureExpired             the moment is at or after the expiry
    ├── MalformedSignature           not 65 bytes, s in the upper half, or nothing recovers
    ├── WrongSigner                  recovers to no key of the authority, or not to who is named
    ├── RetiredKey                   a key of the authority, but retired by now
    ├── RepeatedSigner               one key counted twice
    └── TooFewSignatures             fewer than the threshold
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from eth_keys.exceptions import BadSignature
from eth_utils.address import is_checksum_address, to_checksum_address
from eth_utils.exceptions import ValidationError

from sogdia.compliance.rules.errors import RulesError
from sogdia.compliance.rules.pack import Pack
from sogdia.eth_accounts import Account, SignableMessage, encode_typed_data

DOMAIN_NAME = "Sogdia Rule Pack"
DOMAIN_VERSION = "1"
TYPE = "RulePack(string authority,bytes32 digest,uint64 serial,uint64 expiry)"

# A board of an authority; each signature costs a contract about 3,000 gas to recover.
SIGNATURES_MAX = 64
# Half of secp256k1's order: a signature with a larger s has a twin, and only one may count.
_S_MAX = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_UINT64_MAX = 2**64 - 1

_TYPES = {
    "RulePack": [
        {"name": "authority", "type": "string"},
        {"name": "digest", "type": "bytes32"},
        {"name": "serial", "type": "uint64"},
        {"name": "expiry", "type": "uint64"},
    ]
}


class SignatureError(RulesError):
    """The root of every reason to refuse a signed pack."""


class WrongChain(SignatureError):
    """Signed for another chain."""


class WrongRegistry(SignatureError):
    """Signed for another registry."""


class WrongAuthority(SignatureError):
    """Signed for another authority than the keys'."""


class WrongDigest(SignatureError):
    """Signed for another pack, or the pack was changed."""


class LowerVersion(SignatureError):
    """The registry already holds this serial or a higher one."""


class SignatureExpired(SignatureError):
    """The expiry has passed."""


class MalformedSignature(SignatureError):
    """Not a signature, or one of a malleable pair."""


class WrongSigner(SignatureError):
    """Not signed by a key of the authority."""


class RetiredKey(SignatureError):
    """Signed by a key that the authority has retired."""


class RepeatedSigner(SignatureError):
    """One key signed more than once."""


class TooFewSignatures(SignatureError):
    """Fewer good signatures than the authority's threshold."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Where a pack is published: a chain by its id, and a contract by its checksum address."""

    chain_id: int
    address: str

    def __post_init__(self) -> None:
        if not 0 < self.chain_id < 2**256:
            raise SignatureError(f"chain id {self.chain_id} is not a positive 256-bit integer")
        if not is_checksum_address(self.address):
            raise SignatureError(f"{self.address!r} is not an address with a valid checksum")


@dataclass(frozen=True, slots=True)
class AuthorityKey:
    """An address that may sign for an authority, until `retired` (exclusive) when given."""

    address: str
    retired: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of an authority and how many of them must sign."""

    authority: str
    threshold: int
    keys: tuple[AuthorityKey, ...]

    def __post_init__(self) -> None:
        addresses = {key.address for key in self.keys}
        if len(addresses) != len(self.keys) or not 1 <= self.threshold <= len(self.keys):
            raise SignatureError(
                f"threshold {self.threshold} of {len(addresses)} distinct keys is not m of n"
            )
        for key in self.keys:
            if not is_checksum_address(key.address):
                raise SignatureError(f"{key.address!r} is not an address with a valid checksum")


@dataclass(frozen=True, slots=True)
class SignedPack:
    """What was signed, where it is valid, and by whom: (address, 65 bytes r, s, v) pairs."""

    authority: str
    digest: bytes
    serial: int
    expiry: int
    registry: Registry
    signatures: tuple[tuple[str, bytes], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the envelope as plain JSON values."""
        return {
            "type": TYPE,
            "authority": self.authority,
            "digest": "0x" + self.digest.hex(),
            "serial": self.serial,
            "expiry": self.expiry,
            "chain_id": str(self.registry.chain_id),
            "registry": self.registry.address,
            "signatures": [
                {"signer": signer, "signature": "0x" + signature.hex()}
                for signer, signature in self.signatures
            ],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "SignedPack":
        """Read an envelope. Raises MalformedSignature when it is not one."""
        try:
            if data["type"] != TYPE:
                raise MalformedSignature(f"type {data['type']!r:.80} is not {TYPE!r}")
            rows = data["signatures"]
            return cls(
                str(data["authority"]),
                bytes.fromhex(data["digest"].removeprefix("0x")),
                int(data["serial"]),
                int(data["expiry"]),
                Registry(int(data["chain_id"]), data["registry"]),
                tuple(
                    (row["signer"], bytes.fromhex(row["signature"].removeprefix("0x")))
                    for row in rows
                ),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise MalformedSignature(f"the envelope is damaged: {error!r}") from None


def prepare(pack: Pack, registry: Registry, expires: datetime) -> SignedPack:
    """Return the envelope to sign: `pack` for `registry`, until `expires` (whole seconds).

    Raises SignatureError when the moment has no zone or is out of range.
    """
    if expires.tzinfo is None:
        raise SignatureError(f"{expires.isoformat()} has no zone")
    expiry = int(expires.timestamp())
    if not 0 < expiry <= _UINT64_MAX:
        raise SignatureError(f"{expires.isoformat()} is out of range")
    return SignedPack(pack.authority, pack.digest, pack.serial, expiry, registry)


def signable(signed: SignedPack) -> SignableMessage:
    """Return the EIP-712 message; its hash is what a contract recovers from."""
    return encode_typed_data(
        domain_data={
            "name": DOMAIN_NAME,
            "version": DOMAIN_VERSION,
            "chainId": signed.registry.chain_id,
            "verifyingContract": signed.registry.address,
        },
        message_types=_TYPES,
        message_data={
            "authority": signed.authority,
            "digest": signed.digest,
            "serial": signed.serial,
            "expiry": signed.expiry,
        },
    )


def sign(signed: SignedPack, private_key: bytes) -> SignedPack:
    """Return the envelope with one more signature, in order of the signers' addresses.

    Raises RepeatedSigner when this key has signed already.
    """
    account = Account.from_key(private_key)
    if account.address in {signer for signer, _ in signed.signatures}:
        raise RepeatedSigner(f"{account.address} has already signed")
    signature = bytes(account.sign_message(signable(signed)).signature)
    # Contracts find a repeated signer cheaply when addresses only ever grow.
    ordered = sorted((*signed.signatures, (account.address, signature)), key=_order)
    return replace(signed, signatures=tuple(ordered))


def verify(
    signed: SignedPack,
    pack: Pack,
    ring: KeyRing,
    registry: Registry,
    now: datetime,
    *,
    current_serial: int = 0,
) -> tuple[str, ...]:
    """Check everything about a signed pack and return who signed it.

    `current_serial` is what the registry holds already, 0 for nothing. Raises a SignatureError.
    """
    _check_place(signed, pack, ring, registry)
    if signed.serial <= current_serial:
        raise LowerVersion(f"serial {signed.serial} does not exceed {current_serial}")
    if int(now.timestamp()) >= signed.expiry:
        raise SignatureExpired(f"expired at {signed.expiry}, it is {int(now.timestamp())}")
    if len(signed.signatures) > SIGNATURES_MAX:
        raise MalformedSignature(f"{len(signed.signatures)} signatures, at most {SIGNATURES_MAX}")
    signers = [_recover(signed, signer, signature) for signer, signature in signed.signatures]
    _check_signers(signers, ring, now)
    return tuple(signers)


def _check_place(signed: SignedPack, pack: Pack, ring: KeyRing, registry: Registry) -> None:
    if signed.registry.chain_id != registry.chain_id:
        raise WrongChain(f"signed for chain {signed.registry.chain_id}, not {registry.chain_id}")
    if signed.registry.address != registry.address:
        raise WrongRegistry(f"signed for {signed.registry.address}, not {registry.address}")
    if not signed.authority == pack.authority == ring.authority:
        raise WrongAuthority(
            f"signed for {signed.authority!r}, the pack is of {pack.authority!r}, the keys are "
            f"of {ring.authority!r}"
        )
    if signed.digest != pack.digest:
        raise WrongDigest(f"signed {signed.digest.hex()}, the pack is {pack.digest.hex()}")
    if signed.serial != pack.serial:
        raise WrongDigest(f"signed serial {signed.serial}, the pack has {pack.serial}")


def _check_signers(signers: Iterable[str], ring: KeyRing, now: datetime) -> None:
    keys = {key.address: key for key in ring.keys}
    counted: set[str] = set()
    for signer in signers:
        key = keys.get(signer)
        if key is None:
            raise WrongSigner(f"{signer} is no key of {ring.authority}")
        if key.retired is not None and now >= key.retired:
            raise RetiredKey(f"{signer} was retired {key.retired.isoformat()}")
        if signer in counted:
            raise RepeatedSigner(f"{signer} signed more than once")
        counted.add(signer)
    if len(counted) < ring.threshold:
        raise TooFewSignatures(f"{len(counted)} signatures, {ring.threshold} are needed")


def _recover(signed: SignedPack, named: str, signature: bytes) -> str:
    if len(signature) != 65 or signature[64] not in (27, 28):
        raise MalformedSignature(f"{signature.hex()!r:.80} is not 65 bytes r, s, v")
    if int.from_bytes(signature[32:64], "big") > _S_MAX:
        raise MalformedSignature("s lies in the upper half of the order")
    try:
        address = Account.recover_message(signable(signed), signature=signature)
    except (BadSignature, ValidationError, ValueError) as error:
        raise MalformedSignature(f"nothing recovers from it: {error}") from None
    signer: str = to_checksum_address(address)
    if signer != named:
        raise WrongSigner(f"recovers to {signer}, the envelope names {named}")
    return signer


def _order(row: tuple[str, bytes]) -> int:
    return int(row[0], 16)
