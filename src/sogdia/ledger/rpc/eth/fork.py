"""`eth_config` (EIP-7910): which rules are in force, and where what belongs to them stands.

A network's rules hold from its first block, and none are scheduled to follow.
"""

import zlib
from typing import Any

from sogdia.ledger.params.contracts import HISTORY_CONTRACT
from sogdia.ledger.rpc.backend import Backend
from sogdia.ledger.rpc.method import Method, OffLoop
from sogdia.ledger.rpc.params import hex_data, hex_quantity

# Osaka's (ADR 0180), by the EIP's names.
PRECOMPILES = {
    "ECREC": 0x01,
    "SHA256": 0x02,
    "RIPEMD160": 0x03,
    "ID": 0x04,
    "MODEXP": 0x05,
    "BN254_ADD": 0x06,
    "BN254_MUL": 0x07,
    "BN254_PAIRING": 0x08,
    "BLAKE2F": 0x09,
    "KZG_POINT_EVALUATION": 0x0A,
    "BLS12_G1ADD": 0x0B,
    "BLS12_G1MSM": 0x0C,
    "BLS12_G2ADD": 0x0D,
    "BLS12_G2MSM": 0x0E,
    "BLS12_PAIRING_CHECK": 0x0F,
    "BLS12_MAP_FP_TO_G1": 0x10,
    "BLS12_MAP_FP2_TO_G2": 0x11,
    "P256VERIFY": 0x100,
}
# No block may hold a blob. The fraction is Osaka's, so that nobody who divides by it fails.
NO_BLOBS = {"target": 0, "max": 0, "baseFeeUpdateFraction": 5_007_716}


def config(node: Backend) -> OffLoop:
    """Return the rules in force (EIP-7910)."""

    def run() -> dict[str, Any]:
        address, code = HISTORY_CONTRACT
        has_history = node.executor.code(address) == code
        genesis = node.consensus.genesis
        current = {
            "activationTime": node.consensus.header(genesis).timestamp,
            "blobSchedule": NO_BLOBS,
            "chainId": hex_quantity(node.chain_id),
            # No fork follows the genesis: EIP-6122's checksum is of its hash alone.
            "forkId": hex_data(zlib.crc32(genesis).to_bytes(4, "big")),
            "precompiles": {
                name: hex_data(number.to_bytes(20, "big")) for name, number in PRECOMPILES.items()
            },
            "systemContracts": (
                {"HISTORY_STORAGE_ADDRESS": hex_data(address)} if has_history else {}
            ),
        }
        return {"current": current, "next": None, "last": None}

    return OffLoop(run)


METHODS = (Method.of("eth_config", config),)
