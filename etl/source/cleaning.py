"""Cleans single values. All functions are pure and cheap: they run about fifty times per game."""

import html
import re
from datetime import date
from functools import lru_cache

_SPACES = re.compile(r"[\x00-\x20\x7f-\x9f]+")
_MARKUP = re.compile(r"<[^>]*>|\[/?[a-z]+\]|\*")
_AUDIO_NOTE = re.compile(r"\([^)]*(?:audio|text)[^)]*\)", re.IGNORECASE)
_LINES = re.compile(r"[\r\n,;]+")
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_DATE = re.compile(r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (?:([0-9]{1,2}), )?([0-9]{4})")
_MISSPELT_LANGUAGES = {"#lang_français": "French", "Slovakian": "Slovak"}


def clean(text: str) -> str:
    """The text with each run of spaces and control characters as one space, and none at the ends.

    So no value contains the control characters that separate fields and rows for LOAD DATA.
    """
    if text.isprintable() and "  " not in text and text == text.strip(" "):
        return text
    return _SPACES.sub(" ", text).strip(" ")


def prose(text: str) -> str:
    """A title or a description: HTML entities decoded, then cleaned."""
    return clean(html.unescape(text) if "&" in text else text)


def beginning(text: str, length: int) -> str:
    """The first words of a text, at most `length` characters including the ellipsis."""
    if len(text) <= length:
        return text
    return text[: length - 1].rpartition(" ")[0].rstrip(" ,.;:") + "…"


@lru_cache(4096)
def languages(name: str) -> tuple[str, ...]:
    """The languages that one item of the file's list names.

    Some items contain markup (`English<strong>*</strong>`, `German[b][/b]`, escaped up to twice), a note on
    the audio, or several languages, one per line.
    """
    plain = _MARKUP.sub(" ", html.unescape(html.unescape(name)))
    found = (clean(line) for line in _LINES.split(_AUDIO_NOTE.sub(" ", plain)))
    return tuple(_MISSPELT_LANGUAGES.get(language, language) for language in found if language)


@lru_cache(16384)
def release_date(text: str) -> str | None:
    """`Oct 21, 2008`, or `Oct 2008` (its first day), as an ISO date; None for an empty text.

    Raises ValueError for anything else.
    """
    if not text.strip():
        return None
    found = _DATE.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    month, day, year = found.groups()
    return date(int(year), _MONTHS.index(month) // 3 + 1, int(day or 1)).isoformat()
