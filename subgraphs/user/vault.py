"""Encryption at rest: AES-256-GCM for values, and HMAC-SHA-256 as a blind index to find them."""

import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class Vault:
    """Encrypts (seals) and decrypts (opens) values with keys derived from one data key of 32 bytes.

    A sealed value is bound to its purpose, that is its row and column: moved elsewhere it cannot be opened.
    """

    def __init__(self, data_key: bytes) -> None:
        if len(data_key) != 32:
            raise ValueError("STEAMPUNK_DATA_KEY must be 32 bytes in base64.")
        self._cipher = AESGCM(_derive(data_key, b"encrypt"))
        self._index_key = _derive(data_key, b"index")

    def seal(self, plain: bytes, purpose: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Raises cryptography's InvalidTag if the value was changed, or sealed for another purpose."""
        return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], purpose.encode())

    def index(self, value: str) -> bytes:
        """32 bytes, the same for the same value. They tell nothing without the key."""
        return hmac.digest(self._index_key, value.encode(), hashlib.sha256)


def _derive(key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, purpose, hashlib.sha256)
