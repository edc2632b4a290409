"""`eth_account`, imported without what its import does to the process.

One of its dependencies sets the recursion limit to 100,000 when it is imported. At that
limit deep input overflows the C stack and kills the process, where it would have been a
`RecursionError`. Import from here and the limit stays what it was.
"""

import sys
from collections.abc import Mapping
from typing import Any

_limit = sys.getrecursionlimit()

from eth_account import Account  # noqa: E402
from eth_account._utils.legacy_transactions import (  # noqa: E402
    encode_transaction,
    serializable_unsigned_transaction_from_dict,
)
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
    "encode_with_signature",
]


def encode_with_signature(fields: Mapping[str, Any], *, r: int, s: int) -> bytes:
    """Return a transaction of eth-account's field names with a signature given as numbers.

    The y parity is 0; a transaction without a type gets the `v` of EIP-155.
    """
    unsigned = serializable_unsigned_transaction_from_dict(dict(fields))
    is_typed = "type" in fields
    v = 0 if is_typed else 35 + 2 * fields["chainId"]
    return bytes(encode_transaction(unsigned, vrs=(v, r, s)))
