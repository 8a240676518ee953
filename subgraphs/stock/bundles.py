"""Columns that are read together as one value."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Row, Select
from sqlalchemy.orm import Bundle

T = TypeVar("T")


class ValueBundle(Bundle[T]):
    """Columns with the names of a value's fields: a row holds the value under the name of its class.

    It holds None where the first column is null: an outer join found nothing.
    """

    inherit_cache = True

    def __init__(self, value: type[T], *columns: Any) -> None:
        super().__init__(value.__name__, *columns)
        self._value = value

    def create_row_processor(
        self,
        query: Select[*tuple[Any, ...]],
        procs: Sequence[Callable[[Row[*tuple[Any, ...]]], Any]],
        labels: Sequence[str],
    ) -> Callable[[Row[*tuple[Any, ...]]], T | None]:
        make, first = self._value, procs[0]

        def read(row: Row[*tuple[Any, ...]]) -> T | None:
            if first(row) is None:
                return None
            return make(**dict(zip(labels, [proc(row) for proc in procs], strict=True)))

        return read
