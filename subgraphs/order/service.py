"""The order subgraph's service, made of one service for each topic."""

from subgraphs.kit.runtime import Runtime
from subgraphs.order.orders.payments import OrderPayments
from subgraphs.order.orders.quotes import Quotes
from subgraphs.order.orders.service import Orders
from subgraphs.order.wishlist.service import Wishlist


class OrderService:
    """Wishlists, orders, and the payments that orders are attached to."""

    def __init__(self, runtime: Runtime) -> None:
        quotes = Quotes(runtime.peers)
        self.wishlist = Wishlist(runtime)
        self.orders = Orders(runtime, quotes, self.wishlist)
        self.payments = OrderPayments(runtime, quotes, self.wishlist)
