"""How an address is shown to people: hex whose capitals are a checksum (EIP-55)."""

from sogdia.ledger.primitives.hashing import keccak256


def show_address(address: bytes) -> str:
    """Return an address of 20 bytes as wallets show it."""
    digits = address.hex()
    nibbles = keccak256(digits.encode()).hex()
    pairs = zip(digits, nibbles, strict=False)
    return "0x" + "".join(d.upper() if nibble >= "8" else d for d, nibble in pairs)
