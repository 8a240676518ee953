"""The library subgraph's GraphQL types and resolvers."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID

from subgraphs.contracts.library import OWNED_PRODUCTS, REVOKE_GAMES
from subgraphs.kit.context import Context
from subgraphs.kit.graphql import applied_events_field, build_schema, step_field
from subgraphs.kit.paging import Connection, Window
from subgraphs.library import models
from subgraphs.library import service as domain
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
        page = await service.library(user_id, Window(first, after))
        return LibraryConnection.of(page, LibraryGame.of, lambda: service.library_size(user_id))

    @strawberry.field(
        description="What the user played, the newest first. Its owner and admins only.",
    )
    async def play_history(self, info: Info, first: int | None = 20, after: str | None = None) -> PlayConnection:
        user_id, service = info.context.owner(self.id), info.context.service
        page = await service.play_history(user_id, Window(first, after))
        return PlayConnection.of(page, Play.of, lambda: service.play_count(user_id))

    @classmethod
    def resolve_reference(cls, id: ID) -> "User":
        return cls(id=id)


@strawberry.type(description="The game is not in the signed-in user's library.")
class NotOwned:
    message: str = strawberry.field(description="For a person to read.")
    product: Product = strawberry.field(description="The game.")


PlayResult = Annotated[Play | NotOwned, strawberry.union("PlayResult", description="What became of a play.")]


@strawberry.type
class Query:
    @strawberry.federation.field(shareable=True, description="The signed-in user.")
    def me(self, info: Info) -> User:
        return User(id=ID(info.context.viewer.id))

    owned_products = step_field(OWNED_PRODUCTS, lambda service: service.owned_products)
    applied_events = applied_events_field("library")


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Plays an owned game; a game once played cannot be refunded.")
    async def play(self, info: Info, product_id: ID) -> PlayResult:
        outcome = await info.context.service.play(info.context.viewer.id, product_id)
        if isinstance(outcome, domain.NotOwned):
            return NotOwned(message="Only owned games can be played.", product=Product(id=product_id))
        return Play.of(outcome)

    revoke_games = step_field(REVOKE_GAMES, lambda service: service.revoke_games)


schema = build_schema(Query, Mutation, types=(Product,))
