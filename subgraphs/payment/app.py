"""The payment subgraph as an ASGI application."""

from collections.abc import Sequence

from starlette.applications import Starlette

from subgraphs.kit.jobs import Every
from subgraphs.kit.web.app import Subgraph, create_app
from subgraphs.payment.events import publishes
from subgraphs.payment.schema import schema
from subgraphs.payment.service import PaymentService


def jobs(service: PaymentService) -> Sequence[Every]:
    return (
        Every(1, "expire payments", service.payments.expire),
        Every(1, "sweep checkouts", service.checkouts.sweep),
        Every(1, "sweep refunds", service.refunds.sweep),
        Every(1, "settle refunds", service.refunds.settle),
    )


subgraph = Subgraph(
    name="payment",
    schema=schema,
    service=PaymentService,
    publishes=publishes,
    jobs=jobs,
)


def create() -> Starlette:
    return create_app(subgraph)
