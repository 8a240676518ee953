"""The user subgraph's GraphQL types."""

from datetime import datetime

import strawberry
from strawberry import ID

from subgraphs.kit.graphql.enums import graphql_enum
from subgraphs.kit.graphql.sizes import list_size
from subgraphs.kit.web.auth import Role
from subgraphs.kit.web.context import Context
from subgraphs.user import domain
from subgraphs.user.service import UserService

Info = strawberry.Info[Context[UserService], None]
graphql_enum(
    Role,
    description="What an account may do.",
    values={
        Role.USER: "Shops. Every account has this role.",
        Role.DEVELOPER: "Publishes products, and manages them.",
        Role.ADMIN: "Manages all products, grants roles, and sees private data.",
    },
)


@strawberry.federation.type(keys=["id"], description="An account.")
class User:
    id: ID = strawberry.field(description="The account's id.")
    name: str = strawberry.field(description="The name that the user goes by.")
    roles: list[Role] = strawberry.field(description="What the account may do.", directives=[list_size(3)])
    created_at: datetime = strawberry.field(description="When the account was created.")
    account: strawberry.Private[domain.Account]
    own: strawberry.Private[bool] = False
    """Whether it answers the user, who has just proved this by a password or a refresh token."""

    @strawberry.field(description="The e-mail address. For the user and admins only; null for anyone else.")
    def email(self, info: Info) -> str | None:
        return self.account.email if self._is_private_to(info) else None

    @strawberry.field(
        description="The phone number, if the user gave one. For the user and admins only; null for anyone else."
    )
    def phone_number(self, info: Info) -> str | None:
        return self.account.phone_number if self._is_private_to(info) else None

    @strawberry.field(
        description="Whether the user has shown by a mailed token that the address is right. For the user and admins "
        "only; null for anyone else."
    )
    def email_verified(self, info: Info) -> bool | None:
        return self.account.email_verified_at is not None if self._is_private_to(info) else None

    def _is_private_to(self, info: Info) -> bool:
        viewer = info.context.viewer_or_none
        return self.own or (viewer is not None and viewer.may_see(self.account.id))

    @classmethod
    async def resolve_reference(cls, info: Info, id: ID) -> "User | None":
        account = await info.context.load(info.context.service.by_ids, id)
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


@strawberry.type(description="A session of a signed-in user: a pair of tokens.")
class Session:
    access_token: str = strawberry.field(
        description="Proves who sends a request: send it as `Authorization: Bearer <token>`."
    )
    refresh_token: str = strawberry.field(description="Pass it to `refresh` for a new pair of tokens. It works once.")
    expires_at: datetime = strawberry.field(description="When the access token expires.")
    user: User = strawberry.field(description="The signed-in user.")

    @classmethod
    def of(cls, signed_in: domain.SignedIn) -> "Session":
        return cls(
            access_token=signed_in.access_token,
            refresh_token=signed_in.refresh_token,
            expires_at=signed_in.expires_at,
            user=User.of(signed_in.account, own=True),
        )
