"""Settings of the payment subgraph. Durations are in seconds."""

from typing import Literal

from subgraphs.kit.settings import EnvironmentSettings


class PaymentSettings(EnvironmentSettings):
    """What the payment subgraph can be set to do."""

    top_up_provider: Literal["sandbox", "none"] = "none"
    """`sandbox` grants points at once, to try the store out; `none` sells none."""
    payment_lifetime: float = 300
    """How long a payment may stay READY, with its units held."""
    settlement_delay: float = 24 * 3600
    """From a refund's request until its points are back."""
    refund_window: float = 7 * 24 * 3600
    """From a payment until its lines can no longer be refunded."""
    checkout_overdue: float = 5
    """The sweeper takes up a checkout or refund that has not ended after this long."""
