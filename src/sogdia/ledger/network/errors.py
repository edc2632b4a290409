"""What can go wrong between two nodes.

NetworkError
├── HandshakeFailed         the other side is not who it must be, or no node of ours
├── FrameTooLarge           a length beyond the limit, refused before anything is allocated
├── PeerTimeout             nothing came in time
├── PeerTooSlow             the peer does not read what it is sent
├── PeerGone                the connection ended
├── InvalidMessage          bytes that are no message
├── NotThere                the peer does not have what it was asked for
├── Refused                 the other side said no, with its reason
├── RateExceeded            more messages or bytes than the bucket holds
├── Banned                  the address or the identity is banned until a moment
└── CutOff                  this node was told to act as if the line to that one were cut
"""

from dataclasses import dataclass


class NetworkError(Exception):
    """The root of what can go wrong between two nodes."""


@dataclass(eq=False)
class HandshakeFailed(NetworkError):
    """The TLS handshake or the certificate does not prove an identity."""

    reason: str

    def __str__(self) -> str:
        return f"handshake failed: {self.reason}"


@dataclass(eq=False)
class FrameTooLarge(NetworkError):
    """A frame announces more bytes than the limit."""

    length_bytes: int
    limit_bytes: int

    def __str__(self) -> str:
        return f"a frame of {self.length_bytes} bytes; the limit is {self.limit_bytes}"


@dataclass(eq=False)
class PeerTimeout(NetworkError):
    """Nothing, or only part of it, came in time."""

    waited_for: str
    timeout_s: float

    def __str__(self) -> str:
        return f"no {self.waited_for} within {self.timeout_s:g} s"


@dataclass(eq=False)
class PeerTooSlow(NetworkError):
    """The peer does not read what it is sent."""

    waiting_bytes: int
    limit_bytes: int

    def __str__(self) -> str:
        return f"{self.waiting_bytes} bytes wait to be read; the limit is {self.limit_bytes}"


@dataclass(eq=False)
class PeerGone(NetworkError):
    """The connection ended."""

    reason: str

    def __str__(self) -> str:
        return f"the connection ended: {self.reason}"


@dataclass(eq=False)
class InvalidMessage(NetworkError):
    """Bytes that are no message of this protocol."""

    kind: str
    reason: str

    def __str__(self) -> str:
        return f"invalid {self.kind}: {self.reason}"


@dataclass(eq=False)
class NotThere(NetworkError):
    """The peer does not have what it was asked for; that alone is no offence."""

    what: str

    def __str__(self) -> str:
        return f"the peer does not have {self.what}"


@dataclass(eq=False)
class Refused(NetworkError):
    """The other side said no."""

    reason: str

    def __str__(self) -> str:
        return f"the peer refused: {self.reason}"


@dataclass(eq=False)
class RateExceeded(NetworkError):
    """A peer sent more than its bucket holds."""

    what: str
    rate_per_s: float

    def __str__(self) -> str:
        return f"more {self.what} than {self.rate_per_s:g} a second"


@dataclass(eq=False)
class Banned(NetworkError):
    """The address or the identity may not connect yet."""

    who: str
    until_s: int
    reason: str

    def __str__(self) -> str:
        return f"{self.who} is banned until {self.until_s}: {self.reason}"


@dataclass(eq=False)
class CutOff(NetworkError):
    """A drill has cut the line to this peer."""

    who: str

    def __str__(self) -> str:
        return f"the line to {self.who} is cut"
