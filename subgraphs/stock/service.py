"""Everything that the stock subgraph does, by topic."""

from subgraphs.kit.runtime import Runtime
from subgraphs.stock.claims import Claims
from subgraphs.stock.holds import Holds
from subgraphs.stock.limits import Limits
from subgraphs.stock.rights import Rights
from subgraphs.stock.sales import Sales
from subgraphs.stock.settings import StockSettings


class StockService:
    """Limited quantities, flash sales, claims, and what payments hold of them."""

    def __init__(self, runtime: Runtime) -> None:
        rights = Rights(runtime.peers)
        self.limits = Limits(runtime, rights)
        self.sales = Sales(runtime, rights)
        self.claims = Claims(runtime, StockSettings())
        self.holds = Holds(runtime)
