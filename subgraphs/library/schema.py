"""The library subgraph's queries and mutations."""

from typing import Annotated

import strawberry
from strawberry import ID

from subgraphs.contracts.library import OWNED_PRODUCTS, REVOKE_GAMES
from subgraphs.kit.graphql.commands import applied_events_field, command_field
from subgraphs.kit.graphql.schema import MUTATION, QUERY, build_schema
from subgraphs.library.results import PlayResult, play_to_graphql
from subgraphs.library.types import Info, Product, User


@strawberry.type(description=QUERY)
class Query:
    @strawberry.federation.field(shareable=True, description="The signed-in user.")
    def me(self, info: Info) -> User:
        return User(id=ID(info.context.viewer.id))

    owned_products = command_field(OWNED_PRODUCTS, lambda service: service.owned_products)
    applied_events = applied_events_field("library")


@strawberry.type(description=MUTATION)
class Mutation:
    @strawberry.mutation(description="Plays an owned game, which can no longer be refunded then.")
    async def play(
        self, info: Info, product_id: Annotated[ID, strawberry.argument(description="The game to play.")]
    ) -> PlayResult:
        return play_to_graphql(await info.context.service.play(info.context.viewer, product_id))

    revoke_games = command_field(REVOKE_GAMES, lambda service: service.revoke_games)


schema = build_schema(Query, Mutation, types=(Product,))
