"""`search`: searches a word from a game's title, and reads the first 20 games that match."""

import re
from typing import Any

import msgspec

from perf.load import Call, body
from perf.scenario import Load, Scenario
from perf.scenarios.games import games
from perf.scenarios.readers import readers_of
from perf.world import World

SEARCH = """query Search($text: String!, $max: Int!) { products(search: $text, filter: {maxPoints: $max}, first: 20) {
    edges { node { id title price { points } genres { name } owned } } } }"""
WORD = re.compile(r"[A-Za-z]{4,}")
GAMES = 20
MOST_POINTS = 1_000_000
"""Whatever costs no more: it does not narrow the search, but makes each request another one."""
READERS = 50


def kind(answer: bytes) -> str:
    """The kind of an answer to SEARCH: "found" or "error"."""
    result = msgspec.json.decode(answer)
    return "found" if "errors" not in result and result["data"]["products"]["edges"] else "error"


async def _prepare(store: World, count: int) -> Load:
    readers = await readers_of(store, min(READERS, count))
    titles = [game.title for game in await games(store, GAMES, MOST_POINTS)]
    words = sorted({word.lower() for title in titles for word in WORD.findall(title)})

    def variables(number: int) -> dict[str, Any]:
        return {"text": words[number % len(words)], "max": MOST_POINTS + number}

    return Load([Call(readers[n % len(readers)].token, body(SEARCH, variables(n)), kind) for n in range(count)])


SCENARIO = Scenario("search", _prepare)
