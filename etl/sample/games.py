"""Makes synthetic games with all fields of the real file, in its order."""

import random
from bisect import bisect_left
from typing import Any, TypeVar

from etl.sample import distributions, words

T = TypeVar("T")

MEDIA = "https://cdn.akamai.steamstatic.com/steam/apps"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class GameMaker:
    """Makes `games` games from one stream of random numbers."""

    def __init__(self, rng: random.Random, games: int) -> None:
        self._rng = rng
        self._companies = max(3, int(games * 0.9))  # so that about 0.6 per game occur, as in the real file
        self._titles: list[str] = []

    def game(self, app_id: int) -> dict[str, Any]:
        rng = self._rng
        playtest = self._chance(distributions.PLAYTEST)
        name = self._title(playtest)
        price = self._one(distributions.PRICES)
        detailed, short = self._texts()
        positive = self._number(distributions.POSITIVE)
        achievements, playtime = self._number(distributions.ACHIEVEMENTS), self._number(distributions.PLAYTIME)
        site = f"https://example.com/{app_id}" if self._chance(distributions.WEBSITE) else ""
        languages = self._languages()
        developers, publishers = self._companies_of(playtest)
        return {
            "name": name,
            "release_date": self._date(),
            "required_age": 17 if self._chance(0.018) else 0,
            "price": price,
            "dlc_count": rng.randint(1, 6) if self._chance(0.137) else 0,
            "detailed_description": detailed,
            "about_the_game": detailed,
            "short_description": short,
            "reviews": words.prose(rng, 250, words.TYPOGRAPHIC) if self._chance(distributions.REVIEWS) else "",
            "header_image": f"{MEDIA}/{app_id}/header.jpg?t={1_600_000_000 + app_id}",
            "website": site,
            "support_url": f"{site}/help" if site else "",
            "support_email": f"help{app_id}@example.com" if self._chance(distributions.SUPPORT_EMAIL) else "",
            "windows": not self._chance(0.0003),
            "mac": self._chance(distributions.MAC),
            "linux": self._chance(distributions.LINUX),
            "metacritic_score": rng.randint(30, 95) if self._chance(distributions.METACRITIC) else 0,
            "metacritic_url": "",
            "achievements": achievements,
            "recommendations": positive if positive > 100 else 0,
            "notes": words.prose(rng, 130, ()) if self._chance(distributions.NOTES) else "",
            "supported_languages": languages,
            "full_audio_languages": languages[: rng.randint(1, 3)] if self._chance(0.42) else [],
            "packages": self._packages(name, price),
            "developers": developers,
            "publishers": publishers,
            "categories": self._some(distributions.CATEGORY_NAMES, self._number(distributions.CATEGORIES)),
            "genres": [] if playtest else self._some(distributions.GENRES, self._one(distributions.GENRES_A_GAME)),
            "screenshots": self._screenshots(app_id),
            "movies": self._movies(app_id),
            "user_score": 0,
            "score_rank": "",
            "positive": positive,
            "negative": int(positive * self._quantile(distributions.NEGATIVE_SHARE)),
            "estimated_owners": self._one(distributions.OWNERS),
            "average_playtime_forever": playtime,
            "average_playtime_2weeks": 0,
            "median_playtime_forever": playtime,
            "median_playtime_2weeks": 0,
            "peak_ccu": positive // 10,
            "tags": self._tags(playtest),
        }

    def _chance(self, share: float) -> bool:
        return self._rng.random() < share

    def _one(self, weights: distributions.Weights[T]) -> T:
        return self._rng.choices(weights.values, cum_weights=weights.sums)[0]

    def _some(self, weights: distributions.Weights[T], count: int) -> list[T]:
        """`count` different values, the likelier ones more often; all of them if there are fewer."""
        chosen: dict[T, None] = {}
        while len(chosen) < min(count, len(weights.values) // 2):
            chosen[self._one(weights)] = None
        rest = [value for value in weights.values if value not in chosen]
        return [*chosen, *rest[: count - len(chosen)]]

    def _quantile(self, points: distributions.Quantiles) -> float:
        share = self._rng.random()
        i = min(max(1, bisect_left(points, (share,))), len(points) - 1)
        (x0, y0), (x1, y1) = points[i - 1], points[i]
        return y0 + (y1 - y0) * min(1.0, (share - x0) / (x1 - x0))

    def _number(self, points: distributions.Quantiles) -> int:
        return round(self._quantile(points))

    def _title(self, playtest: bool) -> str:
        if self._titles and self._chance(distributions.REPEATED_TITLE):
            return self._rng.choice(self._titles)
        title = self._new_title() + (" Playtest" if playtest else "")
        self._titles.append(title)
        return title

    def _new_title(self) -> str:
        rng, title = self._rng, words.title(self._rng)
        oddities = (
            (distributions.EMPTY_TITLE, ""),
            (distributions.ASTRAL_TITLE, f"{title} {rng.choice(words.ASTRAL)}"),
            (distributions.FOREIGN_TITLE, words.foreign(rng, rng.randint(1, 4))),
            (distributions.SYMBOL_TITLE, title + rng.choice(words.SYMBOLS)),
            (distributions.ENTITY_TITLE, f"{title} &amp; {rng.choice(words.SECOND)}"),
            (distributions.QUOTED_TITLE, f'"{title}"'),
            (distributions.INVISIBLE_TITLE, rng.choice(words.INVISIBLE) + title),
        )
        share = rng.random()
        for odd_share, odd_title in oddities:
            share -= odd_share
            if share < 0:
                return odd_title
        return title

    def _texts(self) -> tuple[str, str]:
        """The long description and the short one."""
        rng = self._rng
        if self._chance(distributions.EMPTY_TEXT):
            return "", ""
        if self._chance(distributions.FOREIGN_TEXT):
            return words.foreign(rng, self._number(distributions.LONG_TEXT) // 8), words.foreign(rng, 20)
        typographic = words.TYPOGRAPHIC if self._chance(distributions.TYPOGRAPHIC_TEXT) else ()
        entities = words.ENTITIES if self._chance(distributions.ENTITY_TEXT) else ()
        short = words.ENTITIES if self._chance(distributions.SHORT_ENTITY_TEXT) else typographic
        long = words.prose(rng, self._number(distributions.LONG_TEXT), typographic + entities)
        return f"{long} ", words.prose(rng, max(20, self._number(distributions.SHORT_TEXT) - 60), short)

    def _date(self) -> str:
        if self._chance(distributions.NO_DATE):
            return ""
        month, year = self._rng.choice(MONTHS), self._one(distributions.YEARS)
        return (
            f"{month} {year}"
            if self._chance(distributions.MONTH_ONLY)
            else f"{month} {self._rng.randint(1, 28)}, {year}"
        )

    def _languages(self) -> list[str]:
        count = self._number(distributions.LANGUAGES)
        languages = self._some(distributions.LANGUAGE_NAMES, count)
        languages += distributions.RARE_LANGUAGES[: count - len(languages)]
        if languages and self._chance(distributions.ODD_LANGUAGE):
            languages[0] += self._rng.choice(
                ("[b][/b]", "&amp;lt;strong&amp;gt;&amp;lt;/strong&amp;gt;", ";", " (full audio)")
            )
        return languages

    def _companies_of(self, playtest: bool) -> tuple[list[str], list[str]]:
        rng = self._rng
        if self._chance(distributions.NO_DEVELOPER[playtest]):
            return [], []
        count = self._one(distributions.COMPANIES_A_GAME)
        developers = [words.company(rng.randrange(self._companies)) for _ in range(count)]
        if self._chance(distributions.NO_PUBLISHER):
            return developers, []
        own = self._chance(0.7)
        return developers, developers[:1] if own else [words.company(rng.randrange(self._companies // 3))]

    def _packages(self, name: str, price: float) -> list[dict[str, Any]]:
        if not price or not self._chance(distributions.PACKAGE):
            return []
        sub = {"text": f"{name} - ${price}", "description": "", "price": price}
        return [{"title": f"Buy {name}", "description": "", "subs": [sub]}]

    def _screenshots(self, app_id: int) -> list[str]:
        count = self._number(distributions.SCREENSHOTS)
        return [
            f"{MEDIA}/{app_id}/ss_{self._rng.getrandbits(160):040x}.1920x1080.jpg?t={1_600_000_000 + app_id}"
            for _ in range(count)
        ]

    def _movies(self, app_id: int) -> list[str]:
        count = self._number(distributions.MOVIES)
        return [f"{MEDIA}/{256_000_000 + app_id + i}/movie_max.mp4?t={1_600_000_000 + i}" for i in range(count)]

    def _tags(self, playtest: bool) -> dict[str, int] | list[str]:
        if playtest or self._chance(distributions.NO_TAGS):
            return []
        names = self._some(distributions.TAG_NAMES, self._number(distributions.TAGS))
        votes = sorted((self._rng.randint(5, 400) for _ in names), reverse=True)
        return dict(zip(names, votes, strict=True))
