"""The payment subgraph as an ASGI application."""

from starlette.applications import Starlette

from subgraphs.kit.jobs import Every
from subgraphs.kit.web.app import Subgraph, create_app
from subgraphs.payment.events import publishes
from subgraphs.payment.schema import schema
from subgraphs.payment.service import PaymentService
from subgraphs.payment.top_ups.webhook import webhook

subgraph = Subgraph(
    name="payment",
    schema=schema,
    service=PaymentService,
    publishes=publishes,
    routes=lambda service: [webhook(service.top_ups)],
    jobs=lambda service: [
        Every(1, "due work", service.due_work.do),
        Every(5, "look for unfinished sagas", service.unfinished.look),
    ],
)


def create() -> Starlette:
    return create_app(subgraph)
