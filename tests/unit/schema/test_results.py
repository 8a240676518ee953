"""What clients find in every result union: one success, and problems that all have a message."""

from pathlib import Path

import pytest
from graphql import GraphQLInterfaceType, GraphQLUnionType, build_schema

API = build_schema((Path(__file__).parents[3] / "schema" / "api.graphql").read_text())
UNIONS = [kind for kind in API.type_map.values() if isinstance(kind, GraphQLUnionType)]
SUCCESSES = {
    "AccountErased",
    "Claim",
    "Order",
    "Payment",
    "Play",
    "Product",
    "Refund",
    "Session",
    "TopUp",
    "User",
    "WishlistItem",
}


def problems() -> set[str]:
    """The names of the types that implement Problem."""
    interface = API.type_map["Problem"]
    assert isinstance(interface, GraphQLInterfaceType)
    return {kind.name for kind in API.get_possible_types(interface)}


@pytest.mark.parametrize("union", UNIONS, ids=lambda union: union.name)
def test_all_members_but_the_success_are_problems(union: GraphQLUnionType) -> None:
    members = {member.name for member in union.types}
    assert len(members & SUCCESSES) == 1
    assert members - problems() == members & SUCCESSES


def test_every_problem_is_a_member_of_a_result_union() -> None:
    assert problems() == {member.name for union in UNIONS for member in union.types} - SUCCESSES
