"""Receipts for case files: they say which file was made and when, nothing of what is in it, and are signed (Ed25519)."""

import hashlib
import json
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from assistant.handlers.records import CaseRecord


class BadReceipt(Exception):
    """A receipt that doesn't prove what it should. The message says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What a sound receipt says."""

    reference: str
    school: str
    made_at: str
    key: str  # the fingerprint of the key that signed it


def sign(record: CaseRecord, pdf: bytes, seed: bytes) -> bytes:
    """A receipt for a case file, as JSON. `seed` is 32 bytes."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    said = {
        "receipt": 1,
        "reference": record.concern.reference,
        "organisation": record.school.id,
        "school": record.school.name,
        "made_at": record.made_at.isoformat(),
        "entries": len(record.entries),
        "sha256": hashlib.sha256(pdf).hexdigest(),
        "public_key": key.public_key().public_bytes_raw().hex(),
    }
    said["signature"] = key.sign(_bytes(said)).hex()
    return json.dumps(said, indent=1).encode()


def verify(receipt: bytes, pdf: bytes | None = None, key: str = "") -> Receipt:
    """What a receipt says, checked with nothing but itself, the PDF and the fingerprint of the school's key, if given.

    Raises BadReceipt.
    """
    try:
        said = json.loads(receipt)
        signature = bytes.fromhex(said.pop("signature"))
        public = bytes.fromhex(said["public_key"])
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _bytes(said))
        found = Receipt(
            reference=said["reference"], school=said["school"], made_at=said["made_at"], key=fingerprint(public)
        )
    except InvalidSignature:
        raise BadReceipt("its signature doesn't fit: somebody has changed it") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadReceipt("this is no receipt of a case file") from None
    if pdf is not None and hashlib.sha256(pdf).hexdigest() != said.get("sha256"):
        raise BadReceipt("the file is not the one that this receipt was made for, or it was changed since")
    if key and key != found.key:
        raise BadReceipt(f"it was signed by the key {found.key}, not by the one given")
    return found


def public_key(seed: bytes) -> bytes:
    """The public half of the signing key, 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def fingerprint(public: bytes) -> str:
    """A public key's fingerprint, as people compare it."""
    digest = hashlib.sha256(public).hexdigest()
    return "-".join(digest[at : at + 8] for at in range(0, 32, 8))


def _bytes(said: dict[str, object]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
