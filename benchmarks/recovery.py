"""Taking in signed transactions: our batches against libsecp256k1 called directly.

    uv run python -m benchmarks.recovery

Each round takes the same 1,000 dynamic-fee transfers, on one thread: `decode_transactions` from
Python (decode, checks, two hashes, recovery, address), and in turn the C library through cffi,
recovery and serialisation of the key alone, with digests and signatures laid out before the clock
starts. The second is what no intake can beat with this library. The time is that of the thread, so
that a neighbour on the machine does not count.
"""

import json
import statistics
import time

import coincurve
from coincurve._libsecp256k1 import ffi, lib

from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.rlp import encode, encode_integer
from sogdia.ledger.primitives.transaction import decode_transactions

ROUNDS = 9
BATCH = 1_000
CHAIN_ID = 7
RECOVERABLE = tuple[bytes, bytes]  # digest; r, s and parity in 65 bytes


def make_batch() -> tuple[list[bytes], list[RECOVERABLE]]:
    """Return raw transactions of as many senders, and what their signatures sign."""
    raws: list[bytes] = []
    signatures: list[RECOVERABLE] = []
    for number in range(BATCH):
        key = coincurve.PrivateKey.from_int(number + 1)
        prices = [encode_integer(value) for value in (CHAIN_ID, number, 10**9, 2 * 10**9, 21_000)]
        fields = [*prices, bytes([number % 256]) * 20, encode_integer(10**18), b"", []]
        digest = keccak256(b"\x02" + encode(fields))
        signature = key.sign_recoverable(digest, hasher=None)
        r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:64]))
        raws.append(b"\x02" + encode([*fields, *map(encode_integer, (signature[64], r, s))]))
        signatures.append((digest, signature))
    return raws, signatures


def recover_directly(signatures: list[RECOVERABLE]) -> bytes:
    """Recover every key by the C library's own functions; return the last one, serialised."""
    context = coincurve.context.GLOBAL_CONTEXT.ctx
    signature = ffi.new("secp256k1_ecdsa_recoverable_signature *")
    key = ffi.new("secp256k1_pubkey *")
    output, size = ffi.new("unsigned char [65]"), ffi.new("size_t *")
    for digest, compact in signatures:
        lib.secp256k1_ecdsa_recoverable_signature_parse_compact(
            context, signature, compact, compact[64]
        )
        assert lib.secp256k1_ecdsa_recover(context, key, signature, digest) == 1
        size[0] = 65
        lib.secp256k1_ec_pubkey_serialize(context, output, size, key, lib.SECP256K1_EC_UNCOMPRESSED)
    return bytes(ffi.buffer(output))


def main() -> None:
    """Print microseconds per transaction of both, and their ratio, as JSON."""
    raws, signatures = make_batch()
    (last,) = decode_transactions(raws[-1:], CHAIN_ID)
    assert keccak256(recover_directly(signatures)[1:])[12:] == last.sender
    ours: list[float] = []
    direct: list[float] = []
    for _ in range(ROUNDS):
        started = time.thread_time()
        decode_transactions(raws, CHAIN_ID)
        between = time.thread_time()
        recover_directly(signatures)
        direct.append((time.thread_time() - between) / BATCH * 1e6)
        ours.append((between - started) / BATCH * 1e6)
    ratios = sorted(theirs / own for theirs, own in zip(direct, ours, strict=True))
    result = {
        "decode_and_recover_us": round(statistics.median(ours), 1),
        "libsecp256k1_us": round(statistics.median(direct), 1),
        "ratio": round(statistics.median(ratios), 3),
        "ratio_spread": [round(ratios[0], 3), round(ratios[-1], 3)],
        "rounds": ROUNDS,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
