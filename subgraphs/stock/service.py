"""Everything that the stock subgraph does, by topic."""

from subgraphs.kit.runtime import Runtime
from subgraphs.stock.claims.cache import ClaimCache
from subgraphs.stock.claims.cache_filler import CacheFiller
from subgraphs.stock.claims.clock import DatabaseClock
from subgraphs.stock.claims.service import Claims
from subgraphs.stock.holds.service import Holds
from subgraphs.stock.limited.service import Limits
from subgraphs.stock.permissions import Permissions
from subgraphs.stock.sales.service import Sales
from subgraphs.stock.settings import StockSettings


class StockService:
    """Limited quantities, flash sales, claims, and what payments hold of them."""

    def __init__(self, runtime: Runtime) -> None:
        rights, clock = Permissions(runtime.peers), DatabaseClock()
        board = ClaimCache(runtime.redis, clock, runtime.settings.batch_size)
        self.keeper = CacheFiller(runtime.database, board, clock)
        self.limits = Limits(runtime, rights)
        self.sales = Sales(runtime, rights, board)
        self.claims = Claims(runtime, StockSettings(), board, self.keeper)
        self.holds = Holds(runtime, board)
