"""The user subgraph's GraphQL types and resolvers."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID

from subgraphs.kit.auth import Role
from subgraphs.kit.context import Context
from subgraphs.kit.errors import NotFound
from subgraphs.kit.graphql import build_schema
from subgraphs.user import service as domain
from subgraphs.user.service import UserService

Info = strawberry.Info[Context[UserService], None]
strawberry.enum(Role, description="What an account may do beyond shopping.")


@strawberry.federation.type(keys=["id"], description="An account.")
class User:
    id: ID
    name: str = strawberry.field(description="The name that the account shows.")
    roles: list[Role] = strawberry.field(description="What the account may do.")
    created_at: datetime = strawberry.field(description="When the account was made.")
    account: strawberry.Private[domain.Account]
    own: strawberry.Private[bool] = False
    """Whether it is shown to the one who has just proved to be its owner, by a password or a token."""

    @strawberry.field(description="Its owner and admins only; null for anyone else.")
    def email(self, info: Info) -> str | None:
        return self.account.email if self._is_private_to(info) else None

    @strawberry.field(description="Its owner and admins only; null for anyone else.")
    def phone_number(self, info: Info) -> str | None:
        return self.account.phone_number if self._is_private_to(info) else None

    def _is_private_to(self, info: Info) -> bool:
        viewer = info.context.viewer_or_none
        return self.own or (viewer is not None and viewer.may_see(self.account.id))

    @classmethod
    async def resolve_reference(cls, info: Info, id: ID) -> "User | None":
        account = await info.context.load(info.context.service.accounts, id)
        return cls.of(account) if account else None

    @classmethod
    def of(cls, account: domain.Account, own: bool = False) -> "User":
        return cls(
            id=ID(account.id),
            name=account.name,
            roles=sorted(account.roles, key=lambda role: role.value),
            created_at=account.created_at,
            account=account,
            own=own,
        )


@strawberry.type(description="A sign-in: tokens and whose they are.")
class Session:
    access_token: str = strawberry.field(description="Send it as `Authorization: Bearer <token>`.")
    refresh_token: str = strawberry.field(description="Works once, with `refresh`.")
    expires_at: datetime = strawberry.field(description="When the access token ends.")
    user: User = strawberry.field(description="Who is signed in.")

    @classmethod
    def of(cls, signed_in: domain.SignedIn) -> "Session":
        return cls(
            access_token=signed_in.access_token,
            refresh_token=signed_in.refresh_token,
            expires_at=signed_in.expires_at,
            user=User.of(signed_in.account, own=True),
        )


@strawberry.type(description="An account with this e-mail address exists.")
class EmailTaken:
    message: str = "An account with this e-mail address exists."


@strawberry.type(description="The e-mail address or the password is wrong.")
class InvalidCredentials:
    message: str = "The e-mail address or the password is wrong."


@strawberry.input(description="A new account.")
class RegisterInput:
    email: str = strawberry.field(description="Unique among the accounts; upper and lower case are the same.")
    password: str = strawberry.field(description="8 to 128 characters.")
    name: str = strawberry.field(description="1 to 60 characters.")
    phone_number: str | None = strawberry.field(default=None, description="7 to 15 digits.")


RegisterResult = Annotated[Session | EmailTaken, strawberry.union("RegisterResult")]
LoginResult = Annotated[Session | InvalidCredentials, strawberry.union("LoginResult")]
ChangePasswordResult = Annotated[Session | InvalidCredentials, strawberry.union("ChangePasswordResult")]


@strawberry.type
class Query:
    @strawberry.federation.field(shareable=True, description="The signed-in user.")
    async def me(self, info: Info) -> User:
        account = await info.context.load(info.context.service.accounts, info.context.viewer.id)
        if account is None:
            raise NotFound("This account does not exist any more.")
        return User.of(account)


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Makes an account and signs it in.")
    async def register(self, info: Info, input: RegisterInput) -> RegisterResult:
        outcome = await info.context.service.register(input.email, input.password, input.name, input.phone_number)
        return EmailTaken() if isinstance(outcome, domain.EmailTaken) else Session.of(outcome)

    @strawberry.mutation(description="Signs in.")
    async def login(self, info: Info, email: str, password: str) -> LoginResult:
        return _session(await info.context.service.login(email, password))

    @strawberry.mutation(
        description="Exchanges a refresh token for a new pair. A refresh token works once; "
        "its second use ends every session of its family."
    )
    async def refresh(self, info: Info, refresh_token: str) -> Session:
        return Session.of(await info.context.service.refresh(refresh_token))

    @strawberry.mutation(description="Ends the session: its refresh token works no more.")
    async def logout(self, info: Info) -> bool:
        await info.context.service.logout(info.context.viewer)
        return True

    @strawberry.mutation(description="Sets a new password, ends all sessions and begins a new one.")
    async def change_password(self, info: Info, current: str, new: str) -> ChangePasswordResult:
        return _session(await info.context.service.change_password(info.context.viewer, current, new))

    @strawberry.mutation(description="Sets the phone number: 7 to 15 digits, with an optional + before.")
    async def change_phone_number(self, info: Info, phone_number: str) -> User:
        return User.of(await info.context.service.change_phone_number(info.context.viewer, phone_number))

    @strawberry.mutation(description="Admin only. The role holds from the user's next access token on.")
    async def grant_role(self, info: Info, user_id: ID, role: Role) -> User:
        info.context.require_role(Role.ADMIN)
        return User.of(await info.context.service.grant_role(user_id, role))


def _session(outcome: domain.SignedIn | domain.InvalidCredentials) -> Session | InvalidCredentials:
    return InvalidCredentials() if isinstance(outcome, domain.InvalidCredentials) else Session.of(outcome)


schema = build_schema(Query, Mutation)
