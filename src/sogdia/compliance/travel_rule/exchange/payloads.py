"""Payloads on their way out, cut to what is demanded, and on their way in, judged."""

import json
from collections.abc import Iterable
from typing import Any

from sogdia.compliance.travel_rule.commitment import compute_commitment, is_commitment_to
from sogdia.compliance.travel_rule.corridor.elements import missing_elements, only_elements
from sogdia.compliance.travel_rule.ivms101.constraints import Reference
from sogdia.compliance.travel_rule.ivms101.conversion import convert
from sogdia.compliance.travel_rule.ivms101.reading import Document, read_document
from sogdia.compliance.travel_rule.ivms101.v2023 import IdentityPayload
from sogdia.compliance.travel_rule.ivms101.validation import validate
from sogdia.compliance.travel_rule.ivms101.violations import InvalidDocument, Violation
from sogdia.compliance.travel_rule.ivms101.writing import to_json_values
from sogdia.compliance.travel_rule.transfers import Answer, ExchangeRefused, Inquiry, Transfer


class PayloadRefused(ExchangeRefused):
    """A payload that breaks IVMS101: `violations` give path and constraint of each fault."""

    def __init__(self, transfer: str, violations: tuple[Violation, ...]) -> None:
        first = f"{violations[0].path or 'document'} breaks {violations[0].constraint}"
        more = f", and {len(violations) - 1} more" if len(violations) > 1 else ""
        super().__init__("invalid-payload", transfer, first + more)
        self.violations = violations


def prepare_payload(
    document: Document, demanded: Iterable[str], reference: Reference, transfer: str
) -> IdentityPayload:
    """Return the payload to send: in 2023, without what nobody demands, whole and conforming.

    Raises:
        PayloadRefused: it breaks IVMS101.
        ExchangeRefused: `missing-data`, with the demanded elements it lacks.
    """
    payload = convert(document, "2023").payload
    assert isinstance(payload, IdentityPayload)
    if missing := missing_elements(payload, demanded):
        raise ExchangeRefused("missing-data", transfer, ", ".join(missing))
    reduced = only_elements(payload, demanded)
    report = validate(Document(reduced), reference)
    if not report.is_valid:
        raise PayloadRefused(transfer, report.violations)
    return reduced


def payload_values(payload: IdentityPayload) -> dict[str, Any]:
    """Return `payload` as the JSON values that are sealed and committed to."""
    values: dict[str, Any] = to_json_values(payload, frozenset())
    return values


def read_payload(values: dict[str, Any], reference: Reference, transfer: str) -> IdentityPayload:
    """Return a received payload.

    Raises:
        PayloadRefused: it is no IVMS101.2023 or breaks a constraint.
    """
    try:
        document = read_document(json.dumps(values).encode(), edition="2023")
    except InvalidDocument as error:
        raise PayloadRefused(transfer, error.violations) from None
    report = validate(document, reference)
    if not report.is_valid:
        raise PayloadRefused(transfer, report.violations)
    assert isinstance(document.payload, IdentityPayload)
    return document.payload


def verify_commitment(
    message: Inquiry | Answer, *, transfer: str, originator: str, beneficiary: str
) -> tuple[bytes, bytes]:
    """Return (salt, commitment) of a received payload.

    Raises:
        ExchangeRefused: `commitment-mismatch` (X2).
    """
    try:
        salt, claimed = bytes.fromhex(message.salt), bytes.fromhex(message.commitment)
        computed = compute_commitment(
            message.ivms101,
            transfer=transfer,
            originator=originator,
            beneficiary=beneficiary,
            salt=salt,
        )
    except ValueError as error:
        raise ExchangeRefused("commitment-mismatch", transfer, str(error)) from None
    if not is_commitment_to(claimed, computed):
        detail = "the commitment is not to this payload"
        raise ExchangeRefused("commitment-mismatch", transfer, detail)
    return salt, computed


def commitment_of(
    payload: IdentityPayload, *, transfer: Transfer | str, ends: tuple[str, str], salt: bytes
) -> bytes:
    """Return the commitment to `payload`; `ends` are originator and beneficiary institution."""
    identifier = transfer if isinstance(transfer, str) else transfer.id
    return compute_commitment(
        payload_values(payload),
        transfer=identifier,
        originator=ends[0],
        beneficiary=ends[1],
        salt=salt,
    )
