"""What an executed transaction leaves, as the receipts root commits to it.

`[status, gas used in the epoch up to here, price per gas, [log, ...]]`. There is no bloom filter in
it: it follows from the logs, and the epoch's is committed to beside the root.
"""

from dataclasses import dataclass

from sogdia.ledger.primitives.log import Log, log_from_item
from sogdia.ledger.primitives.rlp import (
    decode,
    encode,
    encode_integer,
    read_flag,
    read_integer,
    read_list,
)

_U64, _U256 = 8, 32


@dataclass(frozen=True, slots=True)
class Receipt:
    """Gas in units, price in drip per unit."""

    is_success: bool
    cumulative_gas_used: int
    """Of this and all earlier transactions of the epoch."""
    gas_price: int
    """What was paid per unit of gas."""
    logs: tuple[Log, ...] = ()

    def encode(self) -> bytes:
        """Return the leaf of the receipts root."""
        return encode(
            [
                encode_integer(self.is_success),
                encode_integer(self.cumulative_gas_used),
                encode_integer(self.gas_price),
                [log.to_item() for log in self.logs],
            ]
        )

    @classmethod
    def decode(cls, data: bytes) -> "Receipt":
        """Read a leaf.

        Raises:
            InvalidEncoding: the subclass is the rule, `field` the place.
        """
        status, gas, price, logs = read_list(decode(data, "receipt"), "receipt", 4)
        return cls(
            is_success=read_flag(status, "receipt.status"),
            cumulative_gas_used=read_integer(gas, "receipt.cumulative_gas_used", _U64),
            gas_price=read_integer(price, "receipt.gas_price", _U256),
            logs=tuple(log_from_item(log) for log in read_list(logs, "receipt.logs")),
        )
