"""Whose products are: developers manage those that they published, admins any."""

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.errors import Forbidden, NotFound
from subgraphs.kit.web.auth import Viewer
from subgraphs.product.domain import Product
from subgraphs.product.repository import ProductRepository
from subgraphs.product.validation import product_number
from subgraphs.product.withdrawn.service import WithdrawnProducts


class Managing:
    """Locks products for whoever manages them."""

    def __init__(self, withdrawn: WithdrawnProducts) -> None:
        self._withdrawn = withdrawn

    async def lock(self, session: AsyncSession, viewer: Viewer, product_id: str) -> Product:
        """The product, offered or withdrawn. Raises NotFound, and Forbidden where the viewer does not manage it."""
        number, product = product_number(product_id), None
        if number is not None:
            product = await ProductRepository(session).lock(number) or await self._withdrawn.lock(session, number)
        if product is None:
            raise NotFound("There is no such product.")
        if not product.is_managed_by(viewer):
            raise Forbidden("Only its publisher and admins may change a product.")
        return product
