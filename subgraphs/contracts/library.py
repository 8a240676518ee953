"""What order and payment ask of library: what a user owns, and to revoke what was not played."""

from subgraphs.contracts.command import Command, Message


class OwnedRequest(Message, frozen=True, rename="camel"):
    user_id: str
    product_ids: list[str]


class OwnedOutcome(Message, frozen=True, rename="camel"):
    """Those of the products that the user owns."""

    product_ids: list[str]


class RevokeRequest(Message, frozen=True, rename="camel"):
    """Takes back products of one payment unless they were played. Idempotent by `refund_id`."""

    refund_id: str
    payment_id: str
    user_id: str
    product_ids: list[str]


class RevokeOutcome(Message, frozen=True, rename="camel"):
    """A product that was not granted yet counts as revoked: its grant will find that and do nothing."""

    revoked: list[str]
    played: list[str]


OWNED_PRODUCTS = Command(
    subgraph="library",
    kind="query",
    field="ownedProducts",
    request=OwnedRequest,
    outcome=OwnedOutcome,
    description="Tells which products users own.",
)
REVOKE_GAMES = Command(
    subgraph="library",
    kind="mutation",
    field="revokeGames",
    request=RevokeRequest,
    outcome=RevokeOutcome,
    description="Takes unplayed games back for refunds.",
)
