"""Seals and unseals text at rest: AES-256-GCM, a data key per record, itself sealed by a key from the environment.

A key's id travels with what it sealed, so that keys can be rotated: new things are sealed with the newest key, old
ones stay readable while their key is still listed, and rotating seals the data keys anew without touching the text.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12  # bytes, random; a data key seals far fewer than the 2^32 texts for which that is safe
_KEY = 32  # bytes


class BadKeys(ValueError):
    """ASSISTANT_KEYS is not of the form that is wanted. The message never holds a key."""


class KeyLost(Exception):
    """Something is sealed with a key that isn't listed, or that isn't what it was. The message names the key's id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wrapped:
    """A data key, sealed."""

    key_id: str
    sealed: bytes


class Vault:
    """The sealing keys, newest first."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)
        self.newest = next(iter(self._keys))

    def __repr__(self) -> str:
        return f"Vault({', '.join(self._keys)})"

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the keys."""
        return tuple(self._keys)

    def new_data_key(self, about: str) -> tuple[bytes, Wrapped]:
        """A fresh data key and itself sealed for the record that `about` names."""
        key = AESGCM.generate_key(_KEY * 8)
        return key, self.wrap(key, about)

    def wrap(self, key: bytes, about: str) -> Wrapped:
        """A data key sealed with the newest key, bound to its record."""
        return Wrapped(key_id=self.newest, sealed=seal(self._keys[self.newest], key, about))

    def unwrap(self, wrapped: Wrapped, about: str) -> bytes:
        """A record's data key. Raises KeyLost."""
        if wrapped.key_id not in self._keys:
            raise KeyLost(f"the key {wrapped.key_id} is not among ASSISTANT_KEYS")
        try:
            return unseal(self._keys[wrapped.key_id], wrapped.sealed, about)
        except InvalidTag:
            raise KeyLost(f"the key {wrapped.key_id} is not the one that it was, or the record was changed") from None


def seal(key: bytes, plain: bytes, about: str) -> bytes:
    """Sealed bytes: a random nonce, then the ciphertext with its tag. `about` binds them to one row and is needed to unseal."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, about.encode())


def unseal(key: bytes, sealed: bytes, about: str) -> bytes:
    """What was sealed. Raises InvalidTag when anything, `about` included, is not what it was."""
    return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())


def mark(key: bytes, *parts: str) -> str:
    """A keyed fingerprint (HMAC-SHA256, hex) by which a row is found without saying whom it belongs to."""
    return hmac.new(key, "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def new_key() -> str:
    """A sealing key as ASSISTANT_KEYS lists it, "ID:BASE64"."""
    return f"{secrets.token_hex(4)}:{base64.b64encode(AESGCM.generate_key(_KEY * 8)).decode()}"


def parse_keys(text: str) -> dict[str, bytes]:
    """Keys from "ID:BASE64,ID:BASE64", newest first. Raises BadKeys."""
    keys: dict[str, bytes] = {}
    for number, item in enumerate((part.strip() for part in text.split(",")), 1):
        key_id, _, encoded = item.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not key_id.isalnum() or len(key_id) > 16 or len(key) != _KEY:
            raise BadKeys(f"key {number} is not of the form that `assistant keys new` prints")
        if key_id in keys:
            raise BadKeys(f"key {number} has an id that is listed before it")
        keys[key_id] = key
    return keys


def kept_key(file: Path) -> tuple[str, bool]:
    """The keys in a file that only its owner can read, made if there is none, and whether it was made just now."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():
        # Written whole beside it and then linked, so that a second process never reads half a key.
        descriptor, draft = tempfile.mkstemp(dir=file.parent)  # mode 0600
        try:
            with os.fdopen(descriptor, "w") as new:
                new.write(new_key() + "\n")
                new.flush()
                os.fsync(new.fileno())
            os.link(draft, file)
            made = True
        except FileExistsError:
            made = False
        finally:
            os.unlink(draft)
    else:
        made = False
    return ",".join(file.read_text("ascii").split()), made


def check(vault: Vault, used: Sequence[str]) -> None:
    """Raise KeyLost naming the first key that something is sealed with and that isn't listed."""
    for key_id in used:
        if key_id not in vault.ids:
            raise KeyLost(f"the key {key_id} is not among ASSISTANT_KEYS")
