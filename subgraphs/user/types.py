"""The user subgraph's GraphQL types."""

from datetime import datetime

import strawberry
from strawberry import ID

from subgraphs.kit.web.auth import Role
from subgraphs.kit.web.context import Context
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
