"""The rules of the catalogue."""

from contextlib import suppress
from dataclasses import replace

from redis.asyncio import Redis

from subgraphs.contracts.product import Offer, OfferRequest
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import Forbidden, NotFound
from subgraphs.kit.redis.broadcast import listen
from subgraphs.kit.redis.circuit_breaker import CircuitBreaker, RedisUnavailable
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Role, Viewer
from subgraphs.product import validation
from subgraphs.product.catalogue import Catalogue
from subgraphs.product.domain import Product, Publication, known_spelling
from subgraphs.product.repository import ProductRepository

CHANNEL = "steampunk:catalogue:changes"
"""Carries the id of each product that was published or changed."""
LIFE_SECONDS = 5.0
"""How long a change goes unseen at most, where no broadcast tells of it."""
MANAGERS = frozenset({Role.DEVELOPER, Role.ADMIN})


class ProductService:
    """The catalogue: reading, publishing, discounts."""

    def __init__(self, runtime: Runtime, life: float = LIFE_SECONDS) -> None:
        self._database = runtime.database
        self._redis = runtime.redis
        self._redis_url = runtime.settings.redis_url
        self._circuit = CircuitBreaker("catalogue changes")
        self.catalogue = Catalogue(runtime.database, life)
        self.catalogue_now = Catalogue(runtime.database, life=0)

    # ---- reading

    def catalogue_for(self, viewer: Viewer | None) -> Catalogue:
        """Where a viewer reads. Whoever may change the catalogue sees it as it is now, from every process."""
        return self.catalogue_now if viewer is not None and viewer.roles & MANAGERS else self.catalogue

    async def offers(self, requests: list[OfferRequest]) -> list[Offer]:
        """What products cost now, what they are called, and who published them.

        Orders rest on it: it never comes from memory.
        """
        numbers = [validation.product_number(request.product_id) for request in requests]
        async with self._database.reading() as session:
            offers = await ProductRepository(session).offers([number for number in numbers if number is not None])
        known = {offer.product_id: offer for offer in offers}
        return [known.get(one.product_id) or Offer(one.product_id, exists=False) for one in requests]

    async def follow_changes(self) -> None:
        """Forgets what other processes change, until the connection to Redis fails. Raises what `listen` raises."""

        async def begin(redis: Redis) -> None:
            self.catalogue.clear()

        await listen(self._redis_url, CHANNEL, begin, lambda product_id: self.catalogue.changed(int(product_id)))

    async def _changed(self, product: Product) -> None:
        self.catalogue.changed(product.id)
        with suppress(RedisUnavailable):  # then others see it when what they remember has had its time
            await self._circuit.call(lambda: self._redis.publish(CHANNEL, str(product.id)))

    # ---- publishing

    async def publish(self, viewer: Viewer, publication: Publication) -> Product:
        """Publishes a product of the viewer's. Raises BadUserInput."""
        product = await self._publish(viewer, validation.publication(publication))
        await self._changed(product)
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

    async def set_discount(self, viewer: Viewer, product_id: str, percent: int) -> Product:
        """Sets a discount, or ends the sale with 0. Orders keep the prices that they fixed.

        Raises BadUserInput, NotFound, and Forbidden for a product that the viewer does not manage.
        """
        validation.discount_percent(percent)
        product = await self._set_discount(viewer, validation.product_number(product_id), percent)
        await self._changed(product)
        return product

    @retry_on_conflict
    async def _set_discount(self, viewer: Viewer, number: int | None, percent: int) -> Product:
        async with self._database.transaction() as session:
            repository = ProductRepository(session)
            product = None if number is None else await repository.lock(number)
            if product is None:
                raise NotFound("There is no such product.")
            if not product.is_managed_by(viewer):
                raise Forbidden("Only its publisher and admins may set a product's discount.")
            product = product.discounted(percent)
            await repository.set_discount(product.id, product.price)
            await repository.note_change()
            return product
