"""One entry of the file: the fields that the catalogue needs. Others are skipped without decoding."""

from decimal import Decimal
from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
"""The sum of two fits a 32-bit column."""


class Entry(msgspec.Struct):
    """An entry. Only name and price are required."""

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
    """The votes for each tag; an empty list if there are no tags."""


decode = msgspec.json.Decoder(Entry).decode
"""Raises msgspec.MsgspecError, whose message names the field, for anything else."""
