"""The `web3_` methods."""

from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.method import Method
from sogdia.ledger.rpc.params import Data, hex_data


def client_version(node: Backend) -> str:
    """Return name, version, commit and build of this node."""
    return node.client_version


def sha3(node: Backend, data: Data) -> str:
    """Return the Keccak-256 hash of the data."""
    del node
    return hex_data(keccak256(data))


METHODS = (Method.of("web3_clientVersion", client_version), Method.of("web3_sha3", sha3))
