"""What sellers sold."""

from collections.abc import Sequence
from datetime import date

from subgraphs.contracts.product import PRODUCT_OFFERS, Offer, OfferRequest
from subgraphs.kit.errors import BadUserInput, Forbidden, NotFound, StoreError
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.payment.sold.domain import Period, SoldInPeriod, SoldOnDay
from subgraphs.payment.sold.repository import SoldRepository


class SoldProducts:
    """The figures of products, for those who published them and for admins."""

    def __init__(self, runtime: Runtime) -> None:
        self._database = runtime.database
        self._peers = runtime.peers

    async def in_period(
        self, product_ids: list[str], viewer: Viewer, first: date | None, last: date | None
    ) -> list[SoldInPeriod | StoreError]:
        """What was sold of each product from one day to another. NotFound or Forbidden for what is not the viewer's.

        Raises BadUserInput, Unavailable.
        """
        offers = await self._peers.call(PRODUCT_OFFERS, [OfferRequest(product_id=one) for one in product_ids])
        refusals = {offer.product_id: _refusal(offer, viewer) for offer in offers}
        allowed = [product_id for product_id in product_ids if refusals[product_id] is None]
        async with self._database.reading() as session:
            repository = SoldRepository(session)
            period = Period.of(first, last, (await repository.now()).date())
            found = await repository.by_day(allowed, period)
        return [refusals[one] or SoldInPeriod(period, found.get(one, ())) for one in product_ids]


def page_of_days(days: Sequence[SoldOnDay], page_request: PageRequest) -> Page[SoldOnDay]:
    """A page of days, which are in order. Raises BadUserInput for a cursor of another list."""
    behind = [one for one in days if page_request.after is None or one.day > _day(page_request.after)]
    rows = behind[: page_request.first]
    cursors = [one.day.isoformat() for one in rows]
    return Page(rows, cursors, len(behind) > len(rows), page_request.after is not None)


def _day(cursor: str) -> date:
    try:
        return date.fromisoformat(cursor)
    except ValueError as error:
        raise BadUserInput("after", "This is not a cursor of this list.") from error


def _refusal(offer: Offer, viewer: Viewer) -> StoreError | None:
    if not offer.exists:
        return NotFound("There is no such product.")
    if not viewer.is_admin and offer.publisher_id != viewer.id:
        return Forbidden("Only its publisher and admins see what was sold of a product.")
    return None
