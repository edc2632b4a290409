"""Travel addresses: the HTTPS address of an institution's inbox in a form people can copy.

Source: OpenVASP Travel Rule Protocol, core specification, "Travel Address": `ta` and the
Base58Check form of the URL without its scheme, which carries the tag `t=i`.
"""

from urllib.parse import parse_qs, urlsplit

import base58

PREFIX = "ta"
ADDRESS_CHARACTERS_MAX = 1_000  # Base58 is quadratic in its length; real addresses have under 200


class InvalidTravelAddress(ValueError):
    """Not a travel address; the message says why."""


def encode_travel_address(url: str) -> str:
    """Return the travel address of the HTTPS `url`, adding the tag `t=i` when it is missing.

    Raises:
        InvalidTravelAddress: not HTTPS, or without a host.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username:
        raise InvalidTravelAddress(f"{url!r} is not an HTTPS address with a host")
    bare = url.removeprefix("https://")
    if parse_qs(parts.query).get("t") != ["i"]:
        bare += ("&" if parts.query else "?") + "t=i"
    return PREFIX + base58.b58encode_check(bare.encode()).decode()


def decode_travel_address(address: str) -> str:
    """Return the HTTPS URL in `address`.

    Raises:
        InvalidTravelAddress: wrong prefix, alphabet, checksum or tag, or over 1,000 characters.
    """
    if not address.startswith(PREFIX) or len(address) > ADDRESS_CHARACTERS_MAX:
        raise InvalidTravelAddress(
            f"{address[:60]!r} does not start with {PREFIX!r} or is too long"
        )
    try:
        bare = base58.b58decode_check(address.removeprefix(PREFIX)).decode("ascii")
    except ValueError as error:
        raise InvalidTravelAddress(f"{address[:60]!r}: {error}") from None
    url = "https://" + bare
    parts = urlsplit(url)
    if not parts.hostname or parts.username or parse_qs(parts.query).get("t") != ["i"]:
        raise InvalidTravelAddress(f"{address[:60]!r} holds no address of an inbox (tag t=i)")
    return url


def origin_of(url: str) -> str:
    """Return scheme, host and port of `url`, lower case, the port left out when it is 443."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in {None, 443} else f":{parts.port}"
    return f"{parts.scheme.lower()}://{host}{port}"
