"""The rules of accounts and sign-ins."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import NotFound, Unauthenticated
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Role, Viewer
from subgraphs.user import validation as rules
from subgraphs.user.keys import KeyRing
from subgraphs.user.models import RefreshToken, Session, User
from subgraphs.user.passwords import Passwords
from subgraphs.user.repository import UserRepository
from subgraphs.user.settings import UserSettings
from subgraphs.user.tokens import hash_of, new_refresh_token
from subgraphs.user.vault import Vault


@dataclass(frozen=True)
class Account:
    """A user with the personal data opened."""

    id: str
    email: str
    name: str
    phone_number: str | None
    roles: frozenset[Role]
    created_at: datetime


@dataclass(frozen=True)
class SignedIn:
    """A new pair of tokens; `expires_at` is the access token's end."""

    access_token: str
    refresh_token: str
    expires_at: datetime
    account: Account


class EmailTaken:
    """An account with this e-mail address exists."""


class InvalidCredentials:
    """The e-mail address or the password is wrong; which one is not told."""


class UserService:
    """Accounts and sign-ins."""

    def __init__(self, runtime: Runtime) -> None:
        self._config = UserSettings()  # type: ignore[call-arg]  # from the environment
        self._database = runtime.database
        self._vault = Vault(self._config.data_key_bytes())
        self._passwords = Passwords()
        self.keys = KeyRing(runtime, self._vault)

    # ---- accounts

    async def accounts(self, ids: list[str]) -> list[Account | None]:
        """The accounts of these ids, in their order."""
        async with self._database.reading() as session:
            rows = await UserRepository(session).users(ids)
        return [self._open(rows[user_id]) if user_id in rows else None for user_id in ids]

    async def register(self, email: str, password: str, name: str, phone_number: str | None) -> SignedIn | EmailTaken:
        """A new account, signed in. Raises BadUserInput."""
        user_id = new_id()
        email = rules.email(email)
        user = User(
            id=user_id,
            email=self._vault.seal(email.encode(), f"email:{user_id}"),
            email_index=self._vault.index(email),
            name=rules.name(name),
            phone_number=self._seal_phone(phone_number, user_id),
            password_hash=await self._passwords.hash(rules.password(password)),
            roles=Role.USER.value,
        )
        try:
            async with self._database.transaction() as session:
                repository = UserRepository(session)
                user.created_at = await repository.now()
                repository.add(user)
                await session.flush()
                return await self._sign_in(repository, user)
        except IntegrityError:
            return EmailTaken()

    async def change_phone_number(self, viewer: Viewer, phone_number: str) -> Account:
        """Raises BadUserInput, NotFound."""
        async with self._database.transaction() as session:
            user = await self._locked(UserRepository(session), viewer.id)
            user.phone_number = self._seal_phone(phone_number, user.id)
            return self._open(user)

    async def grant_role(self, user_id: str, role: Role) -> Account:
        """Adds a role; it takes effect with the user's next access token. Raises NotFound."""
        async with self._database.transaction() as session:
            user = await self._locked(UserRepository(session), user_id)
            user.roles = ",".join(sorted({*user.roles.split(","), role.value}))
            return self._open(user)

    async def grant_role_by_email(self, email: str, role: Role) -> bool:
        """Adds a role to the account with this address; False when there is none."""
        async with self._database.reading() as session:
            user = await UserRepository(session).user_by_email(self._vault.index(rules.normalized(email)))
        if user is None:
            return False
        await self.grant_role(user.id, role)
        return True

    # ---- sign-ins

    async def login(self, email: str, password: str) -> SignedIn | InvalidCredentials:
        async with self._database.reading() as session:
            user = await UserRepository(session).user_by_email(self._vault.index(rules.normalized(email)))
        if not await self._passwords.verify(user.password_hash if user else None, password) or user is None:
            return InvalidCredentials()
        async with self._database.transaction() as session:
            return await self._sign_in(UserRepository(session), user)

    async def change_password(self, viewer: Viewer, current: str, new: str) -> SignedIn | InvalidCredentials:
        """Ends every session of the user and begins a new one. Raises BadUserInput, NotFound."""
        new_hash = await self._passwords.hash(rules.password(new))
        async with self._database.reading() as session:
            user = (await UserRepository(session).users([viewer.id])).get(viewer.id)
        if user is None or not await self._passwords.verify(user.password_hash, current):
            return InvalidCredentials()
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            locked = await self._locked(repository, viewer.id)
            if locked.password_hash != user.password_hash:
                return InvalidCredentials()  # another change was faster: `current` is current no more
            locked.password_hash = new_hash
            await repository.end_sessions_of(viewer.id)
            return await self._sign_in(repository, locked)

    @retry_on_conflict
    async def refresh(self, refresh_token: str) -> SignedIn:
        """A new pair for a refresh token that was not used yet.

        A second use means that two parties hold the token: the whole session ends. Raises Unauthenticated.
        """
        token_hash = hash_of(refresh_token)
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            sign_in = await repository.lock_session_of_token(token_hash)
            token = await repository.lock_token(token_hash)
            now = await repository.now()
            fresh = token is not None and token.used_at is None and token.expires_at > now
            if sign_in is not None and sign_in.ended_at is None and fresh:
                assert token is not None
                token.used_at = now
                user = (await repository.users([sign_in.user_id]))[sign_in.user_id]
                return await self._issue(repository, user, sign_in.id)
            if sign_in is not None:
                await repository.end_session(sign_in.id)
        raise Unauthenticated("The refresh token is not valid (any more). Sign in again.")

    async def logout(self, viewer: Viewer) -> None:
        """Ends the session that the access token belongs to."""
        async with self._database.transaction() as session:
            await UserRepository(session).end_session(viewer.session)

    # ---- parts

    async def _sign_in(self, repository: UserRepository, user: User) -> SignedIn:
        now = await repository.now()
        sign_in = Session(id=new_id(), user_id=user.id, created_at=now)
        repository.add(sign_in)
        await repository.flush()
        return await self._issue(repository, user, sign_in.id)

    async def _issue(self, repository: UserRepository, user: User, session_id: str) -> SignedIn:
        now = await repository.now()
        expires_at = now + timedelta(seconds=self._config.access_token_lifetime)
        refresh_token = new_refresh_token()
        repository.add(
            RefreshToken(
                token_hash=hash_of(refresh_token),
                session_id=session_id,
                expires_at=now + timedelta(seconds=self._config.refresh_token_lifetime),
            )
        )
        account = self._open(user)
        access_token = self.keys.signer.access_token(account.id, account.roles, session_id, now, expires_at)
        return SignedIn(access_token, refresh_token, expires_at, account)

    async def _locked(self, repository: UserRepository, user_id: str) -> User:
        user = await repository.lock_user(user_id)
        if user is None:
            raise NotFound("There is no such user.")
        return user

    def _open(self, user: User) -> Account:
        phone = user.phone_number
        return Account(
            id=user.id,
            email=self._vault.open(user.email, f"email:{user.id}").decode(),
            name=user.name,
            phone_number=None if phone is None else self._vault.open(phone, f"phone:{user.id}").decode(),
            roles=frozenset(Role(role) for role in user.roles.split(",")),
            created_at=user.created_at,
        )

    def _seal_phone(self, phone_number: str | None, user_id: str) -> bytes | None:
        if phone_number is None:
            return None
        return self._vault.seal(rules.phone_number(phone_number).encode(), f"phone:{user_id}")
