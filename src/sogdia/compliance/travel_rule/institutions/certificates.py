"""Authentication by certificate, where no licence register is signed yet.

The institution signs its own entry with the key of an X.509 certificate that carries its LEI and
chains to a root the house trusts (a TRISA root, for example). The certificate's LEI and state must
be the entry's.

Source: ISO 17442-2:2020, the LEI in certificates, OID 1.3.6.1.4.1.52266.1; RFC 5280; RFC 7515, x5c.
"""

import base64
import datetime
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from joserfc.jwk import ECKey

from sogdia.compliance.travel_rule.institutions.licence import (
    LicenceEntry,
    Unauthenticated,
    read_header,
    refuse_malformed,
    verify_signature,
)

LEI_OID = x509.ObjectIdentifier("1.3.6.1.4.1.52266.1")
CHAIN_MAX = 4  # leaf, two intermediates and a root


@dataclass(frozen=True, slots=True)
class CertificateRoots:
    """The roots under which the house accepts institutions' certificates."""

    certificates: tuple[x509.Certificate, ...]


def load_roots(pem: bytes) -> CertificateRoots:
    """Return the roots in `pem`. Raises `ValueError` when there is none."""
    return CertificateRoots(tuple(x509.load_pem_x509_certificates(pem)))


def encode_chain(chain: tuple[x509.Certificate, ...]) -> tuple[str, ...]:
    """Return `chain`, leaf first, as the `x5c` header has it."""
    return tuple(base64.b64encode(c.public_bytes(Encoding.DER)).decode() for c in chain)


def verify_certified_entry(
    token: str, roots: CertificateRoots, now: datetime.datetime
) -> LicenceEntry:
    """Return the entry in `token` when a certificate under a trusted root signed it.

    Raises:
        Unauthenticated: `malformed`, `untrusted-certificate`, `foreign-certificate`, or a reason of
            `verify_signature` or `refuse_malformed`.
    """
    chain = _decode_chain(read_header(token).get("x5c"))
    leaf = chain[0]
    key = leaf.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Unauthenticated("unknown", "malformed", "the certificate's key is not on P-256")
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    entry = verify_signature(token, ECKey.import_key(pem))
    _verify_chain(entry.institution, chain, roots, now)
    lei, state = certificate_lei(leaf), _subject_state(leaf)
    if lei != entry.institution or state != entry.state:
        detail = f"the certificate is for {lei} in {state}, the entry for another"
        raise Unauthenticated(entry.institution, "foreign-certificate", detail)
    refuse_malformed(entry)
    return entry


def certificate_lei(certificate: x509.Certificate) -> str | None:
    """Return the LEI in `certificate` (a PrintableString), or `None` when it has none."""
    try:
        extension = certificate.extensions.get_extension_for_oid(LEI_OID).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    assert isinstance(extension, x509.UnrecognizedExtension)
    value = extension.value
    if len(value) != 22 or value[:2] != b"\x13\x14":  # PrintableString of 20 octets
        return None
    return value[2:].decode("ascii", errors="replace")


def _subject_state(certificate: x509.Certificate) -> str | None:
    found = certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
    return str(found[0].value) if found else None


def _decode_chain(x5c: object) -> tuple[x509.Certificate, ...]:
    if not isinstance(x5c, list) or not 1 <= len(x5c) <= CHAIN_MAX:
        raise Unauthenticated("unknown", "malformed", "the entry has no certificate chain")
    try:
        return tuple(
            x509.load_der_x509_certificate(base64.b64decode(str(item), validate=True))
            for item in x5c
        )
    except ValueError as error:
        raise Unauthenticated("unknown", "malformed", f"a certificate is broken: {error}") from None


def _verify_chain(
    who: str,
    chain: tuple[x509.Certificate, ...],
    roots: CertificateRoots,
    now: datetime.datetime,
) -> None:
    verifier = (
        PolicyBuilder()
        .store(Store(list(roots.certificates)))
        .time(now.astimezone(datetime.UTC).replace(tzinfo=None))
        .build_client_verifier()
    )
    try:
        verifier.verify(chain[0], list(chain[1:]))
    except VerificationError as error:
        raise Unauthenticated(who, "untrusted-certificate", str(error)) from None
