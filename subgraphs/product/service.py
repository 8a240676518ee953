"""The rules of the catalogue."""

from dataclasses import replace

from subgraphs.contracts.product import Offer, OfferRequest
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Role, Viewer
from subgraphs.product import validation
from subgraphs.product.catalogue import Catalogue
from subgraphs.product.changes import Changes
from subgraphs.product.discounts.due import DueDiscounts
from subgraphs.product.discounts.service import Discounts
from subgraphs.product.domain import Product, Publication, known_spelling
from subgraphs.product.editing.service import Editing
from subgraphs.product.managing import Managing
from subgraphs.product.repository import ProductRepository
from subgraphs.product.withdrawing.service import Withdrawal
from subgraphs.product.withdrawn.service import WithdrawnProducts

LIFE_SECONDS = 5.0
"""How long a change can go unseen, if the broadcast that tells of it is lost."""
MANAGERS = frozenset({Role.DEVELOPER, Role.ADMIN})


class ProductService:
    """The catalogue: reading, publishing, editing, withdrawing, discounts."""

    def __init__(self, runtime: Runtime, life: float = LIFE_SECONDS) -> None:
        self._database = runtime.database
        self._withdrawn = WithdrawnProducts(runtime.database)
        self.due_discounts = DueDiscounts(runtime.database, self._end_discounts, self._forget)
        self.catalogue = Catalogue(runtime.database, life, self._withdrawn, self.due_discounts)
        self.catalogue_now = Catalogue(runtime.database, 0, self._withdrawn, self.due_discounts)
        self.changes, managing = Changes(runtime, self.catalogue), Managing(self._withdrawn)
        self.discounts = Discounts(runtime.database, managing, self.changes, self.due_discounts)
        self.editing = Editing(runtime.database, managing, self.changes)
        self.withdrawal = Withdrawal(runtime, managing, self._withdrawn, self.changes)

    # ---- reading

    def catalogue_for(self, viewer: Viewer | None) -> Catalogue:
        """Where a viewer reads. Whoever may change the catalogue sees it as it is now, from every process."""
        return self.catalogue_now if viewer is not None and viewer.roles & MANAGERS else self.catalogue

    async def offers(self, requests: list[OfferRequest]) -> list[Offer]:
        """What products cost now, what they are called, and who published them.

        Orders rest on it: it never comes from memory.
        """
        found = [validation.product_number(request.product_id) for request in requests]
        numbers = [number for number in found if number is not None]
        async with self._database.reading() as session:
            offers = await ProductRepository(session).offers(numbers)
        offered = {offer.product_id for offer in offers}
        offers += await self._withdrawn.offers([number for number in numbers if str(number) not in offered])
        known = {offer.product_id: offer for offer in offers}
        return [known.get(one.product_id) or Offer(one.product_id, exists=False) for one in requests]

    # ---- publishing

    async def publish(self, viewer: Viewer, publication: Publication) -> Product:
        """Publishes a product of the viewer's. Raises BadUserInput."""
        product = await self._publish(viewer, validation.publication(publication))
        await self.changes.tell(product.id)
        return product

    @retry_on_conflict
    async def _publish(self, viewer: Viewer, publication: Publication) -> Product:
        async with self._database.transaction() as session:
            repository = ProductRepository(session)
            genres = known_spelling(publication.genres, await repository.genres())
            publication = replace(publication, genres=genres)
            product = publication.product(await repository.next_published_id(), viewer.id)
            await repository.add(product, publication.description)
            await repository.note_change()
            return product

    # ---- called when a discount is over

    async def _end_discounts(self) -> None:
        await self.discounts.end_due()

    def _forget(self) -> None:
        self.catalogue.clear()
