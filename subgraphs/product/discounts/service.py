"""Discounts: sellers set them, and they end by themselves where they have an end."""

from collections.abc import Sequence

from subgraphs.kit.database.database import Database, retry_on_conflict
from subgraphs.kit.errors import InvalidState
from subgraphs.kit.web.auth import Viewer
from subgraphs.product.changes import Changes
from subgraphs.product.discounts.domain import Discount
from subgraphs.product.discounts.due import DueDiscounts
from subgraphs.product.discounts.repository import DiscountRepository
from subgraphs.product.domain import Product
from subgraphs.product.managing import Managing
from subgraphs.product.repository import ProductRepository

BATCH = 500


class Discounts:
    """The discounts of products."""

    def __init__(self, database: Database, managing: Managing, changes: Changes, due: DueDiscounts) -> None:
        self._database = database
        self._managing = managing
        self._changes = changes
        self._due = due

    async def set(self, viewer: Viewer, product_id: str, discount: Discount) -> Product:
        """Sets a discount, or ends the sale with 0. Orders keep the prices that they fixed.

        Raises BadUserInput, NotFound, Forbidden for a product that the viewer does not manage, and InvalidState for
        one that is withdrawn.
        """
        product = await self._set(viewer, product_id, discount)
        await self._changes.tell(product.id)
        await self._due.watch()
        return product

    @retry_on_conflict
    async def _set(self, viewer: Viewer, product_id: str, discount: Discount) -> Product:
        async with self._database.transaction() as session:
            discount.check(await DiscountRepository(session).now())
            product = await self._managing.lock(session, viewer, product_id)
            if product.withdrawn_at is not None:
                raise InvalidState("The product is withdrawn. Offer it again first.")
            product = product.discounted(discount.percent, discount.ends_at)
            await DiscountRepository(session).set(product.id, product.price)
            await ProductRepository(session).note_change()
            return product

    async def end_due(self) -> None:
        """Ends all discounts that are over. Each is ended once, by whichever process comes first."""
        while True:
            async with self._database.reading() as session:
                due = await DiscountRepository(session).due(BATCH)
            if due:
                await self._changes.tell(*await self._end(due))
            if len(due) < BATCH:
                return

    @retry_on_conflict
    async def _end(self, due: Sequence[int]) -> Sequence[int]:
        """Returns `due`. Some of these may have been ended by another process meanwhile: they have changed, too."""
        async with self._database.transaction() as session:
            discounts = DiscountRepository(session)
            ended = await discounts.lock_due(due)
            if ended:
                await discounts.end(ended)
                await ProductRepository(session).note_change()
        return due
