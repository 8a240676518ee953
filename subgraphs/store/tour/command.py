"""`python -m subgraphs tour`: the store's whole story through its router, to be read and to be run."""

from contextlib import ExitStack

from router.process import GatewayMissing
from subgraphs.store.config import StoreSettings
from subgraphs.store.processes import LaunchFailed, answers
from subgraphs.store.tour.guide import Guide, WrongAnswer
from subgraphs.store.tour.refund import refund
from subgraphs.store.tour.scarcity import flash_sale, limited_stock
from subgraphs.store.tour.shopping import shopping
from subgraphs.store.up import running

OWN_STORE_SETTLES_AFTER = "2"


def run() -> int:
    """Runs the tour on the running store, or on one that it starts for itself. The exit code."""
    settings = StoreSettings()
    with ExitStack() as stack:
        try:
            own = not answers(f"http://127.0.0.1:{settings.router_health_port}/health")
            if own:
                settings.settlement_delay = OWN_STORE_SETTLES_AFTER
                stack.enter_context(running(settings))
            guide = Guide(settings.graphql_url)
            shopping(guide)
            limited_stock(guide)
            flash_sale(guide)
            refund(guide, settles=own)
        except (LaunchFailed, GatewayMissing, WrongAnswer) as error:
            print(f"\n{error}")
            return 1
    print(f"\nAll {guide.stops} answers were as expected.")
    return 0
