"""Asks a signed-in user for the password before something that cannot be undone."""

from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.kit.web.client import Client
from subgraphs.user.domain import SealedAccount
from subgraphs.user.limits import Limits
from subgraphs.user.passwords import Passwords
from subgraphs.user.repository import UserRepository


class Confirmation:
    """Checks the password of a signed-in user. Raises RateLimited and Unavailable, as a sign-in does."""

    def __init__(self, runtime: Runtime, limits: Limits, passwords: Passwords) -> None:
        self._database = runtime.database
        self._limits = limits
        self._passwords = passwords

    async def account(self, viewer: Viewer, password: str, client: Client) -> SealedAccount | None:
        """The viewer's account if the password is right. Its hash tells later whether it was changed meanwhile."""
        key = key_of(viewer)
        await self._limits.password(key)
        async with self._database.reading() as session:
            account = (await UserRepository(session).by_ids([viewer.id])).get(viewer.id)
        if account is None or not await self._passwords.verify(account.password_hash, password, key, client):
            return None
        return account


def key_of(viewer: Viewer) -> str:
    """What the viewer's attempts are counted by: apart from sign-ins, which strangers attempt too."""
    return f"viewer:{viewer.id}"
