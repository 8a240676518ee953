"""Settings of the payment subgraph. Durations are in seconds."""

from math import ceil
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from subgraphs.kit.settings import EnvironmentSettings


class PaymentSettings(EnvironmentSettings):
    """What the payment subgraph can be set to do."""

    top_up_provider: Literal["sandbox", "stripe", "none"] = "none"
    """`sandbox` gives points away, to try the store out; `stripe` sells them (docs/points.md); `none` has none."""
    point_price: float = 1
    """What a point costs, in the currency's smallest unit, such as cents. The price of a top-up is rounded up."""
    currency: str = "eur"
    """The currency of top-ups, by its three letters."""
    top_up_minimum: int = 1
    """The fewest points that can be bought at once. Providers do not take amounts that are too small."""
    top_up_return_url: str = ""
    """The page of the shop to which the provider sends a customer back."""
    top_up_overdue: float = 60
    """The provider is asked about a top-up that is still open after this long; then less and less often."""
    stripe_url: str = "https://api.stripe.com"
    """Where Stripe's API is."""
    stripe_key: SecretStr = SecretStr("")
    """Stripe's secret (or restricted) API key."""
    stripe_webhook_secret: SecretStr = SecretStr("")
    """The secret by which Stripe signs its messages to `/webhooks/top-ups`."""
    payment_lifetime: Annotated[float, Field(le=24 * 3600)] = 300
    """How long a payment may stay READY, with its units held. At most a day."""
    settlement_delay: float = 24 * 3600
    """From a refund's request until its points are back."""
    refund_window: float = 7 * 24 * 3600
    """From a payment until its lines can no longer be refunded."""
    checkout_overdue: float = 5
    """The sweeper takes up a checkout or refund that has not ended after this long."""

    def price_of(self, points: int) -> int:
        """The price of a number of points, in the currency's smallest unit."""
        return ceil(round(points * self.point_price, 6))
