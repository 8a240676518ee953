"""The operations to compare, each by its seed: queries that go through all of the API, and every case of a mutation."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random

from graphql import GraphQLSchema

from tests.clients import Account
from tests.federation.cases import CASES, Cases
from tests.federation.comparison import Asked, Trial
from tests.federation.writing import mutation, query, queryable
from tests.fuzz.world import Actor, World

SELLER = "a developer"
SELLERS = ("Query.myProducts", "Published", "Product.sold", "Sold")
"""How the names of targets begin that only sellers can see."""


@dataclass(frozen=True)
class Trials:
    """Makes trials. A seed is `SEED/NUMBER`, and a trial depends on nothing else but the people's ids."""

    schema: GraphQLSchema
    people: Mapping[str, Account | None]
    """The first one is who mostly asks."""
    world: World
    actors: list[Actor]
    cases: Cases

    @cached_property
    def targets(self) -> list[str]:
        """All that a query can ask for."""
        return queryable(self.schema)

    def query(self, seed: str, target: str = "", sender: str = "") -> Trial:
        """A query for the target, by the sender. Without them, the number decides what is asked, and who asks."""
        rng, number = Random(seed), int(seed.partition("/")[2])
        target = target or self.targets[number % len(self.targets)]
        actor = self._named(SELLER) if target.startswith(SELLERS) else self.actors[0]
        if rng.random() > 0.7:
            actor = self.actors[int(rng.random() * len(self.actors))]
        actor = self._named(sender) if sender else actor
        made = query(rng, self.schema, self.world, actor, target)

        async def arrange() -> Asked:
            return Asked(self.people[actor.name], made.variables)

        return Trial(f"query {seed}, sent by {actor.name}", made.document, arrange)

    def _named(self, name: str) -> Actor:
        return next(actor for actor in self.actors if actor.name == name)

    def mutation(self, seed: str) -> Trial:
        """The case that this number comes to."""
        rng, number = Random(seed), int(seed.partition("/")[2])
        case = CASES[number % len(CASES)]
        made = mutation(rng, self.schema, self.world, self.actors[0], case.mutation)

        async def arrange() -> Asked:
            viewer, variables = await case.arrange(self.cases)
            return Asked(viewer, made.variables | variables)

        return Trial(f"mutation {seed}, {case.mutation}: {case.outcome}", made.document, arrange, is_mutation=True)

    def of(self, name: str) -> Trial:
        """The trial that a difference names: `query SEED/NUMBER` or `mutation SEED/NUMBER`."""
        kind, _, seed = name.partition(" ")
        return self.mutation(seed) if kind == "mutation" else self.query(seed)
