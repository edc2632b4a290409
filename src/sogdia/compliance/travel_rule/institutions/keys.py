"""Key pairs of institutions and authorities, as JSON Web Keys in files of mode 0600.

Signing is Ed25519 (RFC 8037) or, under a certificate, ECDSA on P-256; sealing is ECDH-ES on X25519
with AES-256 key wrap and AES-256-GCM (RFC 7518). Key ids are RFC 7638 thumbprints, so a key cannot
be passed off under another's name.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

SIGNATURE_ALGORITHMS = ("Ed25519", "ES256")
SEAL_ALGORITHM = "ECDH-ES+A256KW"
SEAL_ENCRYPTION = "A256GCM"

SigningKey = OKPKey | ECKey
PublicJwk = dict[str, str]


class InvalidKey(Exception):
    """A key that cannot be used: wrong kind or curve, broken, or in a file others can read."""


@dataclass(frozen=True, slots=True)
class InstitutionKeys:
    """The private keys of one institution."""

    signing: SigningKey
    sealing: OKPKey


def new_institution_keys() -> InstitutionKeys:
    """Return fresh keys, from the operating system's randomness."""
    return InstitutionKeys(OKPKey.generate_key("Ed25519"), OKPKey.generate_key("X25519"))


def new_authority_key() -> OKPKey:
    """Return a fresh signing key for an authority."""
    return OKPKey.generate_key("Ed25519")


def key_id(key: SigningKey | OKPKey) -> str:
    """Return the RFC 7638 thumbprint of `key`: SHA-256, base64url."""
    return key.thumbprint()


def signature_algorithm(key: SigningKey) -> str:
    """Return the one algorithm with which `key` signs."""
    return "Ed25519" if isinstance(key, OKPKey) else "ES256"


def public_jwk(key: SigningKey | OKPKey) -> PublicJwk:
    """Return the public half of `key`."""
    return {name: str(value) for name, value in key.as_dict(private=False).items()}


def import_signing_key(jwk: Any) -> SigningKey:
    """Return the signing key in `jwk`.

    Raises:
        InvalidKey: not an Ed25519 or P-256 key.
    """
    if isinstance(jwk, dict) and jwk.get("crv") == "P-256":
        ec_key: ECKey = _import(ECKey, jwk)
        return ec_key
    if isinstance(jwk, dict) and jwk.get("crv") == "Ed25519":
        okp_key: OKPKey = _import(OKPKey, jwk)
        return okp_key
    raise InvalidKey("a signing key is an Ed25519 or P-256 JSON Web Key")


def import_sealing_key(jwk: Any) -> OKPKey:
    """Return the sealing key in `jwk`.

    Raises:
        InvalidKey: not an X25519 key.
    """
    if not isinstance(jwk, dict) or jwk.get("crv") != "X25519":
        raise InvalidKey("a sealing key is an X25519 JSON Web Key")
    key: OKPKey = _import(OKPKey, jwk)
    return key


def _import(kind: Any, jwk: dict[str, Any]) -> Any:
    try:
        key = kind.import_key(jwk)
        key.thumbprint()
        _ = key.public_key  # decodes the point, so that a broken one is refused here
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise InvalidKey(f"the JSON Web Key cannot be read: {error}") from None
    return key


def save_private(path: Path, values: dict[str, Any]) -> None:
    """Write secrets to a new file that only its owner can read.

    Raises:
        FileExistsError: there is a file already; keys are never overwritten.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(values, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())


def save_institution_keys(path: Path, keys: InstitutionKeys) -> None:
    """Write `keys` to a new file of mode 0600. Raises `FileExistsError` as `save_private` does."""
    save_private(
        path,
        {
            "signing": keys.signing.as_dict(private=True),
            "sealing": keys.sealing.as_dict(private=True),
        },
    )


def load_institution_keys(path: Path) -> InstitutionKeys:
    """Read keys that `save_institution_keys` wrote.

    Raises:
        InvalidKey: not such a file, or one that others than its owner can read.
        OSError: the file cannot be read.
    """
    values = load_private(path)
    try:
        signing, sealing = values["signing"], values["sealing"]
    except (KeyError, TypeError):
        raise InvalidKey(f"{path} does not hold a signing and a sealing key") from None
    return InstitutionKeys(import_signing_key(signing), import_sealing_key(sealing))


def load_private(path: Path) -> Any:
    """Read the JSON of a private file.

    Raises:
        InvalidKey: not JSON, or readable by others than its owner.
    """
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise InvalidKey(f"{path} has mode {mode:04o}, others can read it: chmod 600 {path}")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidKey(f"{path} is not JSON: {error}") from None
