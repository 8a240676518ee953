"""The context of one request: the viewer, the subgraph's service, and the request's data loaders."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar, TypeVarTuple

from starlette.requests import Request
from strawberry.dataloader import DataLoader

from subgraphs.kit.errors import Forbidden, StoreError, Unauthenticated
from subgraphs.kit.graphql.batch_fields import BatchValues
from subgraphs.kit.graphql.counted import Counted
from subgraphs.kit.web.allowance import Allowance
from subgraphs.kit.web.auth import Caller, Role, Viewer

ServiceT = TypeVar("ServiceT")
V = TypeVar("V")
Given = TypeVarTuple("Given")


class Context(Generic[ServiceT]):
    """What a resolver finds in `info.context`."""

    def __init__(
        self,
        request: Request,
        request_id: str,
        caller: Caller,
        service: ServiceT,
        identity: Viewer | StoreError | None,
        allowance: Allowance,
    ) -> None:
        self.request = request
        self.request_id = request_id
        self.caller = caller
        self.service = service
        self.allowance = allowance
        self.counted: Counted | None = None
        self._identity = identity
        self.batch_values = BatchValues()
        self._loaders: dict[Any, DataLoader[Any, Any]] = {}

    @property
    def viewer(self) -> Viewer:
        """The signed-in user. Raises Unauthenticated for a visitor and for an invalid token."""
        if isinstance(self._identity, StoreError):
            raise self._identity
        if self._identity is None:
            raise Unauthenticated
        return self._identity

    @property
    def viewer_or_none(self) -> Viewer | None:
        """The signed-in user, or None for a visitor. Raises Unauthenticated for an invalid token."""
        return None if self._identity is None else self.viewer

    def owner(self, user_id: str) -> str:
        """`user_id`, if the viewer may see that user's private data. Raises Unauthenticated, Forbidden."""
        if not self.viewer.may_see(user_id):
            raise Forbidden("This belongs to another user.")
        return user_id

    def require_role(self, *roles: Role) -> Viewer:
        """The viewer, who needs one of the roles. Raises Unauthenticated, Forbidden."""
        viewer = self.viewer
        if not viewer.roles & set(roles):
            names = " or ".join(role.value for role in roles)
            raise Forbidden(f"This needs the role {names}.")
        return viewer

    def require_peer(self) -> None:
        """Raises Forbidden unless another subgraph asks."""
        if self.caller is not Caller.PEER:
            raise Forbidden("This is an internal command.")

    def load(
        self, fetch: Callable[[list[str], *Given], Awaitable[Sequence[V | StoreError]]], key: str, *given: *Given
    ) -> Awaitable[V]:
        """One value of many: all keys that a request loads with the same `fetch` go in one call, `fetch(keys, *given)`.

        Raises the error that `fetch` returns in a value's place.
        """
        return self._loader(fetch, given).load(key)

    async def load_many(
        self, fetch: Callable[[list[str]], Awaitable[Sequence[V | StoreError]]], keys: list[str]
    ) -> Sequence[V]:
        """Like `load`, for several keys. Raises the first error."""
        return await self._loader(fetch, ()).load_many(keys)

    def _loader(self, fetch: Callable[..., Any], given: tuple[Any, ...]) -> DataLoader[Any, Any]:
        loader = self._loaders.get((fetch, given))
        if loader is None:
            loader = self._loaders[fetch, given] = DataLoader(load_fn=lambda keys: fetch(keys, *given))
        return loader
