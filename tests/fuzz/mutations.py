"""Inputs near valid ones: bytes of a corpus, changed as a stranger or a bad medium would."""

import random
from pathlib import Path

from hypothesis import strategies as st

CORPUS = Path(__file__).with_name("corpus")
# Lengths and numbers at which decoders turn.
EDGES = [b"", b"\0", b"\x7f", b"\x80", b"\xb7", b"\xb8", b"\xc0", b"\xf7", b"\xf8", b"\xff"]
EDGES += [b"\xff" * 4, b"\xff" * 8, b"\0" * 32, b"\xff" * 32, b"\xdf\xff\xff\xff\xff", b"[" * 99]
EDGES += [b'"', b"{", b"}", b"null", b"-1", b"1e999", b"9" * 90, b"\xed\xa0\x80", b"\\u0000"]

Mutation = tuple[str, int, int, bytes]

KINDS = ["flip", "drop", "insert", "put", "repeat", "cut"]
_places = st.integers(0, 1 << 20)
_mutations = st.tuples(
    st.sampled_from(KINDS),
    _places,
    _places,
    st.one_of(st.sampled_from(EDGES), st.binary(max_size=12)),
)


def corpus(target: str) -> list[bytes]:
    """Return what is kept for a target: valid inputs, and what was found."""
    return [path.read_bytes() for path in sorted((CORPUS / target).iterdir())]


# Drawn once for all files of a corpus: drawing costs more than decoding.
changes = st.lists(_mutations, min_size=1, max_size=6)


def draw(chance: random.Random) -> list[Mutation]:
    """Return changes without Hypothesis, where what is tried costs more than what is told of it."""
    return [
        (
            chance.choice(KINDS),
            chance.randrange(1 << 20),
            chance.randrange(1 << 20),
            chance.choice(EDGES),
        )
        for _ in range(chance.randint(1, 4))
    ]


def mutate(data: bytes, mutations: list[Mutation]) -> bytes:
    """Return `data` with the changes made, one after the other."""
    changed = bytearray(data)
    for kind, first, second, piece in mutations:
        start = first % (len(changed) + 1)
        end = min(len(changed), start + second % 64)
        match kind:
            case "flip" if start < len(changed):
                changed[start] ^= 1 << second % 8
            case "drop":
                del changed[start:end]
            case "insert":
                changed[start:start] = piece
            case "put":
                changed[start : start + len(piece)] = piece
            case "repeat":
                changed[start:start] = changed[start:end] * (second % 5)
            case "cut":
                del changed[start:]
            case _:
                pass
    return bytes(changed)
