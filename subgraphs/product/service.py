"""The rules of the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from subgraphs.contracts.product import Offer, OfferRequest
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import BadUserInput, Forbidden, NotFound
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.product import validation as rules
from subgraphs.product.links import Links
from subgraphs.product.listing import Filter, Platform, Sort
from subgraphs.product.models import Product
from subgraphs.product.pricing import discounted_points, regular_points
from subgraphs.product.repository import Listed, ProductRepository
from subgraphs.product.search import SearchText


@dataclass(frozen=True)
class Publication:
    """What a developer publishes, as given."""

    title: str
    description: str
    usd: Decimal
    genres: list[str]
    platforms: list[Platform]
    released_on: date | None = None
    header_image: str | None = None


class ProductService:
    """The catalogue: reading, publishing, discounts."""

    def __init__(self, runtime: Runtime) -> None:
        self._database = runtime.database
        self.links = Links(runtime.database)

    # ---- reading

    async def products_by_ids(self, ids: list[str]) -> list[Product | None]:
        """The products of these ids, in their order; None for an unknown one and for what is no id."""
        keys = [rules.product_key(product_id) for product_id in ids]
        async with self._database.reading() as session:
            rows = await ProductRepository(session).products([key for key in keys if key is not None])
        return [None if key is None else rows.get(key) for key in keys]

    async def products(self, search: str | None, chosen: Filter, sort: Sort, page_request: PageRequest) -> Page[Listed]:
        """A page of the catalogue. Raises BadUserInput."""
        sought = SearchText.parse(search)
        async with self._database.reading() as session:
            return await ProductRepository(session).page(sought, chosen, sort, page_request)

    async def count_products(self, search: str | None, chosen: Filter) -> int:
        sought = SearchText.parse(search)
        async with self._database.reading() as session:
            return await ProductRepository(session).count(sought, chosen)

    async def genres(self) -> list[str]:
        """All genres' names, in order."""
        async with self._database.reading() as session:
            return list(await ProductRepository(session).genres())

    async def genre_pages(self, page_request: PageRequest, names: list[str]) -> list[Page[Listed]]:
        """For each genre the same window of its products, the most reviewed first."""
        async with self._database.reading() as session:
            return await ProductRepository(session).genre_pages(names, page_request)

    async def genre_sizes(self, names: list[str]) -> list[int]:
        async with self._database.reading() as session:
            sizes = await ProductRepository(session).genre_sizes(names)
        return [sizes.get(name, 0) for name in names]

    async def offers(self, requests: list[OfferRequest]) -> list[Offer]:
        """What products cost now."""
        ids = [request.product_id for request in requests]
        return [
            _offer(product_id, product)
            for product_id, product in zip(ids, await self.products_by_ids(ids), strict=True)
        ]

    # ---- writing

    @retry_on_conflict
    async def publish(self, viewer: Viewer, publication: Publication) -> Product:
        """A new product of the viewer's. Raises BadUserInput."""
        product = _new_product(viewer, publication)
        genres = rules.genres(publication.genres)
        async with self._database.transaction() as session:
            repository = ProductRepository(session)
            known = await repository.genres()
            product.id = await repository.next_published_id()
            await repository.add(product, _as_known(genres, known))
        return product

    @retry_on_conflict
    async def set_discount(self, viewer: Viewer, product_id: str, percent: int) -> Product:
        """Cuts the price, or ends the sale with 0; orders keep the prices that they fixed.

        Raises BadUserInput, NotFound, and Forbidden for a product that the viewer did not publish.
        """
        rules.discount_percent(percent)
        key = rules.product_key(product_id)
        async with self._database.transaction() as session:
            product = None if key is None else await ProductRepository(session).lock_product(key)
            if product is None:
                raise NotFound("There is no such product.")
            if product.publisher_id != viewer.id and not viewer.is_admin:
                raise Forbidden("Only the publisher and admins set a product's discount.")
            product.discount_percent = percent
            product.points = discounted_points(product.usd, percent)
        return product


def _new_product(viewer: Viewer, publication: Publication) -> Product:
    usd = rules.usd(publication.usd)
    if not publication.platforms:
        raise BadUserInput("platforms", "A product runs on one platform at least.")
    return Product(
        publisher_id=viewer.id,
        title=rules.title(publication.title),
        description=rules.description(publication.description),
        header_image=rules.header_image(publication.header_image),
        released_on=publication.released_on,
        usd=usd,
        regular_points=regular_points(usd),
        discount_percent=0,
        points=regular_points(usd),
        platforms=sum({platform.bit for platform in publication.platforms}),
        positive_reviews=0,
        negative_reviews=0,
        reviews=0,
        review_score=0,
    )


def _as_known(genres: list[str], known: Sequence[str]) -> list[str]:
    """Genres as the catalogue spells them already: "action" joins "Action" and makes no genre of its own."""
    spelling = {name.casefold(): name for name in known}
    return list(dict.fromkeys(spelling.get(name.casefold(), name) for name in genres))


def _offer(product_id: str, product: Product | None) -> Offer:
    if product is None:
        return Offer(product_id=product_id, exists=False)
    return Offer(
        product_id=product_id,
        exists=True,
        publisher_id=product.publisher_id,
        points=product.points,
        discount_percent=product.discount_percent,
    )
