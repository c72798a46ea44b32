"""The certificate with which an app proves to Microsoft who it is: a PEM file with the private key and the certificate."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization


class BadCertificate(Exception):
    """The file can't be used. Says why, never what stands in it."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Certificate:
    """What Microsoft's sign-in library wants."""

    thumbprint: str  # SHA-1, hexadecimal, as Entra shows it
    private_key: str  # PEM
    certificate: str  # PEM
    ends: datetime  # UTC


def read_certificate(path: Path, now: datetime) -> Certificate:
    """Read and check it. Raises BadCertificate."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadCertificate(f"can't be read ({error.strerror})") from None
    try:
        key = serialization.load_pem_private_key(content, password=None)
        found = x509.load_pem_x509_certificate(content)
    except (ValueError, TypeError):
        raise BadCertificate("must be a PEM file with a private key without a password, and its certificate") from None
    encoding, spki = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    if key.public_key().public_bytes(encoding, spki) != found.public_key().public_bytes(encoding, spki):
        raise BadCertificate("holds a private key that is not the certificate's")
    if found.not_valid_after_utc < now:
        raise BadCertificate(f"ended on {found.not_valid_after_utc:%d %B %Y}: make another and add it in Entra")
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Certificate(
        # SHA-1 is only the certificate's name here, the one that Entra goes by.
        thumbprint=found.fingerprint(hashes.SHA1()).hex().upper(),  # noqa: S303
        private_key=private.decode(),
        certificate=found.public_bytes(encoding).decode(),
        ends=found.not_valid_after_utc,
    )
