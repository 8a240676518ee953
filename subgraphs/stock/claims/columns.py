"""The columns of a claim. Holds' joins read them too."""

from sqlalchemy import Enum, type_coerce

from subgraphs.kit.database.columns import utc_now
from subgraphs.stock import models
from subgraphs.stock.bundles import ValueBundle
from subgraphs.stock.claims.domain import Claim, ClaimState

CLAIM = ValueBundle(
    Claim,
    models.Claim.id,
    models.Claim.sale_id,
    models.Claim.user_id,
    type_coerce(models.Claim.state, Enum(ClaimState, native_enum=False)).label("stored_state"),
    models.Claim.payment_id,
    models.Claim.created_at,
    models.Claim.expires_at,
    utc_now().label("as_of"),
)
