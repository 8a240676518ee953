"""The rules of money: wallets, payments, checkouts and refunds."""

from collections.abc import Sequence

from subgraphs.contracts.order import MAX_PRODUCTS
from subgraphs.kit.errors import BadUserInput, LimitExceeded
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.payment.checkouts.domain import CheckoutOutcome
from subgraphs.payment.checkouts.service import Checkouts, SagaRequest
from subgraphs.payment.payments.repository import PaymentView
from subgraphs.payment.payments.service import Payments
from subgraphs.payment.refunds.service import Refunds
from subgraphs.payment.settings import PaymentSettings
from subgraphs.payment.wallets.service import Wallets


class PaymentService:
    """Everything that the payment subgraph does, by topic."""

    def __init__(self, runtime: Runtime) -> None:
        config = PaymentSettings()
        self.wallets = Wallets(runtime, config)
        self.payments = Payments(runtime)
        self.checkouts = Checkouts(runtime, config)
        self.refunds = Refunds(runtime, config)

    async def start_payment(self, viewer: Viewer, order_id: str, key: str) -> PaymentView | CheckoutOutcome:
        """Enters payment of an order: a READY payment, with its units held."""
        return await self.checkouts.run(viewer.id, key, SagaRequest(kind="start", order_id=order_id))

    async def checkout(
        self,
        viewer: Viewer,
        product_ids: Sequence[str],
        claim_ids: Sequence[str],
        expected_total: int | None,
        key: str,
    ) -> PaymentView | CheckoutOutcome:
        """Order, hold and payment in one: all or nothing."""
        if not product_ids:
            raise BadUserInput("productIds", "Name at least one product.")
        if len(product_ids) > MAX_PRODUCTS or len(claim_ids) > MAX_PRODUCTS:
            raise LimitExceeded(f"At most {MAX_PRODUCTS} products can be bought at once.")
        request = SagaRequest(
            kind="checkout",
            product_ids=tuple(sorted(set(product_ids))),
            claim_ids=tuple(sorted(set(claim_ids))),
            expected_total=expected_total,
        )
        return await self.checkouts.run(viewer.id, key, request)
