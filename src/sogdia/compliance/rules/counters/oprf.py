"""The verifiable oblivious pseudorandom function of RFC 9497, suite ristretto255-SHA512.

    O1  The blinder sees a uniformly random point: it learns nothing of the input.
    O2  The output is the same for every venue, as long as the blinder uses one key; the proof
        shows that it did, so that it cannot mark a client or split one client into two.

The group and its hash are libsodium's; what is here is the composition that the RFC writes down.
"""

import hashlib
from dataclasses import dataclass

import rbcl

MODE_OPRF, MODE_VOPRF = 0, 1
SUITE = b"ristretto255-SHA512"
POINT_BYTES = SCALAR_BYTES = 32
# RFC 9497 prefixes inputs by two bytes of length.
INPUT_BYTES_MAX = 2**16 - 1


class OprfError(ValueError):
    """A point, scalar or proof that is not valid. The message says which."""


@dataclass(frozen=True, slots=True)
class Blinded:
    """A venue's side of one evaluation; `element` is sent, the rest is kept."""

    element: bytes
    blind: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that two pairs of points have one discrete logarithm."""

    challenge: bytes
    response: bytes


def context(mode: int) -> bytes:
    """Return the context string of a mode (RFC 9497 §3.1)."""
    return b"OPRFV1-" + bytes([mode]) + b"-" + SUITE


def new_key() -> bytes:
    """Return a new private key from libsodium's generator."""
    return bytes(rbcl.crypto_core_ristretto255_scalar_random())


def public_key(key: bytes) -> bytes:
    """Return the public key that venues pin."""
    return bytes(rbcl.crypto_scalarmult_ristretto255_base(key))


def blind(data: bytes, *, mode: int = MODE_VOPRF, factor: bytes | None = None) -> Blinded:
    """Blind an input. `factor` is random unless given, which only a test vector does."""
    if len(data) > INPUT_BYTES_MAX:
        raise OprfError(f"the input has {len(data)} bytes, at most {INPUT_BYTES_MAX} are allowed")
    factor = factor or bytes(rbcl.crypto_core_ristretto255_scalar_random())
    return Blinded(_multiply(factor, hash_to_group(data, mode)), factor, data)


def evaluate(key: bytes, element: bytes) -> bytes:
    """Evaluate a blinded element with the private key. Raises OprfError for a bad point."""
    return _multiply(key, _point(element))


def finalize(blinded: Blinded, evaluated: bytes) -> bytes:
    """Take the blind off and return the 64-byte output (RFC 9497 §3.3.1)."""
    inverse = rbcl.crypto_core_ristretto255_scalar_invert(blinded.blind)
    unblinded = _multiply(bytes(inverse), _point(evaluated))
    return hashlib.sha512(_sized(blinded.data) + _sized(unblinded) + b"Finalize").digest()


def prove(key: bytes, element: bytes, evaluated: bytes) -> Proof:
    """Prove that `evaluated` was made with the key of the public key (RFC 9497 §2.2.1)."""
    nonce = bytes(rbcl.crypto_core_ristretto255_scalar_random())
    m, z = _composites(public_key(key), element, evaluated)
    t2 = bytes(rbcl.crypto_scalarmult_ristretto255_base(nonce))
    t3 = _multiply(nonce, m)
    challenge = _challenge(public_key(key), m, z, t2, t3)
    product = rbcl.crypto_core_ristretto255_scalar_mul(challenge, key)
    return Proof(challenge, bytes(rbcl.crypto_core_ristretto255_scalar_sub(nonce, product)))


def verify(public: bytes, element: bytes, evaluated: bytes, proof: Proof) -> None:
    """Check a proof against the pinned public key. Raises OprfError when it does not hold."""
    for scalar in (proof.challenge, proof.response):
        if len(scalar) != SCALAR_BYTES:
            raise OprfError(f"a scalar of a proof has {len(scalar)} bytes, not {SCALAR_BYTES}")
    m, z = _composites(_point(public), _point(element), _point(evaluated))
    base = bytes(rbcl.crypto_scalarmult_ristretto255_base(proof.response))
    t2 = _add(base, _multiply(proof.challenge, public))
    t3 = _add(_multiply(proof.response, m), _multiply(proof.challenge, z))
    if _challenge(public, m, z, t2, t3) != proof.challenge:
        raise OprfError("the blinder's proof does not hold: it used another key than the pinned")


def hash_to_group(data: bytes, mode: int) -> bytes:
    """Hash bytes to a point of unknown discrete logarithm (RFC 9497 §4.1)."""
    uniform = _expand(data, b"HashToGroup-" + context(mode))
    return bytes(rbcl.crypto_core_ristretto255_from_hash(uniform))


def _hash_to_scalar(data: bytes) -> bytes:
    uniform = _expand(data, b"HashToScalar-" + context(MODE_VOPRF))
    return bytes(rbcl.crypto_core_ristretto255_scalar_reduce(uniform))


def _expand(data: bytes, tag: bytes) -> bytes:
    """Return 64 uniform bytes: expand_message_xmd of RFC 9380 §5.3.1 with one SHA-512 block."""
    tag += bytes([len(tag)])
    first = hashlib.sha512(bytes(128) + data + (64).to_bytes(2, "big") + b"\0" + tag).digest()
    return hashlib.sha512(first + b"\1" + tag).digest()


def _composites(public: bytes, element: bytes, evaluated: bytes) -> tuple[bytes, bytes]:
    seed_tag = b"Seed-" + context(MODE_VOPRF)
    seed = hashlib.sha512(_sized(public) + _sized(seed_tag)).digest()
    transcript = (
        _sized(seed) + (0).to_bytes(2, "big") + _sized(element) + _sized(evaluated) + b"Composite"
    )
    weight = _hash_to_scalar(transcript)
    return _multiply(weight, element), _multiply(weight, evaluated)


def _challenge(public: bytes, m: bytes, z: bytes, t2: bytes, t3: bytes) -> bytes:
    return _hash_to_scalar(b"".join(map(_sized, (public, m, z, t2, t3))) + b"Challenge")


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def _point(data: bytes) -> bytes:
    if len(data) != POINT_BYTES or not rbcl.crypto_core_ristretto255_is_valid_point(data):
        raise OprfError(f"{data.hex()[:80]!r} is not a point of ristretto255")
    if data == bytes(POINT_BYTES):
        raise OprfError("the identity is not a usable point")
    return data


def _multiply(scalar: bytes, point: bytes) -> bytes:
    try:
        return bytes(rbcl.crypto_scalarmult_ristretto255(scalar, point))
    except (RuntimeError, ValueError, TypeError) as error:
        raise OprfError(f"cannot multiply: {error}") from None


def _add(left: bytes, right: bytes) -> bytes:
    return bytes(rbcl.crypto_core_ristretto255_add(left, right))
