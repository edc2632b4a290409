"""The secp256k1 key by which the harness knows a node, and addresses of keys.

Peers prove an ed25519 identity to each other. The harness asks for a secp256k1 signature instead
and looks for that key among a node's peers: so a node names it in the agent string of its hello.
"""

import base64
import binascii
from pathlib import Path

from coincurve import PrivateKey, PublicKey

from sogdia.ledger.primitives.hashing import keccak256

AGENT_NAME = "sogdia-conflux"
KEY_BYTES = 32
CORE_USER_NIBBLE = 0x10  # the first four bits of a Core Space address say what it is the address of


class HarnessKey:
    """A node's key."""

    def __init__(self, secret: bytes) -> None:
        self._private = PrivateKey(secret)

    @classmethod
    def load_or_create(cls, path: Path, fresh_secret: bytes) -> "HarnessKey":
        """Return the key at `path`; if there is none, `fresh_secret` becomes it.

        Raises:
            OSError: the file cannot be read or written.
        """
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(fresh_secret)
        return cls(path.read_bytes())

    def sign(self, challenge: bytes) -> bytes:
        """Return the recoverable signature r, s, v of keccak of `challenge`: 65 bytes, v 0 or 1."""
        return self._private.sign_recoverable(challenge, hasher=keccak256)

    @property
    def node_id(self) -> bytes:
        """The public key, 64 bytes."""
        return self._private.public_key.format(compressed=False)[1:]

    @property
    def agent(self) -> str:
        """What this node's hello says: 59 characters."""
        return f"{AGENT_NAME} {base64.b64encode(self._private.public_key.format()).decode()}"


def node_id_in(agent: str) -> bytes | None:
    """Return the 64-byte public key that a peer's agent string names, None if it names none."""
    name, _, key = agent.partition(" ")
    if name != AGENT_NAME:
        return None
    try:
        return PublicKey(base64.b64decode(key, validate=True)).format(compressed=False)[1:]
    except (binascii.Error, ValueError):
        return None


def address_of_key(secret: bytes) -> bytes:
    """Return the eSpace address of a private key."""
    public = PrivateKey(secret).public_key.format(compressed=False)[1:]
    return keccak256(public)[12:]


def core_address_of_key(secret: bytes) -> bytes:
    """Return the Core Space address of a private key."""
    return core_user_address(address_of_key(secret))


def core_state_address(address: bytes) -> bytes:
    """Return under which address the state keeps an account of Core Space.

    The state knows one space. Hashed, with a name that nothing else is hashed with, an account of
    Core Space meets none of eSpace, whatever keys they have (ADR 0141).
    """
    return keccak256(b"core space" + address)[12:]


def core_user_address(address: bytes) -> bytes:
    """Return `address` with the type of an ordinary Core Space account."""
    return bytes((address[0] & 0x0F | CORE_USER_NIBBLE,)) + address[1:]
