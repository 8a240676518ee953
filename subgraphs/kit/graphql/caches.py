"""What is remembered of documents: those of clients are few and short, and a client who sends others gains nothing."""

from collections.abc import Iterator

from strawberry.extensions import ParserCache, ValidationCache

CACHED_DOCUMENTS = 200
CACHED_LENGTH = 2000
"""Longer documents (in characters) are not cached: parsed, each character takes up to 300 bytes."""


def is_cached(query: str | None) -> bool:
    return query is not None and len(query) <= CACHED_LENGTH


class ShortParsed(ParserCache):
    """Remembers short documents as they were parsed."""

    def __init__(self) -> None:
        super().__init__(CACHED_DOCUMENTS)

    def on_parse(self) -> Iterator[None]:
        if is_cached(self.execution_context.query):
            yield from super().on_parse()
        else:
            yield


class ShortValidated(ValidationCache):
    """Remembers what is wrong with short documents."""

    def __init__(self) -> None:
        super().__init__(CACHED_DOCUMENTS)

    def on_validate(self) -> Iterator[None]:
        if is_cached(self.execution_context.query):
            yield from super().on_validate()
        else:
            yield
