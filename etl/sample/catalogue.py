"""The sample store's games: the same at each call, with readable texts, and pictures that the store draws."""

import random
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import quote

from etl.sample import kinds
from etl.sample.kinds import KINDS, Kind

GAMES = 1000
FIRST_TITLES = (
    "Dragon and Kettle",
    "The Brass Lighthouse",
    "Night Train to Nowhere",
    "Paper Airships",
    "The Clockmaker's Daughter",
    "Letters from the Boiler Room",
    "Gearheart Garden",
    "Only Forty Copies",
    "Flash of Brass",
    "Tomorrow at Noon",
    "Free as Steam",
    "Sold Out Symphony",
)
"""The titles of the games with ids 10, 20, ...: the store's sample story is about them."""
FREE_EVERY = 9
SEED = 1
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def sample_games(pictures: str) -> dict[str, dict[str, Any]]:
    """Entries of a games file, by id: 10, 20, and so on. `pictures` is the address of the playground."""
    rng = random.Random(SEED)
    games = {}
    for number, (title, kind) in enumerate(islice(_titles(rng), GAMES), 1):
        free = (number > len(FIRST_TITLES) and number % FREE_EVERY == 0) or title == "Free as Steam"
        games[str(10 * number)] = _game(rng, str(10 * number), title, kind, free, pictures)
    return games


def _titles(rng: random.Random) -> Iterator[tuple[str, Kind]]:
    """Titles, each once, with their games' kinds."""
    for i, title in enumerate(FIRST_TITLES):
        yield title, KINDS[1] if "Dragon" in title else KINDS[i % len(KINDS)]
    names = [(f"{adjective} {noun}", kind) for kind in KINDS for noun in kind.nouns for adjective in kinds.ADJECTIVES]
    rng.shuffle(names)
    yield from names


def _game(rng: random.Random, app_id: str, title: str, kind: Kind, free: bool, pictures: str) -> dict[str, Any]:
    opening = rng.choice(kind.openings).format(place=rng.choice(kinds.PLACES))
    about = " ".join((opening, *rng.sample(kinds.MIDDLES, 2), rng.choice(kinds.CLOSINGS)))
    company = rng.choice(kinds.COMPANIES)
    picture = f"{pictures}/pictures/{app_id}/{quote(title)}.svg"
    positive = int(rng.paretovariate(0.6) * 8) % 200_000
    return {
        "name": title,
        "release_date": f"{rng.choice(MONTHS)} {rng.randint(1, 28)}, {rng.randint(2012, 2025)}",
        "price": 0.0 if free else rng.choice(kinds.PRICES),
        "short_description": about,
        "about_the_game": about,
        "header_image": picture,
        "windows": True,
        "mac": rng.random() < 0.4,
        "linux": rng.random() < 0.5,
        "positive": positive,
        "negative": int(positive * rng.uniform(0.02, 0.4)),
        "developers": [company],
        "publishers": [company if rng.random() < 0.7 else rng.choice(kinds.COMPANIES)],
        "genres": [*kind.genres, *(["Free to Play"] if free else [])],
        "categories": list(rng.choice(kinds.CATEGORIES)),
        "supported_languages": ["English", *rng.sample(kinds.LANGUAGES, rng.randint(0, 5))],
        "full_audio_languages": ["English"],
        "screenshots": [f"{picture}?scene={scene}" for scene in (1, 2)],
        "tags": {tag: rng.randint(5, 400) for tag in (*kind.tags, kind.genres[0])},
    }
