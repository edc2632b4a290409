"""`eth_account`, imported without what its import does to the process.

One of its dependencies sets the recursion limit to 100,000 when it is imported. At that
limit deep input overflows the C stack and kills the process, where it would have been a
`RecursionError`. Import from here and the limit stays what it was.
"""

import sys

_limit = sys.getrecursionlimit()

from eth_account import Account  # noqa: E402
from eth_account.messages import (  # noqa: E402
    SignableMessage,
    encode_defunct,
    encode_typed_data,
)

sys.setrecursionlimit(_limit)

__all__ = [
    "Account",
    "SignableMessage",
    "encode_defunct",
    "encode_typed_data",
]
