"""What the payment subgraph publishes."""

from subgraphs.contracts.payment import PaymentCancelled, PaymentPaid, PaymentRefunded
from subgraphs.kit.messaging.outbox import Publishes
from subgraphs.payment.models import Outbox

publishes = Publishes((PaymentPaid, PaymentCancelled, PaymentRefunded), Outbox)
