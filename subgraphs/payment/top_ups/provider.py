"""What a provider that sells points has to do, and the sandbox, which gives them away."""

from collections.abc import Mapping
from typing import Protocol

from subgraphs.payment.top_ups.domain import Opened, Report, Status, TopUp


class Forged(Exception):
    """A message that is not from the provider, or that is an old one."""


class Provider(Protocol):
    """Takes money for points. Every call may be repeated, and raises Unavailable when the provider does not answer."""

    async def open(self, top_up: TopUp) -> Opened:
        """Opens the purchase, or finds it where it was opened before."""

    async def ask(self, top_up: TopUp) -> Report:
        """What has become of an opened purchase."""

    async def give_back(self, top_up: TopUp) -> None:
        """Gives the money of a paid purchase back, once."""

    def read(self, headers: Mapping[str, str], body: bytes, now: float) -> tuple[str, Report] | None:
        """The id of the top-up that a message is about, and its report; None for messages about other things.

        Raises Forged for a message that is not the provider's, or is an old one. `now` is in seconds since 1970.
        """


class Sandbox:
    """Gives points to everyone who asks."""

    async def open(self, top_up: TopUp) -> Opened:
        return Opened(session=f"sandbox-{top_up.id}", page_url=None, report=await self.ask(top_up))

    async def ask(self, top_up: TopUp) -> Report:
        return Report(Status.PAID, top_up.price, top_up.currency)

    async def give_back(self, top_up: TopUp) -> None:
        pass

    def read(self, headers: Mapping[str, str], body: bytes, now: float) -> tuple[str, Report] | None:
        raise Forged("The sandbox sends no messages.")
