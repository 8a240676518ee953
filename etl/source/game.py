"""An entry as rows of the catalogue's tables."""

import math
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from hashlib import blake2b

import msgspec

from etl.source import cleaning
from etl.source.entry import Entry
from etl.tables import Row
from subgraphs.product.pricing import regular_points
from subgraphs.product.search.words import index_rows

TITLE_LENGTH = 500
DESCRIPTION_LENGTH = 5000
EXCERPT_LENGTH = 300
COMPANY_LENGTH = 255
LANGUAGE_LENGTH = 100
NAME_LENGTH = 60
URL_LENGTH = 500
MAX_USD = 1_000_000
"""Its points fit a 32-bit column."""
PART_LENGTH = 8
"""Characters of a digest for each part."""

_pack = msgspec.msgpack.Encoder().encode
_CENT = Decimal("0.01")


class Game(msgspec.Struct):
    """One game: its rows for each table of `tables.PARTS`, and a digest of each part.

    The product's row lacks the last two columns, discount and points, which the store owns.
    """

    id: int
    parts: tuple[list[Row], ...]
    digest: str


def game_of(app_id: int, entry: Entry, oddities: Counter[str]) -> Game:
    """The rows of an entry. Raises ValueError if it cannot be sold.

    Counts in `oddities` what it fills in, shortens or leaves out.
    """
    price = _price(entry.price)
    title = cleaning.prose(entry.name) or _made_up_title(app_id, oddities)
    title = _cut(title, TITLE_LENGTH, oddities)
    description = _description(entry, oddities)
    parts = (
        [_product(app_id, entry, title, description, price, oddities)],
        index_rows(app_id, title, description),
        [(app_id, genre) for genre in _names(entry.genres, NAME_LENGTH, oddities, _genre)],
        _companies(app_id, entry, oddities),
        _tags(app_id, entry, oddities),
        [(app_id, category) for category in _names(entry.categories, NAME_LENGTH, oddities)],
        _languages(app_id, entry, oddities),
        _media(app_id, entry, oddities),
    )
    digests = b"".join([blake2b(_pack(part), digest_size=6).digest() for part in parts])
    return Game(app_id, parts, b64encode(digests).decode())


def _product(
    app_id: int, entry: Entry, title: str, description: str, price: tuple[str, int], oddities: Counter[str]
) -> Row:
    if not entry.developers:
        oddities["no developer: Anonymous"] += 1
    return (
        app_id,
        title,
        description,
        _url(entry.header_image, oddities),
        _released_on(entry.release_date, oddities),
        *price,
        entry.windows + 2 * entry.mac + 4 * entry.linux,
        entry.positive,
        entry.negative,
        entry.positive + entry.negative,
        review_score(entry.positive, entry.negative),
    )


@lru_cache(4096)
def _price(price: Decimal) -> tuple[str, int]:
    """US dollars, as text, and points."""
    if not price.is_finite() or not 0 <= price <= MAX_USD:
        raise ValueError(f"price {price} is not between 0 and {MAX_USD:,} dollars")
    usd = abs(price).quantize(_CENT, ROUND_HALF_UP)  # abs: JSON has -0
    return str(usd), regular_points(usd)


def review_score(positive: int, negative: int) -> int:
    """The lower bound of the positive share's 95 % Wilson interval, in millionths; 0 without reviews."""
    n = positive + negative
    if n == 0:
        return 0
    z2 = 1.96**2
    share = positive / n
    margin = math.sqrt(z2 * (share * (1 - share) + z2 / (4 * n)) / n)
    return max(0, round((share + z2 / (2 * n) - margin) / (1 + z2 / n) * 1_000_000))


def _made_up_title(app_id: int, oddities: Counter[str]) -> str:
    oddities["no title: made up from the app id"] += 1
    return f"App {app_id}"


def _description(entry: Entry, oddities: Counter[str]) -> str:
    short = cleaning.prose(entry.short_description)
    if short:
        return _cut(short, DESCRIPTION_LENGTH, oddities)
    return cleaning.beginning(cleaning.prose(entry.about_the_game), EXCERPT_LENGTH)


def _released_on(text: str, oddities: Counter[str]) -> str | None:
    try:
        return cleaning.release_date(text)
    except ValueError:
        oddities["release date not understood: left open"] += 1
        return None


def _companies(app_id: int, entry: Entry, oddities: Counter[str]) -> list[Row]:
    developers = _names(entry.developers, COMPANY_LENGTH, oddities, cleaning.prose) or ["Anonymous"]
    publishers = _names(entry.publishers, COMPANY_LENGTH, oddities, cleaning.prose)
    return [(app_id, "D", i, name) for i, name in enumerate(developers)] + [
        (app_id, "P", i, name) for i, name in enumerate(publishers)
    ]


def _tags(app_id: int, entry: Entry, oddities: Counter[str]) -> list[Row]:
    votes = entry.tags if isinstance(entry.tags, dict) else dict.fromkeys(entry.tags, 0)
    tags = {_cut(_name(tag), NAME_LENGTH, oddities): count for tag, count in votes.items()}
    return [(app_id, tag, count) for tag, count in tags.items() if tag]


def _languages(app_id: int, entry: Entry, oddities: Counter[str]) -> list[Row]:
    spoken = {language for item in entry.full_audio_languages for language in cleaning.languages(item)}
    written = {language: None for item in entry.supported_languages for language in cleaning.languages(item)}
    both = (*written, *sorted(spoken - written.keys()))
    named = {_cut(language, LANGUAGE_LENGTH, oddities): int(language in spoken) for language in both}
    return [(app_id, language, audio) for language, audio in named.items()]


def _media(app_id: int, entry: Entry, oddities: Counter[str]) -> list[Row]:
    rows: list[Row] = []
    for kind, urls in (("S", entry.screenshots), ("M", entry.movies)):
        kept = filter(None, [_url(url, oddities) for url in urls])
        rows += [(app_id, kind, i, url) for i, url in enumerate(kept)]
    return rows


@lru_cache(4096)
def _name(text: str) -> str:
    return cleaning.prose(text)


def _genre(text: str) -> str:
    name = _name(text)
    return "Free to Play" if name == "Free To Play" else name


def _names(names: Iterable[str], length: int, oddities: Counter[str], clean: Callable[[str], str] = _name) -> list[str]:
    """The cleaned names in order, each once, without empty ones."""
    kept = dict.fromkeys([_cut(clean(name), length, oddities) for name in names])
    kept.pop("", None)
    return list(kept)


def _cut(text: str, length: int, oddities: Counter[str]) -> str:
    if len(text) <= length:
        return text
    oddities["too long: shortened"] += 1
    return text[:length].rstrip(" ")


def _url(text: str, oddities: Counter[str]) -> str | None:
    """A URL, or None. One that is too long is left out: shortened it would lead nowhere."""
    url = cleaning.clean(text)
    if len(url) > URL_LENGTH:
        oddities["address too long: left out"] += 1
        return None
    return url or None
