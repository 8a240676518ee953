"""The user subgraph's queries and mutations."""

import strawberry
from strawberry import ID

from subgraphs.kit.errors import NotFound
from subgraphs.kit.graphql.schema import build_schema
from subgraphs.kit.web.auth import Role
from subgraphs.user.results import ChangePasswordResult, LoginResult, RegisterResult, shown, shown_registration
from subgraphs.user.types import Info, Session, User


@strawberry.input(description="A new account.")
class RegisterInput:
    email: str = strawberry.field(description="Unique among the accounts; upper and lower case are the same.")
    password: str = strawberry.field(description="8 to 128 characters.")
    name: str = strawberry.field(description="1 to 60 characters.")
    phone_number: str | None = strawberry.field(default=None, description="7 to 15 digits.")


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
        return shown_registration(await info.context.service.register(**vars(input)))

    @strawberry.mutation(description="Signs in.")
    async def login(self, info: Info, email: str, password: str) -> LoginResult:
        return shown(await info.context.service.login(email, password))

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
        return shown(await info.context.service.change_password(info.context.viewer, current, new))

    @strawberry.mutation(description="Sets the phone number: 7 to 15 digits, with an optional + before.")
    async def change_phone_number(self, info: Info, phone_number: str) -> User:
        return User.of(await info.context.service.change_phone_number(info.context.viewer, phone_number))

    @strawberry.mutation(description="Admin only. The role holds from the user's next access token on.")
    async def grant_role(self, info: Info, user_id: ID, role: Role) -> User:
        info.context.require_role(Role.ADMIN)
        return User.of(await info.context.service.grant_role(user_id, role))


schema = build_schema(Query, Mutation)
