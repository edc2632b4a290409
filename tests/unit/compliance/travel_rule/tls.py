"""Certificates for tests: a root, and leaves for 127.0.0.1, with an LEI where one is wanted."""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LEI_OID = x509.ObjectIdentifier("1.3.6.1.4.1.52266.1")


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> bytes:
        """Return the certificate."""
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self) -> bytes:
        """Return the key, not encrypted."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def write(self, certificate: Path, key: Path) -> None:
        """Write both to files."""
        certificate.write_bytes(self.pem())
        key.write_bytes(self.key_pem())
        key.chmod(0o600)


def _name(common: str, country: str | None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if country is not None:
        parts.insert(0, x509.NameAttribute(NameOID.COUNTRY_NAME, country))
    return x509.Name(parts)


def make_root(name: str = "Test Root") -> Issued:
    """Return a self-signed root that is valid around now."""
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        _builder(_name(name, None), _name(name, None), key, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return Issued(builder.sign(key, hashes.SHA256()), key)


def make_leaf(root: Issued, *, lei: str | None = None, country: str | None = None) -> Issued:
    """Return a certificate for 127.0.0.1 under `root`, good for servers and clients."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    )
    uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    identifier = root.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    builder = (
        _builder(_name("leaf", country), root.certificate.subject, key, root.key)
        .add_extension(names, critical=False)
        .add_extension(uses, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier.value),
            critical=False,
        )
    )
    if lei is not None:
        value = b"\x13\x14" + lei.encode()
        builder = builder.add_extension(x509.UnrecognizedExtension(LEI_OID, value), critical=False)
    return Issued(builder.sign(root.key, hashes.SHA256()), key)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    _: ec.EllipticCurvePrivateKey,
) -> x509.CertificateBuilder:
    day, now = datetime.timedelta(days=1), datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + 90 * day)
    )
