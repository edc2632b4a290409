"""What a failure says, in words: Solidity's errors and panics, and why the machine halted."""

ERROR_SELECTOR = bytes.fromhex("08c379a0")
PANIC_SELECTOR = bytes.fromhex("4e487b71")

# https://docs.soliditylang.org/en/latest/control-structures.html#panic-via-assert-and-error-via-require
PANICS = {
    0x00: "generic panic",
    0x01: "assert(false)",
    0x11: "arithmetic underflow or overflow",
    0x12: "division or modulo by zero",
    0x21: "enum overflow",
    0x22: "invalid encoded storage byte array accessed",
    0x31: "out-of-bounds array access; popping on an empty array",
    0x32: "out-of-bounds access of an array or bytesN",
    0x41: "out of memory",
    0x51: "uninitialized function",
}

# The core's words for a halt -> go-ethereum's, on which tools match. Others are alike.
HALTS = {
    "invalid 0xFE opcode": "invalid opcode: INVALID",
    "opcode not found": "invalid opcode",
    "feature or opcode not activated": "invalid opcode: not activated",
    "out of offset": "return data out of bounds",
    "create collision": "contract address collision",
    "nonce overflow": "nonce uint64 overflow",
    "create contract size limit": "max code size exceeded",
    "create contract starting with 0xEF": "invalid code: must not begin with 0xef",
    "create initcode size limit": "max initcode size exceeded",
    "state change during static call": "write protection",
    "call not allowed inside static call": "write protection",
    "out of funds": "insufficient balance for transfer",
    "call too deep": "max call depth exceeded",
}


def halt_reason(halt: str) -> str:
    """Return go-ethereum's words for why the machine halted."""
    return HALTS.get(halt, halt)


def revert_reason(output: bytes) -> str | None:
    """Return the reason that revert data carries, or `None`: custom errors need an ABI."""
    selector, body = output[:4], output[4:]
    if selector == PANIC_SELECTOR and len(body) >= 32:
        code = int.from_bytes(body[:32])
        return PANICS.get(code, f"unknown panic code: {code:#x}")
    if selector != ERROR_SELECTOR or len(body) < 64:
        return None
    offset = int.from_bytes(body[:32])
    start = offset + 32
    if start > len(body):
        return None
    length = int.from_bytes(body[offset:start])
    text = body[start : start + length]
    if len(text) != length:
        return None
    return text.decode("utf-8", errors="replace")
