"""The order subgraph's rules, by what they are about."""

from subgraphs.kit.runtime import Runtime
from subgraphs.order.orders.payments import Payments
from subgraphs.order.orders.quotes import Quotes
from subgraphs.order.orders.service import Orders
from subgraphs.order.wishlist.service import Wishlist


class OrderService:
    """Wishlists, orders, and orders' way through payment."""

    def __init__(self, runtime: Runtime) -> None:
        quotes = Quotes(runtime.peers)
        self.wishlist = Wishlist(runtime, quotes)
        self.orders = Orders(runtime, quotes)
        self.payments = Payments(runtime, quotes)
