"""Transfers of Core Space as the harness shows them.

The core reads and checks them, and keeps accounts under hashed addresses (ADR 0141), from which
nobody comes back. What a transfer itself names is read here from its bytes once more.
"""

import functools
from dataclasses import dataclass
from typing import Any

from sogdia.conflux.addresses import encode_address
from sogdia.conflux.keys import core_user_address
from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.rlp import decode, encode, read_fixed, read_integer, read_list
from sogdia.ledger.primitives.signature import recover_address
from sogdia.ledger.rpc.params import hex_data, hex_quantity

_U64, _U256 = 8, 32
FIELD_COUNT = 9
ADDRESS_BYTES = 20
REMEMBERED_MAX = 16_384  # transfers: tests ask for a chain's again and again, and each is recovered


@dataclass(frozen=True, slots=True)
class CoreTransfer:
    """A signed transfer; addresses are of Core Space, amounts in drip."""

    hash: bytes
    nonce: int
    gas_price: int
    gas: int
    to: bytes
    value: int
    storage_limit: int
    epoch_height: int
    chain_id: int
    v: int
    r: int
    s: int
    sender: bytes

    @classmethod
    @functools.lru_cache(REMEMBERED_MAX)
    def read(cls, raw: bytes) -> "CoreTransfer":
        """Read a transfer that the core took.

        Raises:
            InvalidEncoding: it is none.
        """
        fields, *signature = read_list(decode(raw, "transfer"), "transfer", 4)
        content = read_list(fields, "transfer", FIELD_COUNT)
        v, r, s = (read_integer(each, "signature", _U256) for each in signature)
        signer = recover_address(keccak256(encode(fields)), v, r, s)
        assert signer is not None, "the core recovered it when it took the transfer"
        nonce, gas_price, gas = (read_integer(each, "integer", _U256) for each in content[:3])
        storage, epoch, chain = (read_integer(each, "integer", _U64) for each in content[5:8])
        return cls(
            keccak256(raw),
            nonce,
            gas_price,
            gas,
            read_fixed(content[3], "to", ADDRESS_BYTES),
            read_integer(content[4], "value", _U256),
            storage,
            epoch,
            chain,
            v,
            r,
            s,
            core_user_address(signer),
        )

    def members(self, network_id: int) -> dict[str, Any]:
        """Return what `cfx_getTransactionByHash` shows of the transfer itself."""
        return {
            "space": "native",
            "type": hex_quantity(0),
            "hash": hex_data(self.hash),
            "nonce": hex_quantity(self.nonce),
            "from": encode_address(self.sender, network_id),
            "to": encode_address(self.to, network_id),
            "value": hex_quantity(self.value),
            "gasPrice": hex_quantity(self.gas_price),
            "gas": hex_quantity(self.gas),
            "contractCreated": None,
            "data": "0x",
            "storageLimit": hex_quantity(self.storage_limit),
            "epochHeight": hex_quantity(self.epoch_height),
            "chainId": hex_quantity(self.chain_id),
            "v": hex_quantity(self.v),
            "r": hex_quantity(self.r),
            "s": hex_quantity(self.s),
        }


def receipt_members(
    transfer: CoreTransfer, receipt: dict[str, Any], network_id: int
) -> dict[str, Any]:
    """Return what `cfx_getTransactionReceipt` shows, from the receipt in Ethereum's words."""
    has_failed = receipt["status"] != "0x1"
    fee = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
    return {
        "space": "native",
        "type": hex_quantity(0),
        "transactionHash": hex_data(transfer.hash),
        "index": receipt["transactionIndex"],
        "blockHash": receipt["blockHash"],
        "epochNumber": receipt["blockNumber"],
        "from": encode_address(transfer.sender, network_id),
        "to": encode_address(transfer.to, network_id),
        "gasUsed": receipt["gasUsed"],
        "gasFee": hex_quantity(fee),
        "effectiveGasPrice": receipt["effectiveGasPrice"],
        "outcomeStatus": hex_quantity(int(has_failed)),
        "txExecErrorMsg": "the transfer failed" if has_failed else None,
        "contractCreated": None,
        "logs": [],
        "logsBloom": receipt["logsBloom"],
        "gasCoveredBySponsor": False,
        "storageCoveredBySponsor": False,
        "storageCollateralized": hex_quantity(0),
        "storageReleased": [],
    }
