"""Stripe's Checkout: https://docs.stripe.com/api/checkout/sessions and https://docs.stripe.com/webhooks.

Two calls and a signature, in the client that the other subgraphs are called with: Stripe's own library loads more code
than the whole subgraph.
"""

import hashlib
import hmac
from collections.abc import Mapping

import aiohttp
import msgspec

from subgraphs.kit.errors import Unavailable
from subgraphs.payment.settings import PaymentSettings
from subgraphs.payment.top_ups.domain import Opened, Report, Status, TopUp
from subgraphs.payment.top_ups.provider import Forged

TIMEOUT_SECONDS = 10
TOLERANCE_SECONDS = 300
"""A message that was signed longer ago is refused: it may be a replay."""
PREFIX = "checkout.session."


class _Session(msgspec.Struct):
    """A purchase, as far as it matters here. Amounts are in the currency's smallest unit."""

    id: str
    payment_status: str
    status: str | None = None
    amount_total: int | None = None
    currency: str | None = None
    payment_intent: str | None = None
    client_reference_id: str | None = None
    url: str | None = None

    def report(self) -> Report:
        """Goes by `payment_status`: a session is complete before the money of a slow payment method has come."""
        status = Status.EXPIRED if self.status == "expired" else Status.OPEN
        if self.payment_status == "paid":
            status = Status.PAID
        return Report(status, self.amount_total or 0, self.currency or "", self.payment_intent)


class _Data(msgspec.Struct):
    object: msgspec.Raw


class _Event(msgspec.Struct):
    type: str
    data: _Data


class Stripe:
    """Sells points on Stripe's page."""

    def __init__(self, config: PaymentSettings, http: aiohttp.ClientSession) -> None:
        self._config = config
        self._http = http

    async def open(self, top_up: TopUp) -> Opened:
        session = await self._call(
            "POST",
            "checkout/sessions",
            {
                "mode": "payment",
                "client_reference_id": top_up.id,
                "success_url": self._config.top_up_return_url,
                "cancel_url": self._config.top_up_return_url,
                "line_items[0][quantity]": "1",
                "line_items[0][price_data][currency]": top_up.currency,
                "line_items[0][price_data][unit_amount]": str(top_up.price),
                "line_items[0][price_data][product_data][name]": f"{top_up.points:,} points",
            },
            key=f"open-{top_up.id}",
        )
        return Opened(session.id, session.url, session.report())

    async def ask(self, top_up: TopUp) -> Report:
        return (await self._call("GET", f"checkout/sessions/{top_up.session}")).report()

    async def give_back(self, top_up: TopUp) -> None:
        await self._send("POST", "refunds", {"payment_intent": top_up.payment or ""}, key=f"refund-{top_up.id}")

    def read(self, headers: Mapping[str, str], body: bytes, now: float) -> tuple[str, Report] | None:
        self._check_signature(headers.get("stripe-signature", ""), body, now)  # before anything is read
        try:
            event = msgspec.json.decode(body, type=_Event)
            if not event.type.startswith(PREFIX):
                return None
            session = msgspec.json.decode(event.data.object, type=_Session)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Forged("The message is in an unknown form.") from error
        return session.client_reference_id or "", session.report()

    def _check_signature(self, header: str, body: bytes, now: float) -> None:
        """`header` is `t=<seconds since 1970>,v1=<HMAC-SHA256 in hex>`, with a `v1` for each secret that is in use."""
        parts = [part.partition("=") for part in header.split(",")]
        times = [value for name, _, value in parts if name == "t" and value.isdecimal()]
        signatures = [value for name, _, value in parts if name == "v1"]
        if len(times) != 1:
            raise Forged("The message is not signed.")
        secret = self._config.stripe_webhook_secret.get_secret_value().encode()
        expected = hmac.new(secret, f"{times[0]}.".encode() + body, hashlib.sha256).hexdigest().encode()
        if not any(hmac.compare_digest(expected, one.encode()) for one in signatures):
            raise Forged("The signature is not Stripe's.")
        if abs(now - int(times[0])) > TOLERANCE_SECONDS:
            raise Forged("The message is an old one.")

    async def _call(self, method: str, path: str, form: Mapping[str, str] | None = None, key: str = "") -> _Session:
        try:
            return msgspec.json.decode(await self._send(method, path, form, key), type=_Session)
        except msgspec.MsgspecError as error:
            raise Unavailable("The provider that sells points gives an unknown answer.") from error

    async def _send(self, method: str, path: str, form: Mapping[str, str] | None = None, key: str = "") -> bytes:
        headers = {"authorization": f"Bearer {self._config.stripe_key.get_secret_value()}", "idempotency-key": key}
        url, timeout = f"{self._config.stripe_url}/v1/{path}", aiohttp.ClientTimeout(TIMEOUT_SECONDS)
        try:
            async with self._http.request(method, url, data=form, headers=headers, timeout=timeout) as response:
                response.raise_for_status()
                return await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable("The provider that sells points does not answer.") from error
