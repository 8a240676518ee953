"""Editing products."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.database.database import Database, retry_on_conflict
from subgraphs.kit.web.auth import Viewer
from subgraphs.product import validation
from subgraphs.product.changes import Changes
from subgraphs.product.domain import Product, Publication, known_spelling
from subgraphs.product.editing.domain import ProductChanged, ProductWithdrawn, edited
from subgraphs.product.managing import Managing
from subgraphs.product.repository import ProductRepository


class Editing:
    """Changes what is said of a product: fields of a `Publication`, by name."""

    def __init__(self, database: Database, managing: Managing, changes: Changes) -> None:
        self._database = database
        self._managing = managing
        self._changes = changes

    async def edit(
        self, viewer: Viewer, product_id: str, version: str, changes: Mapping[str, Any]
    ) -> Product | ProductChanged | ProductWithdrawn:
        """Changes fields of a product, if it is as its editor has seen it (`version`).

        Raises BadUserInput, NotFound, and Forbidden for a product that the viewer does not manage.
        """
        outcome = await self._edit(viewer, product_id, version, validation.changes(changes))
        if isinstance(outcome, Product):
            await self._changes.tell(outcome.id)
        return outcome

    @retry_on_conflict
    async def _edit(
        self, viewer: Viewer, product_id: str, version: str, changes: Mapping[str, Any]
    ) -> Product | ProductChanged | ProductWithdrawn:
        async with self._database.transaction() as session:
            product = await self._managing.lock(session, viewer, product_id)
            if product.withdrawn_at is not None:
                return ProductWithdrawn(product)
            repository = ProductRepository(session)
            before = product.content((await repository.descriptions([product.id]))[product.id])
            if "genres" in changes:
                changes = {**changes, "genres": known_spelling(changes["genres"], await repository.genres())}
            after = edited(before, changes, version)
            if after is None:
                return ProductChanged(product)
            return await _save(session, product, before, after)


async def _save(session: AsyncSession, product: Product, before: Publication, after: Publication) -> Product:
    repository, product = ProductRepository(session), product.with_content(after)
    await repository.save(product)
    if after.genres != before.genres:
        await repository.set_genres(product)
    if (after.title, after.description) != (before.title, before.description):
        await repository.set_texts(product, after.description)
    await repository.note_change()
    return product
