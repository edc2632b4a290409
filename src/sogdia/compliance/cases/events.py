"""An event of a case's history, and the digests that chain it.

A body is hashed with a salt of its own, and only that hash is in the chain. A body can therefore be
erased when the law's time for keeping it is over, while the chain still verifies, and the hash that
remains tells nothing about a name that is easy to guess.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

GENESIS = "0" * 64  # what the first event of a log, and of a case, follows
SALT_BYTES = 32
DOMAIN = "sogdia/cases/1"


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `position` counts the log from 1, `sequence` the case from 1, `at_us` is UTC.

    `body` and `salt` are `None` once erased; `erases` is the position whose body this event ends.
    """

    position: int
    case: str
    sequence: int
    at_us: int
    actor: str
    kind: str
    erases: int | None
    body_digest: str
    previous: str
    previous_in_case: str
    digest: str
    salt: str | None
    body: dict[str, Any] | None


def canonical(value: Any) -> bytes:
    """Return JSON with sorted keys, no spaces, UTF-8: RFC 8785 for texts, whole numbers and ASCII
    keys, which are all that bodies hold; anybody can repeat it with a JSON library.

    Raises:
        ValueError: a fraction, or a key that is not ASCII.
    """
    _refuse_ambiguous(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def body_digest_of(salt: str, body: dict[str, Any]) -> str:
    """Return SHA-256 over the salt's bytes and the canonical body, hexadecimal."""
    return hashlib.sha256(bytes.fromhex(salt) + canonical(body)).hexdigest()


def event_digest_of(event: Event) -> str:
    """Return SHA-256 over everything of `event` but its digest, salt and body, hexadecimal."""
    covered = {
        "domain": DOMAIN,
        "position": event.position,
        "case": event.case,
        "sequence": event.sequence,
        "at_us": event.at_us,
        "actor": event.actor,
        "kind": event.kind,
        "erases": event.erases,
        "body_digest": event.body_digest,
        "previous": event.previous,
        "previous_in_case": event.previous_in_case,
    }
    return hashlib.sha256(canonical(covered)).hexdigest()


def _refuse_ambiguous(value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ValueError(f"the key {key!r} is not ASCII text")
            _refuse_ambiguous(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_ambiguous(inner)
    elif isinstance(value, float):
        raise ValueError(f"{value!r} is a fraction: write an amount as a text or in whole units")
    elif not isinstance(value, str | int | None):
        raise ValueError(f"{type(value).__name__} is not JSON")
    elif isinstance(value, str) and not value.isprintable():
        value.encode("utf-8")  # a lone surrogate has no UTF-8 form and could not be hashed again
