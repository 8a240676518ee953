"""The user subgraph's queries and mutations."""

from typing import Annotated

import strawberry
from strawberry import ID, argument

from subgraphs.kit.errors import NotFound
from subgraphs.kit.graphql.schema import MUTATION, QUERY, build_schema
from subgraphs.kit.web.auth import Role
from subgraphs.kit.web.client import Client
from subgraphs.user.results import (
    ChangePasswordResult,
    EraseAccountResult,
    LoginResult,
    RegisterResult,
    ResetPasswordResult,
    VerifyEmailResult,
    erasure_to_graphql,
    login_to_graphql,
    password_change_to_graphql,
    registration_to_graphql,
    reset_to_graphql,
    verification_to_graphql,
)
from subgraphs.user.types import Info, Session, User


@strawberry.input(description="A new account.")
class RegisterInput:
    email: str = strawberry.field(description="The e-mail address, unique among accounts however it is spelt.")
    password: str = strawberry.field(description="8 to 128 characters.")
    name: str = strawberry.field(description="1 to 60 characters.")
    phone_number: str | None = strawberry.field(
        default=None, description="7 to 15 digits with an optional leading +; spaces and punctuation are removed."
    )


@strawberry.type(description=QUERY)
class Query:
    @strawberry.federation.field(shareable=True, description="The signed-in user.")
    async def me(self, info: Info) -> User:
        account = await info.context.load(info.context.service.by_ids, info.context.viewer.id)
        if account is None:
            raise NotFound("This account does not exist any more.")
        return User.of(account)


@strawberry.type(description=MUTATION)
class Mutation:
    @strawberry.mutation(description="Creates an account and signs it in.")
    async def register(
        self, info: Info, input: Annotated[RegisterInput, argument(description="The account to create.")]
    ) -> RegisterResult:
        client = Client(info.context.request)
        return registration_to_graphql(await info.context.service.register(**vars(input), client=client))

    @strawberry.mutation(description="Signs in with an e-mail address and a password.")
    async def login(
        self,
        info: Info,
        email: Annotated[str, argument(description="The account's e-mail address, in any spelling.")],
        password: Annotated[str, argument(description="The account's password.")],
    ) -> LoginResult:
        client = Client(info.context.request)
        return login_to_graphql(await info.context.service.login(email, password, client))

    @strawberry.mutation(
        description="Exchanges a refresh token for a new pair of tokens. A refresh token works once; "
        "its second use ends the session, and with it every token of the family."
    )
    async def refresh(
        self, info: Info, refresh_token: Annotated[str, argument(description="The session's newest refresh token.")]
    ) -> Session:
        client = Client(info.context.request)
        return Session.of(await info.context.service.sessions.refresh(refresh_token, client))

    @strawberry.mutation(
        description="Ends the session: its refresh token stops working at once, and its access token within a second."
    )
    async def logout(self, info: Info) -> bool:
        await info.context.service.sessions.logout(info.context.viewer)
        return True

    @strawberry.mutation(description="Sets a new password, ends all of the user's sessions and begins a new one.")
    async def change_password(
        self,
        info: Info,
        current: Annotated[str, argument(description="The password until now.")],
        new: Annotated[str, argument(description="The new password: 8 to 128 characters.")],
    ) -> ChangePasswordResult:
        viewer, client = info.context.viewer, Client(info.context.request)
        return password_change_to_graphql(await info.context.service.change_password(viewer, current, new, client))

    @strawberry.mutation(
        description="Mails a token for `resetPassword` to the account with this address. "
        "Whether there is one is not told."
    )
    async def request_password_reset(
        self, info: Info, email: Annotated[str, argument(description="The account's e-mail address, in any spelling.")]
    ) -> bool:
        await info.context.service.recovery.request_reset(email, Client(info.context.request))
        return True

    @strawberry.mutation(
        description="Sets a new password by a mailed token, ends all of the user's sessions and begins a new one."
    )
    async def reset_password(
        self,
        info: Info,
        token: Annotated[str, argument(description="The token from the mail. It works once, for 30 minutes.")],
        new: Annotated[str, argument(description="The new password: 8 to 128 characters.")],
    ) -> ResetPasswordResult:
        client = Client(info.context.request)
        return reset_to_graphql(await info.context.service.recovery.reset(token, new, client))

    @strawberry.mutation(description="Mails the signed-in user a token for `verifyEmail`, as `register` does.")
    async def request_email_verification(self, info: Info) -> bool:
        await info.context.service.recovery.request_verification(info.context.viewer)
        return True

    @strawberry.mutation(description="Shows by a mailed token that the account's e-mail address is right.")
    async def verify_email(
        self,
        info: Info,
        token: Annotated[str, argument(description="The token from the mail. It works once, for a day.")],
    ) -> VerifyEmailResult:
        return verification_to_graphql(await info.context.service.recovery.verify(token))

    @strawberry.mutation(
        description="Erases the signed-in user's address, number, name and password for good, and ends all sessions. "
        "Orders and the ledger stay, without the person."
    )
    async def erase_account(
        self, info: Info, password: Annotated[str, argument(description="The account's password.")]
    ) -> EraseAccountResult:
        viewer, client = info.context.viewer, Client(info.context.request)
        return erasure_to_graphql(await info.context.service.erasure.erase(viewer, password, client))

    @strawberry.mutation(description="Sets the signed-in user's phone number.")
    async def change_phone_number(
        self,
        info: Info,
        phone_number: Annotated[
            str,
            argument(description="7 to 15 digits with an optional leading +; spaces and punctuation are removed."),
        ],
    ) -> User:
        return User.of(await info.context.service.change_phone_number(info.context.viewer, phone_number))

    @strawberry.mutation(description="Grants a role. The user's next access token carries it. Admins only.")
    async def grant_role(
        self,
        info: Info,
        user_id: Annotated[ID, argument(description="The user who gets the role.")],
        role: Annotated[Role, argument(description="The role to grant.")],
    ) -> User:
        info.context.require_role(Role.ADMIN)
        return User.of(await info.context.service.roles.grant(user_id, role))

    @strawberry.mutation(description="Takes a role back, and ends the user's sessions, which carry it. Admins only.")
    async def revoke_role(
        self,
        info: Info,
        user_id: Annotated[ID, argument(description="The user who loses the role.")],
        role: Annotated[Role, argument(description="DEVELOPER or ADMIN.")],
    ) -> User:
        info.context.require_role(Role.ADMIN)
        return User.of(await info.context.service.roles.revoke(user_id, role))


schema = build_schema(Query, Mutation)
