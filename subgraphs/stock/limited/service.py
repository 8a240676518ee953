"""The rules of products of limited quantity."""

from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import BadUserInput, InvalidState
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.stock.domain import Units
from subgraphs.stock.holds.repository import StockRepository
from subgraphs.stock.permissions import Permissions

MAX_UNITS = 1_000_000


class Limits:
    """Limited stocks: setting them, and telling them."""

    def __init__(self, runtime: Runtime, rights: Permissions) -> None:
        self._database = runtime.database
        self._rights = rights

    async def by_products(self, product_ids: list[str]) -> list[Units | None]:
        """The limited stocks of products; None where the quantity is not limited."""
        async with self._database.reading() as session:
            limited = await StockRepository(session).limited(product_ids)
        return [limited.get(product_id) for product_id in product_ids]

    async def limit(self, viewer: Viewer, product_id: str, units: int) -> None:
        """Sets how many units there are in all: what is held and sold counts.

        Raises BadUserInput, NotFound, Forbidden, and InvalidState where more are held and sold already.
        """
        if not 0 <= units <= MAX_UNITS:
            raise BadUserInput("units", f"units must be between 0 and {MAX_UNITS:,}.")
        await self._rights.require(viewer, product_id)
        await self._limit(product_id, units)

    @retry_on_conflict
    async def _limit(self, product_id: str, units: int) -> None:
        async with self._database.transaction() as session:
            repository = StockRepository(session)
            await repository.begin_limit(product_id)
            stock = (await repository.lock_limited([product_id]))[product_id]
            taken = stock.held + stock.sold
            if units < taken:
                raise InvalidState(f"{taken} units are held or sold already.")
            stock.total, stock.remaining = units, units - taken
