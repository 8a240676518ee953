"""Who may limit a product's quantity and put it on flash sale."""

from subgraphs.contracts.product import PRODUCT_OFFERS, OfferRequest
from subgraphs.kit.errors import Forbidden, NotFound
from subgraphs.kit.peers import Peers
from subgraphs.kit.web.auth import Viewer


class Permissions:
    """A developer disposes of the products that he published, an admin of any."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def require(self, viewer: Viewer, product_id: str) -> None:
        """Raises NotFound where there is no such product, and Forbidden where it is another's."""
        offer = (await self._peers.call(PRODUCT_OFFERS, [OfferRequest(product_id=product_id)]))[0]
        if not offer.exists:
            raise NotFound("There is no such product.")
        if not viewer.is_admin and offer.publisher_id != viewer.id:
            raise Forbidden("This product was published by somebody else.")
