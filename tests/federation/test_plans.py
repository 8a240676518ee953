"""What operations cost: the fetches and stages of their plans, and the SQL statements that each subgraph executes.

plans/plans.txt has the costs of plans/operations.graphql. A change of either is a diff to review; `nox -s plans` writes it.
"""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from graphql import OperationDefinitionNode, OperationType, parse, print_ast

from router.client import request_plan
from router.plan import Defer, Fetch, Parallel, Part, Plan, Sequence, children, fetches, root, summary
from router.process import NodeGateway
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.kit.web.auth import Role
from tests.clients import Account, Metrics
from tests.federation.cases import CASES
from tests.federation.comparison import Asked
from tests.federation.gateways import through
from tests.federation.trials import Trials
from tests.own_store import OwnStore

PLANS = Path(__file__).parent / "plans"
OPERATIONS = PLANS / "operations.graphql"
COSTS = PLANS / "plans.txt"
STATEMENTS = "steampunk_sql_statements_total"
TIMES = 3
"""An operation is sent so often. It may cost the most that was seen; it costs more if each time it did."""
SELLERS = "Seller"
"""Queries whose names begin so are asked by the developer of the games; all others by a customer."""
TYPES = {"sale": "FlashSale", "topUp": "TopUp"}
"""The types of ids whose variables are not named after them."""


def stages(node: Part) -> int:
    """How many fetches wait for one another, at most."""
    below = [stages(child) for child in children(node)]
    match node:
        case Fetch():
            return 1
        case Sequence():
            return sum(below)
        case Defer() | Parallel():
            return max(below)
        case _:
            return max(below, default=0)


def operations() -> Iterator[OperationDefinitionNode]:
    for one in parse(OPERATIONS.read_text()).definitions:
        assert isinstance(one, OperationDefinitionNode)
        yield one


async def asked(trials: Trials, operation: OperationDefinitionNode) -> Asked:
    """Who sends the operation, with which variables."""
    assert operation.name is not None
    if operation.operation is OperationType.MUTATION:
        case = next(one for one in CASES if one.mutation == operation.name.value)
        viewer, variables = await case.arrange(trials.cases)
        return Asked(past_caches(trials, viewer), variables)
    asks = "a developer" if operation.name.value.startswith(SELLERS) else trials.actors[0].name
    actor = next(one for one in trials.actors if one.name == asks)
    names = [one.variable.name.value for one in operation.variable_definitions or ()]
    variables = {one: trials.world.ids(TYPES.get(one, one.capitalize()), actor)[0] for one in names}
    return Asked(past_caches(trials, trials.people[actor.name]), variables)


def past_caches(trials: Trials, viewer: Account | None) -> Account | None:
    """The viewer as a developer, for whom the product subgraph reads what it remembers for others."""
    return viewer and trials.cases.shop.viewers.make(Role.USER, Role.DEVELOPER, user_id=viewer.id)


async def statements(metrics: Metrics) -> dict[str, int]:
    """How many statements each subgraph has executed for requests so far."""
    counts = await asyncio.gather(*[metrics.value(name, STATEMENTS, work="request") for name in SUBGRAPHS])
    return dict(zip(SUBGRAPHS, map(int, counts), strict=True))


async def test_operations_cost_what_the_committed_plans_say(
    running: OwnStore,
    trials: Trials,
    metrics: Metrics,
    patient_http: aiohttp.ClientSession,
    request: pytest.FixtureRequest,
) -> None:
    if isinstance(running.store.gateway, NodeGateway):
        pytest.skip("The committed plans are Apollo Router's: run `nox -s router`")
    url, lines = running.store.settings.graphql_url, list[str]()
    is_written = request.config.getoption("write_plans", False)
    for operation in operations():
        # What a mutation executes depends on whether events of what was arranged have come: it is lowered by hand only.
        is_query = operation.operation is OperationType.QUERY
        document = print_ast(operation)
        spent = list[dict[str, int]]()
        for _ in range(TIMES):
            who = await asked(trials, operation)
            before = await statements(metrics)
            answer = await through(patient_http, url, document, who.variables, who.viewer)
            after = await statements(metrics)
            assert not answer.errors, (document, answer)
            spent.append({name: after[name] - before[name] for name in SUBGRAPHS})
        plan = await asyncio.to_thread(request_plan, document, who.variables, url)
        lines += described(operation, plan, allowed(spent, {} if is_query and is_written else stated(operation)))
    text = "\n".join(lines) + "\n"
    if is_written:
        COSTS.write_text(text)
    assert text == COSTS.read_text(), "If the change is meant, `nox -s plans` writes plans.txt"


def allowed(spent: list[dict[str, int]], stated: dict[str, int]) -> dict[str, int]:
    """The statements that each subgraph may execute: those stated, or the most that was seen if each time it is more."""
    found = {}
    for name in SUBGRAPHS:
        counts = [one[name] for one in spent]
        found[name] = stated[name] if min(counts) <= stated.get(name, -1) else max(counts)
    return found


def stated(operation: OperationDefinitionNode) -> dict[str, int]:
    """The statements in plans.txt of each subgraph; 0 where it has none, and nothing of an unknown operation."""
    name = operation.name.value if operation.name else ""
    block = re.search(rf"^{name}\n.*\n.*\n    statements  (.*)$", COSTS.read_text(), re.MULTILINE)
    if block is None:
        return {}
    return dict.fromkeys(SUBGRAPHS, 0) | {one: int(number) for one, number in re.findall(r"(\w+) (\d+)", block[1])}


def described(operation: OperationDefinitionNode, plan: Plan, spent: dict[str, int]) -> list[str]:
    """An operation's lines in plans.txt."""
    top, count = root(plan["object"]), len(fetches(plan))
    told = ", ".join(f"{name} {number}" for name, number in sorted(spent.items()) if number) or "none"
    assert operation.name is not None
    return [
        operation.name.value,
        f"    plan        {summary(plan)}",
        f"    fetches     {count} in {_counted(stages(top) if top else 0, 'stage')}",
        f"    statements  {told}",
    ]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def test_there_are_enough_operations_of_different_names() -> None:
    names: list[Any] = [one.name.value if one.name else None for one in operations()]
    assert len(set(names)) == len(names) >= 60
