"""Alerts: what screening, monitoring, the rules or the travel rule noticed."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct, field

from sogdia.compliance.cases.errors import InvalidAlert
from sogdia.compliance.cases.events import canonical

ALERT_BYTES_MAX = 256 << 10  # a hit with a hundred explained candidates has under 100 kB
SUBJECT_MAX = 200  # characters; a customer's number, not a name


class Alert(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One alert about `subject`, the institution's own number for a customer.

    `source` is who noticed (`screening`, `monitoring`, `rules`, `travel-rule`), `reason` why in
    words, `evidence` what it rests on: list snapshot and digest, score, explanation, decision.
    """

    subject: str
    source: str
    reason: str
    evidence: dict[str, Any] = field(default_factory=dict)

    def fingerprint(self) -> str:
        """Return SHA-256 of the alert: the same alert twice is one alert."""
        return hashlib.sha256(canonical(self.as_body())).hexdigest()

    def as_body(self) -> dict[str, Any]:
        """Return the alert as JSON values.

        Raises:
            InvalidAlert: empty or too long, or evidence that JSON cannot hold exactly.
        """
        if not 0 < len(self.subject) <= SUBJECT_MAX or not self.source or not self.reason:
            raise InvalidAlert(f"subject (to {SUBJECT_MAX} characters), source, reason are needed")
        body = {
            "subject": self.subject,
            "source": self.source,
            "reason": self.reason,
            "evidence": self.evidence,
        }
        try:
            size = len(canonical(body))
        except ValueError as error:
            raise InvalidAlert(f"the evidence cannot be kept exactly: {error}") from None
        if size > ALERT_BYTES_MAX:
            raise InvalidAlert(f"the alert has {size} bytes, at most {ALERT_BYTES_MAX} are kept")
        return body


def read_alerts(lines: Iterator[str], name: str) -> list[Alert]:
    """Return the alerts in JSON lines; fractions become texts, so that they stay exact.

    Raises:
        InvalidAlert: with `name`, the line's number and the reason; nothing is then used.
    """
    alerts = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            alert = msgspec.convert(json.loads(line, parse_float=str), Alert)
            alert.as_body()
        except (ValueError, RecursionError) as error:
            raise InvalidAlert(f"{name}:{number}: {error}") from None
        alerts.append(alert)
    return alerts
