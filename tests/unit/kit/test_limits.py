"""The limits of an operation, and of a request's fetches together."""

import re
from pathlib import Path

import pytest
from graphql import parse

from subgraphs.kit.errors import QueryTooComplex
from subgraphs.kit.graphql import limits
from subgraphs.kit.graphql.cost import Cost, Entities, OperationCost
from subgraphs.kit.graphql.limits import BUDGET, check_shape
from subgraphs.kit.web import allowance, body
from subgraphs.kit.web.allowance import Allowance, Spending

SECURITY = Path(__file__).parents[3] / "docs" / "security.md"
NAMES = "MAX_TOKENS", "MAX_DEPTH", "MAX_ROOT_FIELDS", "MAX_FIELDS", "MAX_ALIASES", "MAX_DIRECTIVES", "BUDGET"


def one_entity(representations: int, values: int, references: int = 0) -> OperationCost:
    return OperationCost(Cost(), (Entities(representations, Cost(values, references)),))


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        ("{ a " * (limits.MAX_DEPTH + 1) + "}" * (limits.MAX_DEPTH + 1), "levels"),
        ("{ " + "a " * (limits.MAX_ROOT_FIELDS + 1) + "}", "fields on its top level"),
        ("{ x { " + "a " * limits.MAX_FIELDS + "} }", "fields"),
        ("{ x { " + "b: a " * (limits.MAX_ALIASES + 1) + "} }", "aliases"),
        ("{ x { a " + "@include(if: true) " * (limits.MAX_DIRECTIVES + 1) + "} }", "directives"),
        ("{ x { ...f ...f ...f } } fragment f on X { " + "b: a " * (limits.MAX_ALIASES // 3 + 1) + "}", "aliases"),
    ],
)
def test_a_document_over_a_limit_is_refused(query: str, limit: str) -> None:
    with pytest.raises(QueryTooComplex, match=f"more than [0-9]+ {limit}.$"):
        check_shape(parse(query))


@pytest.mark.parametrize("query", ["{ ...f } fragment f on X { ...f a }", "{ ...nowhere }", "{ a }"])
def test_what_validation_judges_is_let_through(query: str) -> None:
    check_shape(parse(query))


@pytest.mark.parametrize(("levels", "message"), [(60, "fields"), (400, "nested too deeply")])
def test_fragments_that_double_are_refused_at_once(levels: int, message: str) -> None:
    doubling = " ".join(f"fragment f{n} on X {{ ...f{n + 1} ...f{n + 1} }}" for n in range(levels))
    with pytest.raises(QueryTooComplex, match=message):
        check_shape(parse(f"{{ x {{ ...f0 }} }} {doubling} fragment f{levels} on X {{ a }}"))


def test_the_fetches_of_one_request_share_its_budget() -> None:
    spending = Spending()
    spending.add("one", BUDGET - 10)
    spending.add("other", BUDGET)
    with pytest.raises(QueryTooComplex) as refused:
        spending.add("one", 11)
    assert refused.value.extensions == {"code": "QUERY_TOO_COMPLEX", "cost": BUDGET + 1, "budget": BUDGET}
    spending.add("one", 10)


def test_a_request_id_may_be_used_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    spending, now = Spending(), [0.0]
    monkeypatch.setattr("subgraphs.kit.web.allowance.time.monotonic", lambda: now[0])
    spending.add("one", BUDGET)
    now[0] = allowance.REMEMBERED_SECONDS + 1
    spending.add("one", BUDGET)


def test_a_cost_beyond_all_numbers_is_shown_as_the_largest_that_json_holds() -> None:
    with pytest.raises(QueryTooComplex) as refused:
        Spending().add("one", 2**300)
    assert refused.value.details["cost"] == 2**53 - 1


def test_an_entity_counts_at_each_of_its_places() -> None:
    with pytest.raises(QueryTooComplex):
        Allowance(Spending(), "one", str(BUDGET // 4)).pay(one_entity(3, 5), {})
    Allowance(Spending(), "one", None).pay(one_entity(3, 5), {})
    Allowance(None, "a peer", str(BUDGET)).pay(one_entity(3, 5), {})


@pytest.mark.parametrize(("places", "after"), [("3", 2), ("4", 4 * 7), (None, 2), ("many", 2)])
def test_the_places_of_an_answer_are_counted_unless_its_entities_stand_at_several(
    places: str | None, after: int
) -> None:
    fetch = Allowance(Spending(), "one", places)
    fetch.pay(one_entity(3, 5, references=7), {})
    answer = b'{"data":{"a":{"__typename":"A"},"b":{"__typename":"A","c":{"__typename":"B"}}}}'
    assert fetch.places_after(answer, re.compile(b'"__typename":"A"')) == after


def test_the_documentation_has_the_limits() -> None:
    documented = dict(re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", SECURITY.read_text(), re.MULTILINE))
    values = {name: getattr(limits, name) for name in NAMES} | {"MAX_BODY_BYTES": body.MAX_BODY_BYTES}
    assert {name: int(value.replace(",", "")) for name, value in documented.items()} == values
