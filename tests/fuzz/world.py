"""What a visit to the store knows: its actors, and the ids and texts that answers have shown it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Actor:
    """Somebody who sends requests; without a token, anybody."""

    name: str
    token: str = ""
    email: str = ""
    password: str = ""


@dataclass
class World:
    """It belongs to one visit, so that a visit depends on nothing but its seed and the store's answers."""

    actors: list[Actor]
    _ids: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    """By type: each id with the name of the actor who saw it first."""
    texts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By the name of the field that had it."""

    def ids(self, type_name: str, actor: Actor) -> list[str]:
        """The known ids of a type, or only the actor's own where there are some."""
        known = self._ids[type_name]
        return [id for id, owner in known.items() if owner == actor.name] or list(known)

    def learn(self, answer: Any, actor: Actor) -> None:
        """Remembers what is in an answer's data."""
        for one in _objects(answer):
            if isinstance(one.get("id"), str):
                self._ids[one["__typename"]].setdefault(one["id"], actor.name)
            for name, value in one.items():
                if isinstance(value, str) and value not in self.texts[name]:
                    self.texts[name].append(value)

    def signed_in(self, session: dict[str, Any], email: str, password: str) -> None:
        """Somebody has begun a session, and acts from now on."""
        if token := session.get("accessToken"):
            self.actors.append(Actor(f"account {len(self.actors)}", token, email, password))


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from _objects(one)
    if isinstance(value, dict):
        if "__typename" in value:
            yield value
        for one in value.values():
            yield from _objects(one)
