"""The socket of whoever runs the node: methods that no port of a network serves.

G1  The socket and the secret are files that only the node's own user can open.
G2  A call shows a token (`rpc/token.py`) made of the secret, or is answered with 401.
G3  Both are gone when the node has stopped; what a killed node left is replaced.
"""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sogdia.ledger.rpc.http import HttpRefusal, HttpRequest
from sogdia.ledger.rpc.token import SECRET_BYTES, WrongToken, verify_token

SCHEME = "Bearer "
SOCKET_PATH_BYTES_MAX = 107  # of the address that the system takes, with its end


@dataclass(frozen=True, slots=True)
class GuardedFiles:
    """Where the socket and the secret of one node are."""

    socket: Path
    secret: Path

    @classmethod
    def of(cls, socket: Path) -> "GuardedFiles":
        """Return the files that belong together."""
        return cls(socket, socket.with_suffix(".secret"))

    def prepare(self) -> bytes:
        """Remove what a killed node left, write a new secret and return it.

        Raises:
            OSError: the folder cannot be written.
        """
        self.remove()
        self.socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret = secrets.token_bytes(SECRET_BYTES)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self.secret, flags, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secret.hex() + "\n")
        return secret

    def remove(self) -> None:
        """Remove both."""
        self.socket.unlink(missing_ok=True)
        self.secret.unlink(missing_ok=True)


def read_secret(path: Path) -> bytes:
    """Return the secret of a running node.

    Raises:
        OSError: it is not there, or not ours to read.
        ValueError: the file holds something else.
    """
    return bytes.fromhex(path.read_text(encoding="ascii"))


def token_guard(secret: bytes, clock: Callable[[], int]) -> Callable[[HttpRequest], None]:
    """Return what refuses every request without a good token (G2)."""

    def guard(request: HttpRequest) -> None:
        shown = request.headers.get(b"authorization", b"").decode("latin-1")
        try:
            if not shown.startswith(SCHEME):
                raise WrongToken("want the header Authorization: Bearer TOKEN")
            verify_token(shown.removeprefix(SCHEME), secret, clock())
        except WrongToken as wrong:
            raise HttpRefusal(401, str(wrong), "www-authenticate: Bearer\r\n") from None

    return guard
