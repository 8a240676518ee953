"""How a flash sale stands, for pages that show it live: values only, no I/O."""

from dataclasses import dataclass

from subgraphs.stock.sales.domain import FlashSaleState, Sale

LONGEST_POLL_SECONDS = 30


@dataclass(frozen=True)
class SaleStatus:
    """The numbers of a sale that change. `opens_in` is in seconds, 0 once it has started."""

    state: FlashSaleState
    remaining: int
    units: int
    opens_in: int

    @classmethod
    def of(cls, sale: Sale) -> "SaleStatus":
        return cls(sale.state, sale.remaining, sale.units, sale.seconds_until(sale.starts_at))

    @property
    def version(self) -> str:
        """A name for these numbers: equal numbers have the same version, whoever has read them."""
        return f"{self.state.value}-{self.remaining}"

    @property
    def is_over(self) -> bool:
        return self.state in (FlashSaleState.ENDED, FlashSaleState.CANCELLED)

    def poll_after(self, interval: int) -> int | None:
        """The seconds after which a page should ask again, which are `interval` while the sale runs; None: never."""
        if self.is_over:
            return None
        if self.state is FlashSaleState.SCHEDULED:
            return max(1, min(self.opens_in, LONGEST_POLL_SECONDS))
        return interval
