"""Values for arguments: plausible ones, made of what the visit knows, and hostile ones."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_required_input_field,
)

from tests.fuzz import hostile
from tests.fuzz.world import Actor, World

T = TypeVar("T")
ENTITIES = {"sale": "FlashSale"}
"""The types of ids whose arguments are not named after them: `saleId` is a FlashSale's, `orderId` an Order's."""
LONG = 200
"""Longer values are not repeated in lists: the limit of a request's size would refuse them."""
PASSWORDS = ["a long password", "another password"]


class EnumValue(str):
    """Written without quotes in a document."""


class Values:
    """Chooses the values of one request. `hostility` is the share of hostile values."""

    def __init__(self, rng: Random, world: World, actor: Actor, hostility: float) -> None:
        self._rng = rng
        self._world = world
        self._actor = actor
        self._hostility = hostility
        self.input_fields: list[str] = []
        """The fields of input types that have been used since the list was last emptied."""
        known = [account for account in world.actors if account.password]
        self._account = self.pick(known) if known and self.chance(0.7) else self._newcomer()

    # ---- chance

    def chance(self, share: float) -> bool:
        return self._rng.random() < share

    def number(self, first: int, last: int) -> int:
        return first + int(self._rng.random() * (last - first + 1))

    def pick(self, choices: Sequence[T]) -> T:
        # Takes one random number however many choices there are, so that a replay goes the same way even if the
        # store has become fuller.
        return choices[self.number(0, len(choices) - 1)]

    def some(self, choices: Sequence[T], most: int) -> list[T]:
        """Up to `most` different ones, at least one if there are any."""
        left, chosen = list(choices), []
        for _ in range(self.number(1, most)):
            if left:
                chosen.append(left.pop(self.number(0, len(left) - 1)))
        return chosen

    # ---- values

    def of(self, kind: GraphQLInputType, name: str, result: str) -> Any:
        """A value of a type for the argument or input field `name`; `result` is the type that its field returns."""
        if self.chance(self._hostility):
            return self._hostile(kind)
        if isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
        if isinstance(kind, GraphQLList):
            return self._list(kind, name, result)
        if isinstance(kind, GraphQLInputObjectType):
            return self._object(kind, result)
        if isinstance(kind, GraphQLEnumType):
            return EnumValue(self.pick(list(kind.values)))
        return self._scalar(get_named_type(kind).name, name, result)

    def _list(self, kind: GraphQLList[Any], name: str, result: str) -> list[Any]:
        inner = get_named_type(kind).name
        if inner == "ID":
            return self.some(self._world.ids(self._entity(name, result), self._actor), 3) or ["1"]
        values = [self.of(kind.of_type, name.removesuffix("s"), result) for _ in range(self.number(1, 3))]
        return values if inner == "_Any" else [value for n, value in enumerate(values) if value not in values[:n]]

    def _object(self, kind: GraphQLInputObjectType, result: str) -> dict[str, Any]:
        given = {}
        for name, field in kind.fields.items():
            if is_required_input_field(field) or self.chance(0.4):
                self.input_fields.append(f"{kind.name}.{name}")
                given[name] = self.of(field.type, name, result)
        return given

    def _scalar(self, scalar: str, name: str, result: str) -> Any:
        if scalar == "ID":
            known = self._world.ids(self._entity(name, result), self._actor)
            return self.pick(known) if known else "1"
        if scalar == "_Any":
            return self._representation()
        plausible: dict[str, Callable[[], Any]] = {**self._by_type(), **self._by_name()}
        return plausible.get(name, plausible.get(scalar, dict))()

    def _by_type(self) -> dict[str, Callable[[], Any]]:
        return {
            "String": lambda: self.pick(["a", "Ada", "Steam and brass", "a\u00e9\u4e2d"]),
            "Int": lambda: self.number(0, 100),
            "Boolean": lambda: self.chance(0.5),
            "Decimal": lambda: f"{self.number(0, 30)}.{self.number(10, 99)}",
            "Date": lambda: f"20{self.number(10, 30)}-0{self.number(1, 9)}-{self.number(10, 28)}",
            "DateTime": lambda: self._instant(-1, 1),
        }

    def _by_name(self) -> dict[str, Callable[[], Any]]:
        words = self._world.texts
        return {
            "first": lambda: self.number(1, 6) if self.chance(0.9) else self.number(1, 100),
            "after": lambda: self.pick(words["cursor"]) if words["cursor"] else None,
            "search": lambda: self.pick(["game", "steam bra", "a", *words["title"][-5:]]),
            "genre": lambda: self.pick(["Indie", "Action", "Puzzle", *words["name"][-5:]]),
            "title": lambda: f"Game {self.number(1, 10**6)}",
            "headerImage": lambda: "https://example.com/a.png",
            "percent": lambda: self.number(0, 90),
            "units": lambda: self.number(1, 4),
            "points": lambda: self.number(1, 300),
            "amount": lambda: self.pick([50, 1_000, 50_000]),
            "expectedTotal": lambda: self.number(1, 3000),
            "startsAt": lambda: self._instant(-2, 0),
            "endsAt": lambda: self._instant(1, 48),
            "idempotencyKey": lambda: f"key {self.number(1, 10**6 if self.chance(0.8) else 3)}",
            "email": lambda: self._account.email,
            "password": lambda: self._account.password,
            "current": lambda: self._actor.password or PASSWORDS[0],
            "new": lambda: self.pick(PASSWORDS),
            "phoneNumber": lambda: f"+49 30 {self.number(10**6, 10**7)}",
            "refreshToken": lambda: self.pick([*words["refreshToken"][-3:], "unknown"]),
        }

    def _newcomer(self) -> Actor:
        return Actor("", "", f"ada-{self._rng.getrandbits(64):x}@example.com", self.pick(PASSWORDS))

    def _representation(self) -> dict[str, Any]:
        typename = self.pick(["Claim", "FlashSale", "Order", "Payment", "Product", "User"])
        known = self._world.ids(typename, self._actor)
        entity: dict[str, Any] = {"__typename": typename, "id": self.pick(known) if known else "1"}
        if self.chance(self._hostility):
            entity[self.pick(["__typename", "id", "price", "self", "\0"])] = self.pick(hostile.ANY)
        elif typename == "Product":
            entity["price"] = {"discountPercent": self.number(0, 90)}
        return entity

    def _hostile(self, kind: GraphQLInputType) -> Any:
        """A hostile value: of the right type more often than not, or it would get nowhere."""
        if isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
        if self.chance(0.15):
            return self.pick(hostile.ANY)
        if isinstance(kind, GraphQLList):
            value = self._hostile(kind.of_type)
            return [value] * (1 if len(str(value)) > LONG else self.pick([0, 1, 1, 1, 2, 51, 300]))
        if isinstance(kind, GraphQLInputObjectType):
            return {name: self._hostile(field.type) for name, field in kind.fields.items() if self.chance(0.9)}
        if isinstance(kind, GraphQLEnumType):
            return EnumValue(self.pick([*kind.values, "UNKNOWN", "true", "__typename"]))
        return self.pick(hostile.VALUES.get(get_named_type(kind).name, hostile.ANY))

    def _entity(self, name: str, result: str) -> str:
        """The type that the ids in an argument belong to."""
        if name == "id":
            return result
        word = name.removesuffix("s").removesuffix("Id")
        return ENTITIES.get(word, word.capitalize())

    def _instant(self, first_hour: int, last_hour: int) -> str:
        hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)  # the same for a seed that is written again
        return (hour + timedelta(hours=self.number(first_hour, last_hour))).isoformat()
