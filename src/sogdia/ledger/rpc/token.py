"""Tokens for the guarded socket: proof that the caller may read the node's secret file.

A token is a JSON Web Token signed with HS256, as consensus clients show one to execution clients
(execution-apis, `engine/authentication.md`), so that their libraries make it: its only claim is
`iat`, the second it was made in.

    A1  A token is good for `TOKEN_TIME_S` around its `iat`: one that leaks is stale soon.
    A2  Signatures are compared in constant time, and no algorithm but HS256 is known.
"""

import base64
import hashlib
import hmac

import msgspec

TOKEN_TIME_S = 60
SECRET_BYTES = 32
_HEAD_BYTES_MAX = 512  # a header and `iat` are 100; what is longer is not parsed


class WrongToken(Exception):
    """The token proves nothing; the text says why."""


class _Head(msgspec.Struct):
    alg: str


class _Claims(msgspec.Struct):
    iat: int


def issue_token(secret: bytes, now: int) -> str:
    """Return a token made at `now`, in seconds since 1970."""
    signed = _encode(b'{"alg":"HS256","typ":"JWT"}') + "." + _encode(b'{"iat":%d}' % now)
    return f"{signed}.{_encode(_sign(secret, signed))}"


def verify_token(token: str, secret: bytes, now: int) -> None:
    """Check A1 and A2.

    Raises:
        WrongToken: it is no token, signed with another secret, or stale.
    """
    parts = token.split(".")
    if len(parts) != 3 or len(token) > _HEAD_BYTES_MAX:
        raise WrongToken("want a JSON Web Token: three parts in base64url")
    try:
        head, claims, signature = (_decode(part) for part in parts)
        if msgspec.json.decode(head, type=_Head).alg != "HS256":
            raise WrongToken("want the algorithm HS256")
        is_ours = hmac.compare_digest(signature, _sign(secret, f"{parts[0]}.{parts[1]}"))
        made = msgspec.json.decode(claims, type=_Claims).iat
    except (msgspec.MsgspecError, ValueError) as error:  # base64's errors are ValueErrors
        raise WrongToken(f"no JSON Web Token: {error}") from None
    if not is_ours:
        raise WrongToken("signed with another secret")
    if abs(now - made) > TOKEN_TIME_S:
        raise WrongToken(f"made {now - made} s ago, good for {TOKEN_TIME_S} s")


def _sign(secret: bytes, text: str) -> bytes:
    return hmac.new(secret, text.encode("ascii"), hashlib.sha256).digest()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
