"""Who may limit a product's quantity and put it on flash sale."""

from subgraphs.contracts.product import PRODUCT_OFFERS, OfferRequest
from subgraphs.kit.errors import Forbidden, InvalidState, NotFound
from subgraphs.kit.peers import Peers
from subgraphs.kit.web.auth import Viewer


class Permissions:
    """Developers manage the products they published; admins manage any."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def require(self, viewer: Viewer, product_id: str) -> None:
        """Raises NotFound, Forbidden if the viewer may not manage it, and InvalidState if it is withdrawn."""
        offer = (await self._peers.call(PRODUCT_OFFERS, [OfferRequest(product_id=product_id)]))[0]
        if not offer.exists:
            raise NotFound("There is no such product.")
        if not viewer.is_admin and offer.publisher_id != viewer.id:
            raise Forbidden("This product was published by somebody else.")
        if offer.withdrawn:
            raise InvalidState("The product is withdrawn. Offer it again first.")
