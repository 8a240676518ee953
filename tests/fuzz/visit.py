"""Visits to the store: one after another each sends requests of its own seed, and remembers what it is shown."""

import asyncio
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from random import Random

import aiohttp
from graphql import GraphQLSchema

from subgraphs.kit.web.auth import Role
from tests.fuzz.operations import DEPTH, Kind, Operation, Writer
from tests.fuzz.reach import Reach
from tests.fuzz.values import Values
from tests.fuzz.verdict import Answer
from tests.fuzz.world import Actor, World
from tests.shop import Shop

REQUESTS = 60
OPENING = [
    *["publishProduct"] * 3,
    "register",
    "limitStock",
    "createFlashSale",
    "claim",
    *["addToWishlist"] * 5,
    *["placeOrder", "startPayment", "pay"] * 2,
    "checkout",
    "play",
    "refund",
]
"""What the developer does first, by the book: without it, a visit would meet an empty shop."""
POINTS = 100_000
ATTEMPTS = 8
"""How often a request is sent that the store cannot answer for the moment."""


@dataclass(frozen=True)
class Target:
    """An endpoint, with the headers that it lets in."""

    name: str
    url: str
    schema: GraphQLSchema
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Defect:
    """What no request may cause, with all that is needed to see it again."""

    replay: str
    target: str
    actor: str
    operation: Operation
    complaint: str
    answer: str

    def __str__(self) -> str:
        request = {"query": self.operation.document, "variables": self.operation.variables}
        return (
            f"{self.complaint} from {self.target}, sent by {self.actor} (again: --replay={self.replay})\n"
            f"  {json.dumps(request)[:4000]}\n  {self.answer[:1000]}"
        )


class Visit:
    """A few people with roles of their own, who shop, sell and send nonsense."""

    def __init__(self, seed: str, targets: list[Target], shop: Shop, reach: Reach) -> None:
        self._seed = seed
        self._router, *self._subgraphs = targets
        self._shop = shop
        self._reach = reach
        self._world = World([])
        self.defects: list[Defect] = []

    async def run(self) -> None:
        for name, roles in {"a developer": (Role.USER, Role.DEVELOPER), "a customer": (Role.USER,)}.items():
            account = await self._shop.registered(POINTS)
            self._world.actors.append(Actor(name, self._shop.viewers.make(*roles, user_id=account.id).token))
        self._world.actors += [Actor("an admin", self._shop.viewers.make(*Role).token), Actor("anybody")]
        for number, name in enumerate(OPENING):
            await self._by_the_book(Random(f"{self._seed}/opening/{number}"), name)
        for number in range(REQUESTS):
            await self._at_random(Random(f"{self._seed}/{number}"))

    async def _by_the_book(self, rng: Random, name: str) -> None:
        actor = self._world.actors[0]
        values = Values(rng, self._world, actor, hostility=0)
        operation = Writer(self._router.schema, values, depth=1).operation("mutation", [name])
        await self._request(self._router, actor, operation)

    async def _at_random(self, rng: Random) -> None:
        hostile, subgraph, shallow = rng.random() < 0.4, rng.random() < 0.4, rng.random() < 0.5
        kind: Kind = "mutation" if rng.random() < 0.6 else "query"
        actor = self._somebody(rng)
        values = Values(rng, self._world, actor, hostility=0.25 if hostile else 0)
        target = values.pick(self._subgraphs) if subgraph else self._router
        writer = Writer(target.schema, values, depth=1 if shallow and kind == "mutation" else DEPTH)
        await self._request(target, actor, writer.operation(kind))

    def _somebody(self, rng: Random) -> Actor:
        developer, customer, admin, anybody, *accounts = self._world.actors
        several = [developer] * 5 + [customer] * 3 + [admin] + [anybody] + accounts[-2:]
        return several[int(rng.random() * len(several))]

    async def _request(self, target: Target, actor: Actor, operation: Operation) -> None:
        answer = await self._send(target, actor, operation)
        if complaint := answer.complaint() or ("never an answer" if answer.retry_after is not None else ""):
            self.defects.append(Defect(self._seed, target.name, actor.name, operation, complaint, answer.text))
        self._learn(answer, operation, actor)
        self._count(target, operation, answer)

    async def _send(self, target: Target, actor: Actor, operation: Operation) -> Answer:
        body = json.dumps({"query": operation.document, "variables": operation.variables}).encode()
        headers = {"content-type": "application/json", **target.headers}
        if actor.token:
            headers["authorization"] = f"Bearer {actor.token}"
        for _ in range(ATTEMPTS):
            try:
                async with self._shop.client.http.post(target.url, data=io.BytesIO(body), headers=headers) as response:
                    answer = Answer(response.status, await response.read())
            except (aiohttp.ClientError, TimeoutError) as error:
                return Answer(0, repr(error).encode())
            if answer.retry_after is None:
                break
            await asyncio.sleep(answer.retry_after)
        return answer

    def _learn(self, answer: Answer, operation: Operation, actor: Actor) -> None:
        self._world.learn(answer.data, actor)
        for alias, given in operation.given.items():
            value, account = answer.data.get(alias), given.get("input", given)
            if isinstance(value, dict) and isinstance(account, dict) and isinstance(account.get("email"), str):
                self._world.signed_in(value, account["email"], str(account.get("password", "")))

    def _count(self, target: Target, operation: Operation, answer: Answer) -> None:
        self._reach.requests[target.name] += 1
        self._reach.past_validation += answer.is_past_validation(operation)
        self._reach.answered(target.schema, operation, answer.data)
        for alias, outcome in answer.outcomes(operation).items():
            self._reach.outcomes[f"{operation.roots[alias]}: {outcome}"] += 1


async def visit_until(
    ends: float, seed: int, lanes: int, targets: list[Target], shop: Shop, reach: Reach
) -> list[Defect]:
    """Runs visits side by side until the event loop's clock shows `ends`. Returns the defects that they met."""
    numbers, defects, clock = count(), list[Defect](), asyncio.get_running_loop()

    async def lane() -> None:
        while clock.time() < ends:
            visit = Visit(f"{seed}/{next(numbers)}", targets, shop, reach)
            await visit.run()
            defects.extend(visit.defects)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(lanes):
            tasks.create_task(lane())
    return defects
