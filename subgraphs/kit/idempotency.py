"""Idempotency keys: chosen by a client, unique per user, bound to one request."""

import hashlib

import msgspec

from subgraphs.kit.errors import BadUserInput

MAX_KEY = 100


def checked_key(key: str) -> str:
    """The stored form of a key: its SHA-256 in hex, which every database compares exactly.

    Raises BadUserInput unless the key has 1 to 100 printable characters.
    """
    if not 1 <= len(key) <= MAX_KEY or not key.isprintable():
        raise BadUserInput("idempotencyKey", f"An idempotency key has 1 to {MAX_KEY} printable characters.")
    return hashlib.sha256(key.encode()).hexdigest()


def request_hash(*parts: object) -> str:
    """Identifies a request: the SHA-256 of its parts as JSON, in hex."""
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()
