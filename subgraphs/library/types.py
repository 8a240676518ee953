"""The library subgraph's GraphQL types."""

from collections.abc import Sequence
from datetime import datetime

import strawberry
from strawberry import ID

from subgraphs.kit.errors import StoreError
from subgraphs.kit.graphql.batch_fields import batch_field
from subgraphs.kit.graphql.paging import After, Connection, First, PageRequest
from subgraphs.kit.graphql.sizes import PAGE_SIZE
from subgraphs.kit.web.context import Context
from subgraphs.library import domain
from subgraphs.library.service import LibraryService

Info = strawberry.Info[Context[LibraryService], None]


async def _owned(products: "list[Product]", info: Info) -> Sequence[bool | StoreError | None]:
    viewer = info.context.viewer_or_none
    if viewer is None:
        return [None] * len(products)
    return await info.context.service.are_owned([product.id for product in products], viewer)


@strawberry.federation.type(keys=["id"], description="A game of the catalogue.")
class Product:
    id: ID = strawberry.field(description="The product's id; for a game of the data set, its Steam app id.")
    owned: bool | None = batch_field(
        _owned, description="Whether the signed-in user owns it; null when nobody is signed in."
    )

    @classmethod
    def resolve_reference(cls, id: ID) -> "Product":
        return cls(id=id)


@strawberry.type(description="A game that a user owns.")
class LibraryGame:
    product: Product = strawberry.field(description="The game.")
    acquired_at: datetime = strawberry.field(description="When it was paid for.")
    played: bool = strawberry.field(description="Whether it was ever played. A played game cannot be refunded.")
    last_played_at: datetime | None = strawberry.field(description="When it was last played; null if never.")

    @classmethod
    def of(cls, game: domain.Game) -> "LibraryGame":
        return cls(
            product=Product(id=ID(game.product_id)),
            acquired_at=game.acquired_at,
            played=game.is_played,
            last_played_at=game.last_played_at,
        )


@strawberry.type(description="One time that a user played a game.")
class Play:
    id: ID = strawberry.field(description="The play's id.")
    product: Product = strawberry.field(description="The game.")
    played_at: datetime = strawberry.field(description="When it was played.")

    @classmethod
    def of(cls, play: domain.Play) -> "Play":
        return cls(id=ID(play.id), product=Product(id=ID(play.product_id)), played_at=play.played_at)


@strawberry.type(description="One page of a user's games.")
class LibraryConnection(Connection[LibraryGame]):
    pass


@strawberry.type(description="One page of a user's plays.")
class PlayConnection(Connection[Play]):
    pass


@strawberry.federation.type(keys=["id"], description="An account.")
class User:
    id: ID = strawberry.field(description="The account's id.")

    @strawberry.field(
        description="The games that the user owns, the newest first. For the user and admins only.",
        directives=[PAGE_SIZE],
    )
    async def library(self, info: Info, first: First = 20, after: After = None) -> LibraryConnection:
        user_id, service = info.context.owner(self.id), info.context.service
        page = await service.games_page(info.context.viewer, user_id, PageRequest(first, after))
        return LibraryConnection.of(page, LibraryGame.of, lambda: service.count_games(user_id))

    @strawberry.field(
        description="The user's plays, the newest first. For the user and admins only.", directives=[PAGE_SIZE]
    )
    async def play_history(self, info: Info, first: First = 20, after: After = None) -> PlayConnection:
        user_id, service = info.context.owner(self.id), info.context.service
        page = await service.plays_page(user_id, PageRequest(first, after))
        return PlayConnection.of(page, Play.of, lambda: service.count_plays(user_id))

    @classmethod
    def resolve_reference(cls, id: ID) -> "User":
        return cls(id=id)
