"""`python -m subgraphs tour`: every feature of the store, as operations through its router."""

from contextlib import ExitStack

from subgraphs.store.config import StoreSettings
from subgraphs.store.processes import answers
from subgraphs.store.tour.client import TourClient, UnexpectedAnswer
from subgraphs.store.tour.limited_units import flash_sale, limited_stock
from subgraphs.store.tour.refund import refund
from subgraphs.store.tour.shopping import shopping
from subgraphs.store.up import running

SETTLEMENT_DELAY = "2"
"""Of a store that the tour starts, in seconds."""


def run() -> int:
    """Runs the tour on the running store, or starts one. The exit code."""
    settings = StoreSettings()
    with ExitStack() as stack:
        try:
            own = not answers(f"http://127.0.0.1:{settings.router_health_port}/health")
            if own:
                settings.settlement_delay = SETTLEMENT_DELAY
                stack.enter_context(running(settings))
            tour = TourClient(settings.graphql_url)
            shopping(tour)
            limited_stock(tour)
            flash_sale(tour)
            refund(tour, settles=own)
        except UnexpectedAnswer as error:
            print(f"\n{error}")
            return 1
    tour.printer.plans()
    tour.printer.say(f"\nAll {tour.steps} answers were as expected.")
    return 0
