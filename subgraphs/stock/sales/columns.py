"""The columns of a sale. Claims' joins read them too."""

from subgraphs.kit.database.columns import utc_now
from subgraphs.stock.bundles import ValueBundle
from subgraphs.stock.models import FlashSale
from subgraphs.stock.sales.domain import Sale

SALE = ValueBundle(
    Sale,
    FlashSale.id,
    FlashSale.product_id,
    FlashSale.points,
    FlashSale.units,
    FlashSale.remaining,
    FlashSale.starts_at,
    FlashSale.ends_at,
    FlashSale.cancelled_at,
    utc_now().label("as_of"),
)
