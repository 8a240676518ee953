"""What operations cost: the fetches and stages of their plans, and the SQL statements that each subgraph executes.

plans/plans.txt has the costs of plans/operations.graphql. A change of either is a diff to review; `nox -s plans` writes it.
"""

import asyncio
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
    actor = trials.actors[0]
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
    for operation in operations():
        document = print_ast(operation)
        for _ in range(2):  # the first time, keys are fetched, and events are caught up with
            who = await asked(trials, operation)
            before = await statements(metrics)
            answer = await through(patient_http, url, document, who.variables, who.viewer)
            after = await statements(metrics)
            assert not answer.errors, (document, answer)
        plan = await asyncio.to_thread(request_plan, document, who.variables, url)
        spent = {name: after[name] - before[name] for name in SUBGRAPHS}
        lines += described(operation, plan, spent)
    text = "\n".join(lines) + "\n"
    if request.config.getoption("write_plans", False):
        COSTS.write_text(text)
    assert text == COSTS.read_text(), "If the change is meant, `nox -s plans` writes plans.txt"


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
