"""Withdrawing products, and offering them again."""

from dataclasses import replace

from subgraphs.contracts.stock import CLOSE_SALES, CloseSalesOutcome, CloseSalesRequest
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.product.changes import Changes
from subgraphs.product.domain import Product
from subgraphs.product.managing import Managing
from subgraphs.product.repository import ProductRepository
from subgraphs.product.withdrawing.domain import OnFlashSale
from subgraphs.product.withdrawn.service import WithdrawnProducts


class Withdrawal:
    """A withdrawn product is in no list and cannot be bought. Whoever has bought it keeps it."""

    def __init__(self, runtime: Runtime, managing: Managing, withdrawn: WithdrawnProducts, changes: Changes) -> None:
        self._database = runtime.database
        self._peers = runtime.peers
        self._managing = managing
        self._withdrawn = withdrawn
        self._changes = changes

    async def withdraw(self, viewer: Viewer, product_id: str) -> Product | OnFlashSale:
        """Withdraws a product, unless it has flash sales that are not over. Its discount ends. Idempotent.

        Stock keeps new sales from being created first, so that none comes in between. Where the rest fails, the same
        request, or `offer_again`, goes on from there. Raises NotFound, Forbidden, Unavailable.
        """
        await self._check(viewer, product_id)
        outcome = await self._close_sales(product_id, closed=True)
        if outcome.sale_ids:
            return OnFlashSale(outcome.sale_ids)
        product = await self._withdraw(viewer, product_id)
        await self._changes.tell(product.id)
        return product

    @retry_on_conflict
    async def _check(self, viewer: Viewer, product_id: str) -> None:
        async with self._database.transaction() as session:
            await self._managing.lock(session, viewer, product_id)

    @retry_on_conflict
    async def _withdraw(self, viewer: Viewer, product_id: str) -> Product:
        async with self._database.transaction() as session:
            product = await self._managing.lock(session, viewer, product_id)
            if product.withdrawn_at is not None:
                return product
            await ProductRepository(session).save(product.discounted(0))
            await ProductRepository(session).note_change()
            return await self._withdrawn.put_away(session, product.id)

    async def offer_again(self, viewer: Viewer, product_id: str) -> Product:
        """Offers a withdrawn product again, at its regular price. Idempotent.

        Raises NotFound, Forbidden, Unavailable.
        """
        product = await self._offer_again(viewer, product_id)
        await self._changes.tell(product.id)
        await self._close_sales(product_id, closed=False)
        return product

    @retry_on_conflict
    async def _offer_again(self, viewer: Viewer, product_id: str) -> Product:
        async with self._database.transaction() as session:
            product = await self._managing.lock(session, viewer, product_id)
            if product.withdrawn_at is None:
                return product
            await self._withdrawn.put_back(session, product.id)
            repository = ProductRepository(session)
            await repository.set_texts(product, (await repository.descriptions([product.id]))[product.id])
            await repository.note_change()
            return replace(product, withdrawn_at=None)

    async def _close_sales(self, product_id: str, *, closed: bool) -> CloseSalesOutcome:
        (outcome,) = await self._peers.call(CLOSE_SALES, [CloseSalesRequest(product_id=product_id, closed=closed)])
        return outcome
