"""Everything that the stock subgraph does, by topic."""

from subgraphs.kit.runtime import Runtime
from subgraphs.stock.board import Board
from subgraphs.stock.claims import Claims
from subgraphs.stock.clock import DatabaseClock
from subgraphs.stock.holds import Holds
from subgraphs.stock.keeper import Keeper
from subgraphs.stock.limits import Limits
from subgraphs.stock.rights import Rights
from subgraphs.stock.sales import Sales
from subgraphs.stock.settings import StockSettings


class StockService:
    """Limited quantities, flash sales, claims, and what payments hold of them."""

    def __init__(self, runtime: Runtime) -> None:
        rights, clock = Rights(runtime.peers), DatabaseClock()
        board = Board(runtime.redis, clock, runtime.settings.batch_size)
        self.keeper = Keeper(runtime.database, board, clock)
        self.limits = Limits(runtime, rights)
        self.sales = Sales(runtime, rights, board)
        self.claims = Claims(runtime, StockSettings(), board, self.keeper)
        self.holds = Holds(runtime, board)
