"""Passwords: argon2id, off the event loop."""

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

# Hashing is meant to be dear: more at once than cores would only make all of them slower.
AT_ONCE = 2


class Passwords:
    """Hashes and verifies with argon2-cffi's defaults (RFC 9106, low-memory profile)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._nobodys_hash = self._hasher.hash(secrets.token_hex())

    async def hash(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Without a hash (no such account) one is verified all the same, so that the time does not tell."""
        async with self._turn:
            try:
                return await asyncio.to_thread(self._hasher.verify, password_hash or self._nobodys_hash, password)
            except VerifyMismatchError:
                return False
