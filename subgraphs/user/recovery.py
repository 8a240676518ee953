"""What a person can do who has access to an account's mailbox: confirm the address, and set a new password."""

from dataclasses import replace
from functools import partial

from subgraphs.kit.input_check import InputCheck
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.kit.web.client import Client
from subgraphs.user import validation
from subgraphs.user.domain import Account, InvalidToken, SignedIn
from subgraphs.user.limits import Limits
from subgraphs.user.mail.domain import Purpose
from subgraphs.user.mail.post import Post
from subgraphs.user.mail.repository import MailRepository
from subgraphs.user.passwords import Passwords
from subgraphs.user.personal_data import PersonalData
from subgraphs.user.repository import UserRepository
from subgraphs.user.sign_ins import SignIns
from subgraphs.user.sign_outs import SignOuts
from subgraphs.user.tokens import hash_of


class Recovery:
    """All but `verify` and `reset` raise InvalidState where the store sends no mail, and RateLimited."""

    def __init__(
        self,
        runtime: Runtime,
        post: Post,
        limits: Limits,
        passwords: Passwords,
        personal_data: PersonalData,
        sign_ins: SignIns,
        sign_outs: SignOuts,
    ) -> None:
        self._database = runtime.database
        self._post = post
        self._limits = limits
        self._passwords = passwords
        self._personal_data = personal_data
        self._sign_ins = sign_ins
        self._sign_outs = sign_outs

    async def request_verification(self, viewer: Viewer) -> None:
        """Mails the viewer a token that verifies the address. Nothing happens where it is verified."""
        self._post.require()
        await self._limits.mail(f"viewer:{viewer.id}")
        async with self._database.transaction() as session:
            sealed = await UserRepository(session).lock(viewer.id)
            if sealed is not None and sealed.email_verified_at is None:
                await self._post.send_token(session, self._personal_data.open(sealed), Purpose.VERIFY_EMAIL)

    async def verify(self, token: str) -> Account | InvalidToken:
        """Notes that the address is right."""
        async with self._database.transaction() as session:
            account = await self._owner(MailRepository(session), UserRepository(session), token, Purpose.VERIFY_EMAIL)
            if account is None:
                return InvalidToken()
            now = await UserRepository(session).now()
            await UserRepository(session).set_email_verified(account.id, now)
            return replace(account, email_verified_at=account.email_verified_at or now)

    async def request_reset(self, email: str, client: Client) -> None:
        """Mails a token that sets a new password. Whether there is such an account is not told."""
        self._post.require()
        await self._limits.client(client)
        await self._limits.mail(self._personal_data.account_key(email))
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            found = await repository.by_email(self._personal_data.email_indexes(email))
            if found is not None:
                await self._post.send_token(session, self._personal_data.open(found), Purpose.RESET_PASSWORD)

    async def reset(self, token: str, new: str, client: Client) -> SignedIn | InvalidToken:
        """Sets a new password, ends all sessions, and signs in. Raises BadUserInput, RateLimited and Unavailable."""
        with InputCheck() as check:
            check.value(partial(validation.password, field="new"), new)
        await self._limits.client(client)
        token_hash = hash_of(token)
        async with self._database.reading() as session:
            user_id = await MailRepository(session).owner_of(token_hash, Purpose.RESET_PASSWORD)
        if user_id is None:
            return InvalidToken()
        new_hash = await self._passwords.hash(new, f"viewer:{user_id}", client)
        async with self._database.transaction() as session:
            repository, mails = UserRepository(session), MailRepository(session)
            account = await self._owner(mails, repository, token, Purpose.RESET_PASSWORD)
            if account is None:
                return InvalidToken()  # a concurrent request came first
            await repository.set_password_hash(account.id, new_hash)
            await repository.set_email_verified(account.id, await repository.now())
            await mails.remove_tokens(account.id)
            ended = await repository.end_sessions_of(account.id)
            signed_in = await self._sign_ins.begin(repository, account)
        await self._sign_outs.announce(ended)
        await self._limits.password_was_right(self._personal_data.account_key(account.email))
        return signed_in

    async def _owner(
        self, mails: MailRepository, repository: UserRepository, token: str, purpose: Purpose
    ) -> Account | None:
        """The locked account of a valid token, which is used up with it."""
        token_hash = hash_of(token)
        user_id = await mails.owner_of(token_hash, purpose)
        sealed = await repository.lock(user_id) if user_id is not None else None
        if sealed is None or not await mails.use(token_hash):
            return None
        return self._personal_data.open(sealed)
