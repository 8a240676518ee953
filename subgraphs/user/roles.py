"""Roles, which admins grant and take back."""

from dataclasses import replace

from subgraphs.kit.errors import InvalidState
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Role
from subgraphs.user.domain import Account
from subgraphs.user.personal_data import PersonalData
from subgraphs.user.repository import UserRepository
from subgraphs.user.sessions import Sessions


class Roles:
    """What accounts may do beyond shopping."""

    def __init__(self, runtime: Runtime, personal_data: PersonalData, sessions: Sessions) -> None:
        self._database = runtime.database
        self._personal_data = personal_data
        self._sessions = sessions

    async def grant(self, user_id: str, role: Role) -> Account:
        """Grants a role, which the user's next access token carries. Raises NotFound."""
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            account = self._personal_data.open(await repository.lock_existing(user_id))
            account = replace(account, roles=account.roles | {role})
            await repository.set_roles(user_id, account.roles)
            return account

    async def revoke(self, user_id: str, role: Role) -> Account:
        """Takes a role back. The user's sessions end, since their tokens carry it. Raises NotFound, InvalidState."""
        if role is Role.USER:
            raise InvalidState("Every account has the role USER.")
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            account = self._personal_data.open(await repository.lock_existing(user_id))
            if role not in account.roles:
                return account
            account = replace(account, roles=account.roles - {role})
            await repository.set_roles(user_id, account.roles)
            ended = await repository.end_sessions_of(user_id)
        await self._sessions.announce_ended(ended)
        return account

    async def grant_by_email(self, email: str, role: Role) -> bool:
        """Grants a role to the account with this address; False when there is none."""
        async with self._database.reading() as session:
            account = await UserRepository(session).by_email(self._personal_data.email_indexes(email))
        if account is None:
            return False
        await self.grant(account.id, role)
        return True
