"""The library subgraph's GraphQL types."""

from datetime import datetime

import strawberry
from strawberry import ID

from subgraphs.kit.graphql.paging import Connection, PageRequest
from subgraphs.kit.web.context import Context
from subgraphs.library import models
from subgraphs.library.service import LibraryService

Info = strawberry.Info[Context[LibraryService], None]


@strawberry.federation.type(keys=["id"], description="A game of the catalogue.")
class Product:
    id: ID = strawberry.field(description="The Steam app id for a game of the data set.")

    @strawberry.field(description="Whether the signed-in user owns it; null when nobody is signed in.")
    async def owned(self, info: Info) -> bool | None:
        viewer = info.context.viewer_or_none
        if viewer is None:
            return None
        return await info.context.load(info.context.service.owned, models.live_key(viewer.id, self.id))

    @classmethod
    def resolve_reference(cls, id: ID) -> "Product":
        return cls(id=id)


@strawberry.type(description="A game in a user's library.")
class LibraryGame:
    product: Product = strawberry.field(description="The game.")
    acquired_at: datetime = strawberry.field(description="When it was paid for.")
    played: bool = strawberry.field(description="Whether it was played: it cannot be refunded any more.")
    last_played_at: datetime | None = strawberry.field(description="When it was played last.")

    @classmethod
    def of(cls, game: models.Game) -> "LibraryGame":
        return cls(
            product=Product(id=ID(game.product_id)),
            acquired_at=game.acquired_at,
            played=game.play_count > 0,
            last_played_at=game.last_played_at,
        )


@strawberry.type(description="One time that a game was played.")
class Play:
    id: ID = strawberry.field(description="The play's own id.")
    product: Product = strawberry.field(description="The game.")
    played_at: datetime = strawberry.field(description="When it was played.")

    @classmethod
    def of(cls, play: models.Play) -> "Play":
        return cls(id=ID(play.id), product=Product(id=ID(play.product_id)), played_at=play.played_at)


@strawberry.type(description="One page of a library.")
class LibraryConnection(Connection[LibraryGame]):
    pass


@strawberry.type(description="One page of a play history.")
class PlayConnection(Connection[Play]):
    pass


@strawberry.federation.type(keys=["id"], description="An account.")
class User:
    id: ID = strawberry.field(description="The account's id.")

    @strawberry.field(
        description="The games that the user owns, the newest first. Its owner and admins only.",
    )
    async def library(self, info: Info, first: int | None = 20, after: str | None = None) -> LibraryConnection:
        user_id, service = info.context.owner(self.id), info.context.service
        page = await service.library(user_id, PageRequest(first, after))
        return LibraryConnection.of(page, LibraryGame.of, lambda: service.library_size(user_id))

    @strawberry.field(
        description="What the user played, the newest first. Its owner and admins only.",
    )
    async def play_history(self, info: Info, first: int | None = 20, after: str | None = None) -> PlayConnection:
        user_id, service = info.context.owner(self.id), info.context.service
        page = await service.play_history(user_id, PageRequest(first, after))
        return PlayConnection.of(page, Play.of, lambda: service.play_count(user_id))

    @classmethod
    def resolve_reference(cls, id: ID) -> "User":
        return cls(id=id)
