"""Precompiles at the edges of their inputs, against Ethereum's executable specification.

A contract hands its call data on with nearly all of its gas and keeps what came back: success,
size and hash of the output. The gas is in the receipt.
"""

import random

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from eth_typing import Hash32
from tests.reference.ethereum_specification import SpecifiedAccount
from tests.seed import SEED
from tests.unit.ledger.execution.builders import address_of, sign, signer
from tests.unit.ledger.execution.test_against_specification import FORKS, agree

ALICE = signer(1)
BN_P = 0x30644E72E131A029B85045B68181585D97816A916871CA8D3C208C16D87CFD47
BN_N = 0x30644E72E131A029B85045B68181585D2833E84879B9709143E1F593F0000001
P256_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
EDGES = (0, 1, 2, BN_P - 1, BN_P, BN_N, BN_N + 1, P256_N, P256_P, (1 << 256) - 1)


def forwarder(target: int) -> bytes:
    """Return code that calls `target` with its call data and keeps what came back."""
    call = "60006000" + "36" + "6000" + "6000" + f"61{target:04x}" + "5a" + "f1"
    keep = "600055" + "3d600155" + "3d60006000" + "3e" + "3d600020600255" + "00"
    return bytes.fromhex("366000600037" + call + keep)


def word(value: int) -> bytes:
    """Return 32 bytes."""
    return value.to_bytes(32, "big")


def modexp(chance: random.Random) -> bytes:
    """Lengths and numbers around the bounds: 0, 32, 1,024 (EIP-7823), and lengths that lie."""
    sizes = [chance.choice((0, 1, 31, 32, 33, 64, 96, 1_023, 1_024, 1_025)) for _ in range(3)]
    if sum(sizes) > 1_300:
        sizes[chance.randrange(3)] = 0
    body = b"".join(
        chance.choice(
            (chance.randbytes(size), bytes(size), bytes(size)[:-1] + b"\x01" * (size > 0))
        )
        for size in sizes
    )
    if chance.random() < 0.1:
        # The specification adds to a length within 256 bits and ends with an error of its own.
        sizes[chance.randrange(3)] = chance.choice((1 << 32, 1 << 64, 1 << 255))
    data = b"".join(map(word, sizes)) + body
    return data[: chance.choice((len(data), len(data), len(data) // 2, 95))]


def verify(chance: random.Random) -> bytes:
    """A signature over P-256: right, with a changed part, or with numbers out of range."""
    key = ec.derive_private_key(chance.randrange(1, P256_N), ec.SECP256R1())
    message = chance.randbytes(40)
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    digest = hashes.Hash(hashes.SHA256())
    digest.update(message)
    public = key.public_key().public_numbers()
    parts = [int.from_bytes(digest.finalize(), "big"), r, s, public.x, public.y]
    roll = chance.random()
    if roll < 0.2:
        parts[2] = P256_N - s  # high s is right here
    elif roll < 0.5:
        parts[chance.randrange(5)] = chance.choice((*EDGES, chance.getrandbits(256)))
    data = b"".join(map(word, parts))
    return data + b"\0" if chance.random() < 0.1 else data[: chance.choice((160, 160, 160, 159, 0))]


def numbers(chance: random.Random) -> bytes:
    """Words: the edges of the fields, small ones, the generators of the curve."""
    choices = (*EDGES, 3, chance.getrandbits(256))
    points = (word(1) + word(2), bytes(64), word(chance.choice(choices)) + word(2))
    data = b"".join(chance.choice(points) for _ in range(chance.randint(0, 6)))
    return data[: chance.choice((len(data), len(data), 96, 63))]


def rounds(chance: random.Random) -> bytes:
    """Blake2's compression: few rounds or many, right and wrong sizes and flags."""
    count = chance.choice((0, 1, 12, 4_000, 1 << 31))
    data = count.to_bytes(4, "big") + chance.randbytes(208) + bytes([chance.choice((0, 1, 1, 2))])
    return data[: chance.choice((213, 213, 213, 212))]


def recovery(chance: random.Random) -> bytes:
    """ecrecover's four words, right or wrong."""
    signed = ALICE.unsafe_sign_hash(Hash32(chance.randbytes(32)))
    parts = [int.from_bytes(signed.message_hash, "big"), signed.v, signed.r, signed.s]
    if chance.random() < 0.6:
        parts[chance.randrange(1, 4)] = chance.choice((0, 1, 27, 28, 29, *EDGES))
    return b"".join(map(word, parts))[: chance.choice((128, 128, 127, 64))]


def any_bytes(chance: random.Random) -> bytes:
    """Bytes for the hashes, the copy, and as nonsense for the others."""
    return chance.randbytes(chance.choice((0, 1, 55, 56, 64, 160, 192, 256, 288, 384)))


INPUTS = {0x01: recovery, 0x05: modexp, 0x06: numbers, 0x07: numbers, 0x09: rounds, 0x100: verify}
OTHERS = (0x02, 0x03, 0x04, 0x08, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x12)


def check(seed: str, target: int, fork: str) -> None:
    """Call a precompile once on both sides."""
    chance = random.Random(f"{seed} {target}")
    data = INPUTS.get(target, any_bytes)(chance)
    contract = b"\xcc" * 20
    accounts = {
        address_of(ALICE): SpecifiedAccount(balance=10**20),
        contract: SpecifiedAccount(nonce=1, code=forwarder(target)),
    }
    gas = chance.choice((200_000, 1_000_000, 5_000_000))
    agree(accounts, [sign(ALICE, 0, to=contract, data=data, gas=gas)], fork)


@pytest.mark.parametrize("target", [*INPUTS, *OTHERS], ids=hex)
@pytest.mark.parametrize("fork", FORKS)
def test_edges_of_precompiles(fork: str, target: int) -> None:
    """A sample; the seed is printed with a failure."""
    print(f"seed {SEED}")
    for number in range(6 if target in INPUTS else 2):
        check(f"{SEED} {number}", target, fork)


@pytest.mark.full
@pytest.mark.parametrize("target", [*INPUTS, *OTHERS], ids=hex)
@pytest.mark.parametrize("fork", FORKS)
def test_many_edges_of_precompiles(fork: str, target: int) -> None:
    """Three hundred of each."""
    print(f"seed {SEED}")
    for number in range(300):
        check(f"{SEED} {number}", target, fork)
