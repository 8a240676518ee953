"""Encryption at rest: AES-256-GCM for values, and HMAC-SHA-256 as a blind index to find them."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class Vault:
    """Encrypts (seals) and decrypts (opens) values with keys derived from data keys of 32 bytes.

    A sealed value is bound to its purpose, that is its row and column: moved elsewhere it cannot be opened. The first
    data key seals. While it replaces another one, values of both are opened and found.
    """

    def __init__(self, *data_keys: bytes) -> None:
        if any(len(key) != 32 for key in data_keys):
            raise ValueError("STEAMPUNK_DATA_KEY must be 32 bytes in base64.")
        self._ciphers = [AESGCM(_derive(key, b"encrypt")) for key in data_keys]
        self._index_keys = [_derive(key, b"index") for key in data_keys]
        self.key_name = _derive(data_keys[0], b"name").hex()[:16]
        """Names the key that seals, and tells nothing about it."""

    def seal(self, plain: bytes, purpose: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Raises cryptography's InvalidTag if the value was changed, or sealed for another purpose."""
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], purpose.encode())
            except InvalidTag:
                continue
        raise InvalidTag

    def index(self, value: str) -> bytes:
        """32 bytes, the same for the same value. They tell nothing without the key."""
        return self.indexes(value)[0]

    def indexes(self, value: str) -> list[bytes]:
        """What a value's index is under each of the keys."""
        return [hmac.digest(key, value.encode(), hashlib.sha256) for key in self._index_keys]


def _derive(key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, purpose, hashlib.sha256)
