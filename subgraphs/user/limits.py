"""How often a client may try to sign in, to register and to refresh a session."""

from subgraphs.kit.redis.backoff import Backoff
from subgraphs.kit.redis.rate_limit import RateLimiter
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.client import Client
from subgraphs.user.settings import UserSettings


class Limits:
    """Limits per account, per session and, where a trusted proxy tells it, per client address.

    Each method raises RateLimited. The limits hold as long as Redis answers.
    """

    def __init__(self, runtime: Runtime, config: UserSettings) -> None:
        redis = runtime.redis
        self._address_header = config.client_address_header
        self._addresses = RateLimiter(redis, "client address", config.client_rate, config.client_burst)
        self._sessions = RateLimiter(redis, "refresh", config.refresh_rate, config.refresh_burst)
        self._mails = RateLimiter(redis, "mail", 1 / config.mail_pause, config.mail_burst)
        self._passwords = Backoff(
            redis,
            "password",
            config.password_attempts,
            config.password_pause,
            config.password_longest_pause,
        )

    async def client(self, client: Client | None) -> None:
        """Counts what a client does with accounts, at its address."""
        address = client.address(self._address_header) if client and self._address_header else ""
        if address:
            await self._addresses.take(address)

    async def password(self, key: str) -> None:
        """Counts an attempt to give an account's password as a failure, until it is known to be right."""
        await self._passwords.take(key)

    async def password_was_right(self, key: str) -> None:
        await self._passwords.succeeded(key)

    async def mail(self, key: str) -> None:
        """Counts a mail to an account."""
        await self._mails.take(key)

    async def refresh(self, session_id: str) -> None:
        await self._sessions.take(session_id)
