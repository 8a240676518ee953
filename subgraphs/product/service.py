"""The rules of the catalogue."""

from subgraphs.contracts.product import Offer, OfferRequest
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import Forbidden, NotFound
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.product import validation
from subgraphs.product.domain import Product, ProductFilter, ProductSort, Publication, known_spelling
from subgraphs.product.links import Links
from subgraphs.product.repository import ProductRepository
from subgraphs.product.search_text import SearchText


class ProductService:
    """The catalogue: reading, publishing, discounts."""

    def __init__(self, runtime: Runtime) -> None:
        self._database = runtime.database
        self.links = Links(runtime.database)

    # ---- products

    async def by_ids(self, ids: list[str]) -> list[Product | None]:
        """The products with these ids, in order; None for an unknown id."""
        numbers = [validation.product_number(product_id) for product_id in ids]
        async with self._database.reading() as session:
            products = await ProductRepository(session).by_ids([number for number in numbers if number is not None])
        return [None if number is None else products.get(number) for number in numbers]

    async def page(
        self, search: str | None, filter: ProductFilter, sort: ProductSort, page_request: PageRequest
    ) -> Page[Product]:
        """A page of the products that match a search text and a filter. Raises BadUserInput."""
        text = SearchText.parse(search)
        if text is None and sort is ProductSort.RELEVANCE:
            sort = ProductSort.MOST_REVIEWED
        async with self._database.reading() as session:
            return await ProductRepository(session).page(text, filter, sort, page_request)

    async def count(self, search: str | None, filter: ProductFilter) -> int:
        """How many products match. Raises BadUserInput."""
        text = SearchText.parse(search)
        async with self._database.reading() as session:
            return await ProductRepository(session).count(text, filter)

    async def offers(self, requests: list[OfferRequest]) -> list[Offer]:
        """What products cost now, and who published them."""
        ids = [request.product_id for request in requests]
        products = await self.by_ids(ids)
        return [_offer(product_id, product) for product_id, product in zip(ids, products, strict=True)]

    # ---- genres

    async def genres(self) -> list[str]:
        """The names of all genres, in order."""
        async with self._database.reading() as session:
            return await ProductRepository(session).genres()

    async def genre_pages(self, names: list[str], page_request: PageRequest) -> list[Page[Product]]:
        """For each genre a page of its products, the most reviewed first."""
        async with self._database.reading() as session:
            return await ProductRepository(session).genre_pages(names, page_request)

    async def count_by_genre(self, names: list[str]) -> list[int]:
        """How many products each genre has."""
        async with self._database.reading() as session:
            counts = await ProductRepository(session).count_by_genre(names)
        return [counts.get(name, 0) for name in names]

    # ---- publishing

    @retry_on_conflict
    async def publish(self, viewer: Viewer, publication: Publication) -> Product:
        """Publishes a product of the viewer's. Raises BadUserInput."""
        publication = validation.publication(publication)
        async with self._database.transaction() as session:
            repository = ProductRepository(session)
            genres = known_spelling(publication.genres, await repository.genres())
            product = publication.product(await repository.next_published_id(), viewer.id)
            await repository.add(product, genres)
            return product

    @retry_on_conflict
    async def set_discount(self, viewer: Viewer, product_id: str, percent: int) -> Product:
        """Sets a discount, or ends the sale with 0. Orders keep the prices that they fixed.

        Raises BadUserInput, NotFound, and Forbidden for a product that the viewer does not manage.
        """
        validation.discount_percent(percent)
        number = validation.product_number(product_id)
        async with self._database.transaction() as session:
            repository = ProductRepository(session)
            product = None if number is None else await repository.lock(number)
            if product is None:
                raise NotFound("There is no such product.")
            if not product.is_managed_by(viewer):
                raise Forbidden("Only its publisher and admins may set a product's discount.")
            product = product.discounted(percent)
            await repository.set_discount(product.id, product.price)
            return product


def _offer(product_id: str, product: Product | None) -> Offer:
    if product is None:
        return Offer(product_id=product_id, exists=False)
    return Offer(
        product_id=product_id,
        exists=True,
        publisher_id=product.publisher_id,
        points=product.price.points,
        discount_percent=product.price.discount_percent,
    )
