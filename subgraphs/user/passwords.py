"""Password hashing with argon2id, outside the event loop."""

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

# Hashing is slow on purpose: more at once than there are cores would only slow down all of them.
MAX_CONCURRENT = 2


class Passwords:
    """Hashes and verifies with argon2-cffi's defaults (RFC 9106, low-memory profile)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._slots = asyncio.Semaphore(MAX_CONCURRENT)
        self._dummy_hash = self._hasher.hash(secrets.token_hex())

    async def hash(self, password: str) -> str:
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right. False without a hash (no such account), after the same time."""
        async with self._slots:
            try:
                return await asyncio.to_thread(self._hasher.verify, password_hash or self._dummy_hash, password)
            except VerifyMismatchError:
                return False
