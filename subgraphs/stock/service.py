"""The service of the stock subgraph, by topic."""

from subgraphs.kit.runtime import Runtime
from subgraphs.stock.claims.cache import ClaimCache
from subgraphs.stock.claims.cache_filler import CacheFiller
from subgraphs.stock.claims.clock import DatabaseClock
from subgraphs.stock.claims.service import Claims
from subgraphs.stock.claims.transitions import ClaimTransitions
from subgraphs.stock.holds.service import Holds
from subgraphs.stock.limited.service import LimitedStocks
from subgraphs.stock.permissions import Permissions
from subgraphs.stock.sales.service import Sales
from subgraphs.stock.settings import StockSettings
from subgraphs.stock.status.service import SaleStatuses


class StockService:
    """Limited quantities, flash sales, claims, and what payments hold of them.

    A topic knows only those above it in this list.
    """

    def __init__(self, runtime: Runtime) -> None:
        permissions, clock = Permissions(runtime.peers), DatabaseClock()
        batch_size = runtime.settings.batch_size
        self.settings = StockSettings()
        cache = ClaimCache(runtime.redis, clock, batch_size)
        self.limited = LimitedStocks(runtime, permissions)
        self.sales = Sales(runtime, permissions, changed=cache.invalidate)
        transitions = ClaimTransitions(self.sales, cache)
        self.cache_filler = CacheFiller(runtime.database, self.sales, cache, clock)
        self.claims = Claims(runtime, self.settings, self.sales, transitions, cache, self.cache_filler)
        self.statuses = SaleStatuses(self.sales, cache, self.cache_filler, clock, batch_size)
        self.holds = Holds(runtime, self.limited, transitions)
