"""The commands of library: which products users own (for order), and revoking unplayed games (for payment)."""

from subgraphs.contracts.command import Command, Message


class OwnedRequest(Message, frozen=True, rename="camel"):
    """`fresh` waits for what the user has paid just now; without it, the answer may lag behind a payment."""

    user_id: str
    product_ids: list[str]
    fresh: bool = False


class OwnedOutcome(Message, frozen=True, rename="camel"):
    """The requested products that the user owns."""

    product_ids: list[str]


class RevokeRequest(Message, frozen=True, rename="camel"):
    """Revokes the unplayed products of one payment. Idempotent by `refund_id`."""

    refund_id: str
    payment_id: str
    user_id: str
    product_ids: list[str]


class RevokeOutcome(Message, frozen=True, rename="camel"):
    """A product that was not granted yet is revoked, too: its grant will change nothing."""

    revoked: list[str]
    played: list[str]


OWNED_PRODUCTS = Command(
    subgraph="library",
    kind="query",
    field="ownedProducts",
    request=OwnedRequest,
    outcome=OwnedOutcome,
    description="Tells which of the given products users own.",
)
REVOKE_GAMES = Command(
    subgraph="library",
    kind="mutation",
    field="revokeGames",
    request=RevokeRequest,
    outcome=RevokeOutcome,
    description="Revokes unplayed games for refunds.",
)
