"""The SQL of withdrawn products."""

from collections.abc import Collection, Mapping
from types import SimpleNamespace
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, insert, select

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.repository import Repository, table_of
from subgraphs.product import models
from subgraphs.product.domain import Product
from subgraphs.product.rows import company_of, language_of, media_of, product_of, tag_of
from subgraphs.product.withdrawn import rows
from subgraphs.product.withdrawn.domain import Withdrawn

WITHDRAWN = table_of(models.WithdrawnProduct)
_WORDS = table_of(models.ProductWord)
_ENDS = table_of(models.DiscountEnd)
BY_IDS = select(WITHDRAWN).where(WITHDRAWN.c.product_id.in_(bindparam("ids", expanding=True)))
LOCK = (
    select(WITHDRAWN.c.product_id).where(WITHDRAWN.c.product_id.in_(bindparam("ids", expanding=True))).with_for_update()
)


class WithdrawnRepository(Repository):
    """Products whose rows are put away. A product that is withdrawn or offered again is locked first."""

    async def by_ids(self, ids: Collection[int]) -> dict[int, Withdrawn]:
        found = await self._session.execute(BY_IDS, {"ids": list(ids)})
        return {row.product_id: _withdrawn(row) for row in found}

    async def lock(self, product_id: int) -> bool:
        """Locks a product; whether it is withdrawn."""
        return (await self._session.execute(LOCK, {"ids": [product_id]})).first() is not None

    async def put_away(self, product_id: int) -> Product:
        """Moves the rows of a locked product out of the catalogue."""
        stored = {table.name: await self._rows(table, product_id) for table in rows.TABLES}
        row = {"product_id": product_id, "withdrawn_at": utc_now(), "stored_rows": rows.encoded(stored)}
        (product,) = stored[rows.PRODUCTS.name]
        await self._session.execute(insert(WITHDRAWN).values(publisher_id=product["publisher_id"], **row))
        for table in (*rows.TABLES[1:], _WORDS, _ENDS, rows.PRODUCTS):
            await self._session.execute(delete(table).where(_product_of(table) == product_id))
        return (await self.by_ids([product_id]))[product_id].product

    async def put_back(self, product_id: int) -> None:
        """Moves the rows of a locked product back into the catalogue, but not into the search index."""
        (stored,) = (await self._session.execute(BY_IDS, {"ids": [product_id]})).all()
        found = rows.decoded(stored.stored_rows)
        for table in rows.TABLES:
            if found[table.name]:
                await self._session.execute(insert(table), list(found[table.name]))
        await self._session.execute(delete(WITHDRAWN).where(WITHDRAWN.c.product_id == product_id))

    async def _rows(self, table: Any, product_id: int) -> list[dict[str, Any]]:
        found = await self._session.execute(select(table).where(_product_of(table) == product_id))
        return [dict(row) for row in found.mappings()]


def _product_of(table: Any) -> Any:
    """The column that has a product's id."""
    return table.c.id if table is rows.PRODUCTS else table.c.product_id


def _withdrawn(row: Any) -> Withdrawn:
    found = rows.decoded(row.stored_rows)
    (product,) = found[rows.PRODUCTS.name]
    genres = [one["genre"] for one in found[rows.GENRES.name]]
    as_read = {**product, "genres": msgspec.json.encode(genres), "discount_ends_at": None}
    return Withdrawn(
        product=product_of(SimpleNamespace(**as_read, withdrawn_at=row.withdrawn_at)),
        description=product["description"],
        companies=_links(found, rows.COMPANIES, company_of, "kind", "position"),
        tags=sorted(_links(found, rows.TAGS, tag_of), key=lambda tag: (-tag.votes, tag.name)),
        categories=sorted(one["category"] for one in found[rows.CATEGORIES.name]),
        languages=sorted(_links(found, rows.LANGUAGES, language_of), key=lambda language: language.name),
        media=_links(found, rows.MEDIA, media_of, "kind", "position"),
    )


def _links(found: rows.Rows, table: Any, value: Any, *order: str) -> list[Any]:
    linked: list[Mapping[str, Any]] = sorted(found[table.name], key=lambda row: [row[name] for name in order])
    return [value(SimpleNamespace(**row)) for row in linked]
