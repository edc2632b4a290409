"""Core Space addresses as text (CIP-37): the network's prefix, base32, and a checksum of 40 bits.

The polynomial and the alphabet are the CIP's own; the polynomial is that of Bitcoin Cash's
addresses.
"""

from sogdia.ledger.primitives.errors import SogdiaError

ALPHABET = "abcdefghjkmnprstuvwxyz0123456789"
GENERATORS = (0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)
CHECKSUM_DIGITS = 8
ADDRESS_BYTES = 20
DIGITS = 34  # of a version byte and 20 bytes
VERSION = 0
NAMED_NETWORKS = {1029: "cfx", 1: "cfxtest"}


class InvalidCoreAddress(SogdiaError):
    """A text that is no Core Space address of this network."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text, reason)
        self.text = text
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.text!r} is no Core Space address: {self.reason}"


def prefix_of(network_id: int) -> str:
    """Return what the addresses of a network begin with."""
    return NAMED_NETWORKS.get(network_id, f"net{network_id}")


def encode_address(address: bytes, network_id: int) -> str:
    """Return a 20-byte address as text, in capitals and with its type, as CIP-37 recommends."""
    prefix = prefix_of(network_id)
    digits = _to_digits(bytes((VERSION,)) + address)
    text = "".join(ALPHABET[digit] for digit in digits + _checksum(prefix, digits))
    return f"{prefix}:{text}".upper() if network_id in NAMED_NETWORKS else f"{prefix}:{text}"


def decode_address(text: str, network_id: int) -> bytes:
    """Return the 20 bytes of an address of this network.

    Raises:
        InvalidCoreAddress: its reason says what is wrong.
    """
    lower = text.lower()
    if lower != text and text.upper() != text:
        raise InvalidCoreAddress(text, "capitals and small letters are mixed")
    prefix, _, rest = lower.partition(":")
    word = rest.rpartition(":")[2]  # between them the type of the address may stand
    if prefix != prefix_of(network_id):
        raise InvalidCoreAddress(text, f"it must begin with {prefix_of(network_id)}:")
    if len(word) != DIGITS + CHECKSUM_DIGITS or set(word) - set(ALPHABET):
        raise InvalidCoreAddress(text, f"want {DIGITS + CHECKSUM_DIGITS} digits of base32")
    digits = [ALPHABET.index(letter) for letter in word]
    if _checksum(prefix, digits[:DIGITS]) != digits[DIGITS:]:
        raise InvalidCoreAddress(text, "its checksum is wrong")
    number = 0
    for digit in digits[:DIGITS]:
        number = number << 5 | digit
    padding = DIGITS * 5 - 8 * (ADDRESS_BYTES + 1)
    data = (number >> padding).to_bytes(ADDRESS_BYTES + 1, "big")
    if number & ((1 << padding) - 1) or data[0] != VERSION:
        raise InvalidCoreAddress(text, "its version is unknown")
    return data[1:]


def _to_digits(data: bytes) -> list[int]:
    number = int.from_bytes(data, "big") << (DIGITS * 5 - 8 * len(data))
    return [number >> 5 * place & 31 for place in reversed(range(DIGITS))]


def _checksum(prefix: str, digits: list[int]) -> list[int]:
    padded = [ord(letter) & 31 for letter in prefix] + [0] + digits + [0] * CHECKSUM_DIGITS
    value = _remainder(padded) ^ 1
    return [value >> 5 * place & 31 for place in reversed(range(CHECKSUM_DIGITS))]


def _remainder(digits: list[int]) -> int:
    value = 1
    for digit in digits:
        top = value >> 35
        value = (value & 0x07FFFFFFFF) << 5 ^ digit
        for place, generator in enumerate(GENERATORS):
            if top >> place & 1:
                value ^= generator
    return value
