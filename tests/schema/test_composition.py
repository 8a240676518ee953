"""Composition gives the router its supergraph, and clients a schema without anything internal."""

import pytest
from graphql import GraphQLObjectType, build_schema

from schema.composition import compose

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@inaccessible", "@key", "@shareable"])'
GAMES = f'''{LINK}
"""A game of the catalogue."""
type Game @key(fields: "id") {{
  """The game's id."""
  id: ID!
  secret: String @inaccessible
}}
scalar Message @inaccessible
type Query {{
  game(
    """Which game."""
    id: ID!
  ): Game
  command(requests: [Message!]!): [Message!]! @inaccessible
}}
'''
STOCK = f"""{LINK}
type Game @key(fields: "id") {{ id: ID! units: Int! }}
"""


def test_clients_see_every_subgraphs_fields_with_descriptions() -> None:
    schema = build_schema(compose({"product": GAMES, "stock": STOCK})["api"])
    assert schema.query_type is not None
    assert set(schema.query_type.fields) == {"game"}
    assert schema.query_type.fields["game"].args["id"].description == "Which game."
    game = schema.type_map["Game"]
    assert isinstance(game, GraphQLObjectType)
    assert game.description == "A game of the catalogue."
    assert set(game.fields) == {"id", "units"}


def test_clients_see_nothing_internal() -> None:
    composed = compose({"product": GAMES, "stock": STOCK})
    internal = ("join__", "inaccessible", "link__", "Message", "command", "secret")
    assert [word for word in internal if word not in composed["supergraph"]] == []
    assert [word for word in internal if word in composed["api"]] == []


def test_subgraphs_that_do_not_compose_are_refused_with_the_reason() -> None:
    with pytest.raises(SystemExit, match=r"do not compose[\s\S]*Game\.id"):
        compose({"product": GAMES, "stock": STOCK.replace('@key(fields: "id") ', "")})
