"""Password hashing with argon2id, outside the event loop and behind a bounded queue."""

import asyncio
import secrets
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from prometheus_client import Counter, Gauge

from subgraphs.kit.errors import Unavailable
from subgraphs.kit.fair_turns import FairTurns, Gone
from subgraphs.kit.web.client import Client

T = TypeVar("T")

HASHES = Counter("steampunk_password_hashes_total", "Passwords hashed, to store them or to verify them.")
HASHING = Gauge("steampunk_password_hashing", "Passwords that are being hashed.")
WAITING = Gauge("steampunk_password_waiting", "Requests that wait for a password to be hashed.")

# Hashing is slow on purpose: more at once than there are cores would only slow down all of them.
MAX_CONCURRENT = 2
# About two seconds of hashing on two cores. Who finds the queue full is told so at once.
MAX_WAITING = 40
MAX_WAITING_OF_AN_ACCOUNT = 8
RETRY_AFTER_SECONDS = 2.0


class Passwords:
    """Hashes and verifies with argon2-cffi's defaults (RFC 9106, low-memory profile).

    Accounts take turns, so that those who guess at one do not hold up another. Both methods raise Unavailable when
    the queue is full. A password whose client has gone is not hashed.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._turns = FairTurns(MAX_CONCURRENT, MAX_WAITING, MAX_WAITING_OF_AN_ACCOUNT, RETRY_AFTER_SECONDS)
        WAITING.set_function(lambda: self._turns.waiting)
        self._dummy_hash = self._hasher.hash(secrets.token_hex())

    async def hash(self, password: str, account: str, client: Client | None) -> str:
        """The hash to store. `account` is any key of the account: those with the same key wait for each other."""
        return await self._in_turn(account, client, lambda: self._hasher.hash(password))

    async def verify(self, password_hash: str | None, password: str, account: str, client: Client | None) -> bool:
        """Whether the password is right. False without a hash (no such account), after the same time."""
        try:
            wanted = password_hash or self._dummy_hash
            return await self._in_turn(account, client, lambda: self._hasher.verify(wanted, password))
        except VerifyMismatchError:
            return False

    async def _in_turn(self, account: str, client: Client | None, work: Callable[[], T]) -> T:
        try:
            async with self._turns.turn(account, client.gone if client else None):
                HASHES.inc()
                with HASHING.track_inprogress():
                    return await asyncio.to_thread(work)
        except Gone:
            raise Unavailable("The client has gone.") from None
