"""Who may change a product: the developer who published it, and admins."""

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.errors import Forbidden, NotFound
from subgraphs.kit.web.auth import Viewer
from subgraphs.product.domain import Product
from subgraphs.product.repository import ProductRepository
from subgraphs.product.validation import product_number
from subgraphs.product.withdrawn.service import WithdrawnProducts


class Managing:
    """Locks a product for a viewer who may change it."""

    def __init__(self, withdrawn: WithdrawnProducts) -> None:
        self._withdrawn = withdrawn

    async def lock(self, session: AsyncSession, viewer: Viewer, product_id: str) -> Product:
        """The product, offered or withdrawn. Raises NotFound, and Forbidden where the viewer does not manage it."""
        number = product_number(product_id)
        product = None if number is None else await self._locked(session, number)
        if product is None:
            raise NotFound("There is no such product.")
        if not product.is_managed_by(viewer):
            raise Forbidden("Only its publisher and admins may change a product.")
        return product

    async def _locked(self, session: AsyncSession, number: int) -> Product | None:
        """Locks the product's row, which other transactions may move to the other table, and then reads it."""
        products = ProductRepository(session)
        if not await products.lock(number) and not await self._withdrawn.lock(session, number):
            await products.lock(number)  # it was offered again between the two
        found = (await products.by_ids([number])).get(number)
        return found or await self._withdrawn.locked(session, number)
