"""What the payment subgraph does, by topic."""

from subgraphs.kit.due_work import DueWork
from subgraphs.kit.runtime import Runtime
from subgraphs.payment.checkouts.service import Checkouts
from subgraphs.payment.payments.charging import Charging
from subgraphs.payment.payments.service import Payments
from subgraphs.payment.refunds.service import Refunds
from subgraphs.payment.settings import PaymentSettings
from subgraphs.payment.sold.service import SoldProducts
from subgraphs.payment.top_ups.service import TopUps
from subgraphs.payment.wallets.service import Wallets


class PaymentService:
    """Wallets, top-ups, payments, checkouts, refunds, and what was sold."""

    def __init__(self, runtime: Runtime) -> None:
        config = PaymentSettings()
        self.wallets = Wallets(runtime, config)
        self.top_ups = TopUps(runtime, config, self.wallets)
        charging = Charging(runtime.outbox, self.wallets)
        self.payments = Payments(runtime, charging)
        self.checkouts = Checkouts(runtime, config, self.payments, charging)
        self.refunds = Refunds(runtime, config, self.payments, self.wallets)
        self.sold = SoldProducts(runtime)
        topics = self.payments, self.checkouts, self.refunds, self.top_ups
        self.due_work = DueWork(runtime.database, *[work for topic in topics for work in topic.work])
