"""Makes the access tokens of ended sessions worthless, in every process of every subgraph."""

import time
from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import partial

from subgraphs.kit.redis.circuit_breaker import CircuitBreaker, RedisUnavailable
from subgraphs.kit.redis.ended_sessions import Announcements
from subgraphs.kit.runtime import Runtime
from subgraphs.user.repository import UserRepository

REPAIR_SECONDS = 1.0
BATCH = 1000
CLOCKS_DIFFER_SECONDS = 60


class SignOuts:
    """Announces the sessions that have ended. The database has them; Redis may lose them, and then gets them again."""

    def __init__(self, runtime: Runtime, token_lifetime: float) -> None:
        self._announcements = Announcements(runtime.redis)
        self._database = runtime.database
        self._lifetime = token_lifetime
        self._circuit = CircuitBreaker("ended sessions")
        # A process may have died between its commit and its announcement: begin with all of them.
        self._missed = True

    async def announce(self, session_ids: Collection[str]) -> None:
        """Announces sessions that have just ended. If Redis does not answer, `repair` does it later."""
        until = time.time() + self._lifetime + CLOCKS_DIFFER_SECONDS
        try:
            await self._send(dict.fromkeys(session_ids, until))
        except RedisUnavailable:
            self._missed = True

    async def repair(self) -> None:
        """Announces everything once more if Redis may lack something."""
        try:
            if self._missed or not await self._circuit.call(self._announcements.are_complete):
                self._missed = False
                await self._send(await self._still_signed())
                await self._circuit.call(self._announcements.mark_complete)
        except RedisUnavailable:
            self._missed = True

    async def _still_signed(self) -> dict[str, float]:
        """The sessions that have ended while a token of theirs may be valid, each with the time when none is."""
        kept = timedelta(seconds=self._lifetime + CLOCKS_DIFFER_SECONDS)
        async with self._database.reading() as session:
            repository = UserRepository(session)
            ended = await repository.ended_since(await repository.now() - kept)
        return {session_id: (ended_at + kept).timestamp() for session_id, ended_at in ended}

    async def _send(self, ended: Mapping[str, float]) -> None:
        entries = list(ended.items())
        for first in range(0, len(entries), BATCH):
            await self._circuit.call(partial(self._announcements.announce, dict(entries[first : first + BATCH])))
