"""Who a node is: an ed25519 key, and nothing else.

I1  The identity of a node is its public key, 32 bytes; addresses come and go.
I2  The private key is written once, readable by its owner only.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_BYTES = 32


class UnreadableNodeKey(Exception):
    """The node's key file does not hold 32 bytes."""

    def __init__(self, path: Path, length_bytes: int) -> None:
        super().__init__(path, length_bytes)
        self.path = path
        self.length_bytes = length_bytes

    def __str__(self) -> str:
        return (
            f"{self.path} holds {self.length_bytes} bytes, a node key has {KEY_BYTES}: restore it "
            "from a backup, or delete it and the node gets a new identity"
        )


@dataclass(frozen=True, slots=True)
class NodeIdentity:
    """A node's key pair."""

    private: Ed25519PrivateKey

    @property
    def node_id(self) -> bytes:
        """The public key, 32 bytes."""
        return self.private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        return self.private.sign(message)

    @staticmethod
    def from_seed(seed: bytes) -> "NodeIdentity":
        """Return the identity whose private key is `seed`, 32 bytes."""
        return NodeIdentity(Ed25519PrivateKey.from_private_bytes(seed))

    @staticmethod
    def load_or_create(path: Path, *, fresh_seed: bytes) -> "NodeIdentity":
        """Return the identity kept at `path`, writing one from `fresh_seed` when there is none.

        Raises:
            UnreadableNodeKey: the file is there and does not hold a key.
        """
        if path.exists():
            seed = path.read_bytes()
            if len(seed) != KEY_BYTES:
                raise UnreadableNodeKey(path, len(seed))
            return NodeIdentity.from_seed(seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".new")
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(fresh_seed)
            file.flush()
            os.fsync(file.fileno())
        scratch.rename(path)
        return NodeIdentity.from_seed(fresh_seed)


def is_signed_by(node_id: bytes, signature: bytes, message: bytes) -> bool:
    """Return whether `signature` over `message` is `node_id`'s."""
    try:
        Ed25519PublicKey.from_public_bytes(node_id).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
