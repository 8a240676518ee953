"""Columns that are read together as one value. Sales and claims are read in the joins of several topics."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Enum, Row, Select, type_coerce
from sqlalchemy.orm import Bundle

from subgraphs.kit.database.columns import utc_now
from subgraphs.stock import models
from subgraphs.stock.claims.domain import Claim, ClaimState
from subgraphs.stock.sales.domain import Sale

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


SALE = ValueBundle(
    Sale,
    models.FlashSale.id,
    models.FlashSale.product_id,
    models.FlashSale.points,
    models.FlashSale.units,
    models.FlashSale.remaining,
    models.FlashSale.starts_at,
    models.FlashSale.ends_at,
    models.FlashSale.cancelled_at,
    utc_now().label("as_of"),
)
CLAIM = ValueBundle(
    Claim,
    models.Claim.id,
    models.Claim.sale_id,
    models.Claim.user_id,
    type_coerce(models.Claim.state, Enum(ClaimState, native_enum=False)).label("stored_state"),
    models.Claim.payment_id,
    models.Claim.created_at,
    models.Claim.expires_at,
    utc_now().label("as_of"),
)
