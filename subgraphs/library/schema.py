"""The library subgraph's queries and mutations."""

import strawberry
from strawberry import ID

from subgraphs.contracts.library import OWNED_PRODUCTS, REVOKE_GAMES
from subgraphs.kit.graphql.commands import applied_events_field, command_field
from subgraphs.kit.graphql.schema import build_schema
from subgraphs.library.results import PlayResult, shown
from subgraphs.library.types import Info, Product, User


@strawberry.type
class Query:
    @strawberry.federation.field(shareable=True, description="The signed-in user.")
    def me(self, info: Info) -> User:
        return User(id=ID(info.context.viewer.id))

    owned_products = command_field(OWNED_PRODUCTS, lambda service: service.owned_products)
    applied_events = applied_events_field("library")


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Plays an owned game; a game once played cannot be refunded.")
    async def play(self, info: Info, product_id: ID) -> PlayResult:
        return shown(await info.context.service.play(info.context.viewer.id, product_id), product_id)

    revoke_games = command_field(REVOKE_GAMES, lambda service: service.revoke_games)


schema = build_schema(Query, Mutation, types=(Product,))
