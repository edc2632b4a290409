"""TLS 1.3 between nodes that prove an ed25519 identity to each other.

Every certificate is signed by one authority whose private key is public on purpose: anyone can
issue a certificate for any key, so the authority vouches for nothing. What it buys is that the
standard verification of both sides' certificates runs, and with it TLS's own proof that the other
side holds the private key inside its certificate. That key is the identity. No cryptography of our
own (docs/adr/0090-a-public-authority.md).
"""

import asyncio
import datetime
import hashlib
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sogdia.ledger.network import limits
from sogdia.ledger.network.errors import HandshakeFailed, PeerGone, PeerTimeout
from sogdia.ledger.network.framing import StreamConnection
from sogdia.ledger.network.identity import NodeIdentity
from sogdia.ledger.network.transport import Address, OnConnection

AUTHORITY_KEY = Ed25519PrivateKey.from_private_bytes(
    hashlib.sha256(b"Sogdia node certificates: this key is public on purpose").digest()
)
# A node's identity does not expire, and its clock may be wrong: no date decides who it is.
NOT_BEFORE = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
NOT_AFTER = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _build_certificate(key: Ed25519PublicKey, *, common_name: str, is_authority: bool) -> bytes:
    key_usage = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    authority = AUTHORITY_KEY.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(common_name))
        .issuer_name(_name("sogdia nodes"))
        .public_key(key)
        .serial_number(1 if is_authority else 2)
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
        .add_extension(x509.BasicConstraints(is_authority, 0 if is_authority else None), True)
        .add_extension(key_usage, True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority), False)
    )
    return builder.sign(AUTHORITY_KEY, None).public_bytes(Encoding.PEM)


def build_context(identity: NodeIdentity, *, is_server: bool) -> ssl.SSLContext:
    """Return a context that shows `identity` and demands one of the other side."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if is_server else ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # the key is the name
    context.verify_mode = ssl.CERT_REQUIRED
    authority = _build_certificate(
        AUTHORITY_KEY.public_key(), common_name="sogdia nodes", is_authority=True
    )
    context.load_verify_locations(cadata=authority.decode())
    certificate = _build_certificate(
        identity.private.public_key(), common_name="sogdia node", is_authority=False
    )
    key = identity.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # `ssl` reads keys from files only; the folder is ours alone and gone at once.
    with tempfile.TemporaryDirectory() as folder:
        chain = Path(folder) / "node.pem"
        chain.touch(mode=0o600)
        chain.write_bytes(key + certificate)
        context.load_cert_chain(chain)
    return context


def proved_identity(writer: asyncio.StreamWriter) -> bytes:
    """Return the node id that the other side's certificate proves.

    Raises:
        HandshakeFailed: there is no certificate, or its key is not ed25519.
    """
    der = writer.get_extra_info("ssl_object").getpeercert(True)
    if der is None:
        raise HandshakeFailed("no certificate")
    # The authority's key is public: what is signed can say anything that TLS itself lets pass.
    try:
        key = x509.load_der_x509_certificate(der).public_key()
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise HandshakeFailed(f"the certificate cannot be read: {error}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise HandshakeFailed(f"the certificate's key is {type(key).__name__}, not ed25519")
    return key.public_bytes_raw()


def _remote(writer: asyncio.StreamWriter) -> Address:
    name = writer.get_extra_info("peername")
    if name is None:
        raise HandshakeFailed("the other side is gone already")
    host, port = name[:2]
    return Address(host, port)


@dataclass(frozen=True, slots=True)
class TlsListener:
    """An open TLS door."""

    server: asyncio.Server
    address: Address

    async def close(self) -> None:
        """Stop accepting."""
        self.server.close()


@dataclass(slots=True, eq=False)
class TlsTransport:
    """`Transport` over TLS 1.3."""

    identity: NodeIdentity
    dialling: ssl.SSLContext = field(init=False)
    """Shown to everyone who is dialled: it takes 4 ms to make."""

    def __post_init__(self) -> None:
        """Make the certificate that every dial shows."""
        self.dialling = build_context(self.identity, is_server=False)

    async def listen(self, address: Address, on_connection: OnConnection) -> TlsListener:
        """Open a door; see `transport.Transport.listen`."""

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                peer_id, remote = proved_identity(writer), _remote(writer)
            except HandshakeFailed:
                writer.transport.abort()
                return
            await on_connection(StreamConnection(reader, writer, peer_id, remote))

        server = await asyncio.start_server(
            accept,
            address.host,
            address.port,
            ssl=build_context(self.identity, is_server=True),
            ssl_handshake_timeout=limits.TLS_TIMEOUT_S,
            limit=limits.FRAME_BYTES_MAX,
        )
        port = server.sockets[0].getsockname()[1]
        return TlsListener(server, Address(address.host, port))

    async def dial(self, address: Address, *, expected_id: bytes | None = None) -> StreamConnection:
        """Join the node at `address`; see `transport.Transport.dial`."""
        try:
            async with asyncio.timeout(limits.TLS_TIMEOUT_S):
                reader, writer = await asyncio.open_connection(
                    address.host,
                    address.port,
                    ssl=self.dialling,
                    limit=limits.FRAME_BYTES_MAX,
                )
        except TimeoutError:
            raise PeerTimeout("TLS handshake", limits.TLS_TIMEOUT_S) from None
        except ssl.SSLError as error:
            raise HandshakeFailed(error.reason or str(error)) from None
        except OSError as error:
            raise PeerGone(str(error)) from None
        try:
            peer_id = proved_identity(writer)
            if expected_id is not None and peer_id != expected_id:
                raise HandshakeFailed(
                    f"expected node {expected_id.hex()[:12]}, met {peer_id.hex()[:12]}"
                )
        except HandshakeFailed:
            writer.transport.abort()
            raise
        return StreamConnection(reader, writer, peer_id, address)
