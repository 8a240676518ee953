"""The rules of accounts and sign-ins."""

from dataclasses import replace
from functools import partial

from sqlalchemy.exc import IntegrityError

from subgraphs.kit.database.columns import new_id
from subgraphs.kit.input_check import InputCheck
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Role, Viewer
from subgraphs.kit.web.client import Client
from subgraphs.user import validation
from subgraphs.user.confirmation import Confirmation, key_of
from subgraphs.user.domain import Account, EmailTaken, InvalidCredentials, SealedAccount, SignedIn
from subgraphs.user.erasure import Erasure
from subgraphs.user.keys import KeyRing
from subgraphs.user.limits import Limits
from subgraphs.user.mail.domain import Purpose
from subgraphs.user.mail.post import Post
from subgraphs.user.passwords import Passwords
from subgraphs.user.personal_data import PersonalData
from subgraphs.user.recovery import Recovery
from subgraphs.user.repository import UserRepository
from subgraphs.user.resealing import Resealing
from subgraphs.user.roles import Roles
from subgraphs.user.sessions import Sessions
from subgraphs.user.settings import UserSettings
from subgraphs.user.vault import Vault


class UserService:
    """Accounts and sign-ins.

    What takes a password raises RateLimited and Unavailable, both with `retryAfter`: see `Limits` and `Passwords`.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._config = UserSettings()  # type: ignore[call-arg]  # from the environment
        self._database = runtime.database
        vault = Vault(*self._config.data_keys())
        self._personal_data = PersonalData(vault)
        self._passwords = Passwords()
        self._limits = Limits(runtime, self._config)
        self.keys = KeyRing(runtime, vault, self._config.access_token_lifetime)
        self.resealing = Resealing(runtime, vault, self._personal_data)
        self.sessions = Sessions(runtime, self._config, self.keys, self._limits, self._personal_data)
        self.post = Post(runtime, self._config, vault)
        self.roles = Roles(runtime, self._personal_data, self.sessions)
        self._confirmation = Confirmation(runtime, self._limits, self._passwords)
        self.erasure = Erasure(runtime, self._confirmation, self._personal_data, self.sessions, self.post)
        self.recovery = Recovery(runtime, self.post, self._limits, self._passwords, self._personal_data, self.sessions)

    # ---- accounts

    async def by_ids(self, ids: list[str]) -> list[Account | None]:
        """The accounts with these ids, in order; None for an unknown id."""
        async with self._database.reading() as session:
            accounts = await UserRepository(session).by_ids(ids)
        return [self._personal_data.open(accounts[user_id]) if user_id in accounts else None for user_id in ids]

    async def find(self, email_or_id: str) -> Account | None:
        """The account with this address or id: for operators."""
        async with self._database.reading() as session:
            users = UserRepository(session)
            found = (await users.by_ids([email_or_id])).get(email_or_id)
            found = found or await users.by_email(self._personal_data.email_indexes(email_or_id))
        return self._personal_data.open(found) if found else None

    async def register(
        self, email: str, password: str, name: str, phone_number: str | None, client: Client | None
    ) -> SignedIn | EmailTaken:
        """Creates an account and signs it in. Raises BadUserInput."""
        with InputCheck() as check:
            email = check.value(validation.email, email)
            password = check.value(validation.password, password)
            name = check.value(validation.name, name)
            if phone_number is not None:
                phone_number = check.value(validation.phone_number, phone_number)
        account_key = self._personal_data.account_key(email)
        await self._limits.client(client)
        await self._limits.password(f"register:{account_key}")
        password_hash = await self._passwords.hash(password, account_key, client)
        try:
            async with self._database.transaction() as session:
                repository = UserRepository(session)
                if await repository.by_email(self._personal_data.email_indexes(email)):
                    return EmailTaken()
                account = Account(
                    id=new_id(),
                    email=email,
                    name=name,
                    phone_number=phone_number,
                    roles=frozenset({Role.USER}),
                    created_at=await repository.now(),
                )
                await repository.add_account(self._personal_data.seal(account, password_hash))
                if self.post.is_open and client is not None:  # commands make accounts of the demo
                    await self.post.send_token(session, account, Purpose.VERIFY_EMAIL)
                return await self.sessions.begin(repository, account)
        except IntegrityError:
            return EmailTaken()

    async def change_phone_number(self, viewer: Viewer, phone_number: str) -> Account:
        """Sets the viewer's phone number. Raises BadUserInput, and NotFound for a deleted account."""
        phone_number = validation.phone_number(phone_number)
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            account = self._personal_data.open(await repository.lock_existing(viewer.id))
            sealed = self._personal_data.seal_phone_number(viewer.id, phone_number)
            await repository.set_phone_number(viewer.id, sealed)
            return replace(account, phone_number=phone_number)

    # ---- sign-ins

    async def login(self, email: str, password: str, client: Client) -> SignedIn | InvalidCredentials:
        """Signs in. Raises BadUserInput for a password that is too long to be one.

        An unknown address and a wrong password are both InvalidCredentials, and take the same time.
        """
        validation.password_length(password)
        key = self._personal_data.account_key(email)
        await self._limits.client(client)
        await self._limits.password(key)
        account = await self._by_email(email)
        verified = await self._passwords.verify(account.password_hash if account else None, password, key, client)
        if account is None or not verified:
            return InvalidCredentials()
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            locked = await repository.lock_existing(account.id)
            if locked.password_hash != account.password_hash:
                return InvalidCredentials()  # the password was changed meanwhile
            signed_in = await self.sessions.begin(repository, self._personal_data.open(locked))
        await self._limits.password_was_right(key)
        return signed_in

    async def change_password(
        self, viewer: Viewer, current: str, new: str, client: Client
    ) -> SignedIn | InvalidCredentials:
        """Sets a new password, ends all of the viewer's sessions and begins a new one.

        Raises BadUserInput for either password, and NotFound for a deleted account.
        """
        with InputCheck() as check:
            check.value(partial(validation.password_length, field="current"), current)
            check.value(partial(validation.password, field="new"), new)
        account = await self._confirmation.account(viewer, current, client)
        if account is None:
            return InvalidCredentials()
        key = key_of(viewer)
        new_hash = await self._passwords.hash(new, key, client)
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            locked = await repository.lock_existing(viewer.id)
            if locked.password_hash != account.password_hash:
                return InvalidCredentials()  # a concurrent change came first
            await repository.set_password_hash(viewer.id, new_hash)
            ended = await repository.end_sessions_of(viewer.id)
            signed_in = await self.sessions.begin(repository, self._personal_data.open(locked))
        await self.sessions.announce_ended(ended)
        await self._limits.password_was_right(key)
        return signed_in

    async def _by_email(self, email: str) -> SealedAccount | None:
        async with self._database.reading() as session:
            return await UserRepository(session).by_email(self._personal_data.email_indexes(email))
