"""Recovery against the library itself, called through another binding."""

import coincurve
from hypothesis import given
from hypothesis import strategies as st

from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.signature import CURVE_ORDER, recover_address, recover_public_key

DIGESTS = st.binary(min_size=32, max_size=32)


@given(DIGESTS, st.integers(1, CURVE_ORDER - 1))
def test_the_signer_is_recovered(digest: bytes, secret: int) -> None:
    """coincurve signs; we find its public key, and the other parity finds another."""
    key = coincurve.PrivateKey.from_int(secret)
    signature = key.sign_recoverable(digest, hasher=None)
    public = key.public_key.format(compressed=False)[1:]
    r, s, parity = signature[:32], signature[32:64], signature[64]
    assert recover_public_key(digest, bool(parity), r, s) == public
    assert recover_public_key(digest, not parity, r, s) != public
    found = recover_address(digest, parity, int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    assert found == keccak256(public)[12:]


@given(DIGESTS, st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_any_bytes_are_recovered_or_not_as_by_coincurve(digest: bytes, r: bytes, s: bytes) -> None:
    """Half of all r are no x coordinate of a point."""
    for parity in (0, 1):
        try:
            expected = coincurve.PublicKey.from_signature_and_message(
                r + s + bytes((parity,)), digest, hasher=None
            ).format(compressed=False)[1:]
        except Exception:
            expected = None
        assert recover_public_key(digest, bool(parity), r, s) == expected


def test_scalars_out_of_range_have_no_signer() -> None:
    """Zero, the order, and a parity that is none."""
    good = (b"d" * 32, 0, 1, 1)
    assert recover_address(*good) is not None
    for bad in ((0, 0, 1), (0, CURVE_ORDER, 1), (0, 1, 0), (0, 1, CURVE_ORDER), (2, 1, 1)):
        assert recover_address(b"d" * 32, *bad) is None
