"""Public keys and addresses from secp256k1 signatures, one at a time.

Transactions do not come this way: the core recovers them in batches when it decodes them.
"""

from sogdia._core import recover_public_key
from sogdia.ledger.primitives.hashing import keccak256

__all__ = ["CURVE_ORDER", "recover_address", "recover_public_key"]

CURVE_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141  # SEC 2


def recover_address(digest: bytes, y_parity: int, r: int, s: int) -> bytes | None:
    """Return the address that signed `digest` (32 bytes), `None` if no key belongs to it.

    High `s` is taken: whether a signature may have it is a rule of what was signed.
    """
    if y_parity not in (0, 1) or not 0 < r < CURVE_ORDER or not 0 < s < CURVE_ORDER:
        return None
    scalars = r.to_bytes(32, "big"), s.to_bytes(32, "big")
    public_key = recover_public_key(digest, bool(y_parity), *scalars)
    return None if public_key is None else keccak256(public_key)[12:]
