"""The commitment to exchanged data: the only trace of it that a ledger may see.

Names, dates and addresses are few enough to be guessed, so a bare hash would give them away. The
salt has 32 random bytes and stays with the two institutions; without it the commitment is
indistinguishable from noise, with it either of them can show what was exchanged.

    K1  Equal commitments mean equal transfer, institutions and payload (SHA-256 is collision free).
    K2  The commitment says nothing about the payload to who does not hold the salt.
"""

import hashlib
import hmac
from typing import Any

import rfc8785

SALT_BYTES = 32  # 256 bits: as hard to guess as the hash is to invert
DOMAIN = b"sogdia/travel-rule/commitment/1\x00"


def compute_commitment(
    payload: dict[str, Any], *, transfer: str, originator: str, beneficiary: str, salt: bytes
) -> bytes:
    """Return the 32-byte commitment to `payload` (IVMS101 as JSON values) of one transfer.

    It is SHA-256 over the domain, the salt and the canonical JSON (RFC 8785) of the payload with
    the transfer's id and both institutions, so that it fits no other transfer.

    Raises:
        ValueError: `salt` has not 32 bytes.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"the salt has {len(salt)} bytes, it must have {SALT_BYTES}")
    content = rfc8785.dumps(
        {
            "beneficiary": beneficiary,
            "originator": originator,
            "payload": payload,
            "transfer": transfer,
        }
    )
    return hashlib.sha256(DOMAIN + salt + content).digest()


def is_commitment_to(commitment: bytes, expected: bytes) -> bool:
    """Return whether both are the same, in a time that does not depend on where they differ."""
    return hmac.compare_digest(commitment, expected)
