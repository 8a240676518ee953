"""One entry of the file, as far as the catalogue needs it. Unknown fields are skipped unread."""

from decimal import Decimal
from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
"""Two of them still fit a 32-bit column when added."""


class Entry(msgspec.Struct):
    """The fields that are read. Name and price must be there: what they are cannot be guessed."""

    name: str
    price: Decimal
    """US dollars."""
    release_date: str = ""
    about_the_game: str = ""
    short_description: str = ""
    header_image: str = ""
    windows: bool = False
    mac: bool = False
    linux: bool = False
    positive: Count = 0
    negative: Count = 0
    developers: list[str] = []
    publishers: list[str] = []
    genres: list[str] = []
    categories: list[str] = []
    supported_languages: list[str] = []
    full_audio_languages: list[str] = []
    screenshots: list[str] = []
    movies: list[str] = []
    tags: dict[str, Count] | list[str] = []
    """Tag to votes; an empty list where there is none."""


decode = msgspec.json.Decoder(Entry).decode
"""Raises msgspec.MsgspecError, whose message names the field, for what is no entry."""
