"""Arguments that several commands take, judged before any node is asked."""

import ipaddress
import re

import click

ADDRESS_DIGITS = 40
HASH_DIGITS = 64


def is_hex(text: str, digits: int) -> bool:
    """Tell whether `text` is 0x and so many hex digits."""
    return re.fullmatch(rf"0x[0-9a-fA-F]{{{digits}}}", text) is not None


def transaction_hash(ctx: click.Context, param: click.Parameter, text: str) -> str:
    """Return the hash as it was typed, or end the command (usage)."""
    if not is_hex(text, HASH_DIGITS):
        words = f"{text!r} is no transaction's hash: 0x and 64 hex digits"
        raise click.BadParameter(words, ctx, param)
    return text


def peer_address(ctx: click.Context, param: click.Parameter, text: str) -> str:
    """Return the address as it was typed, or end the command (usage)."""
    host, _, port = text.rpartition(":")
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
        is_port = 0 < int(port) < 1 << 16
    except ValueError:
        is_port = False
    if not is_port:
        words = f"{text!r} is no peer's address: IP:PORT, as 192.0.2.1:32323"
        raise click.BadParameter(words, ctx, param)
    return text
