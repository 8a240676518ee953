"""A provider of the tests' own, which speaks Stripe's HTTP: sessions, refunds, idempotency keys, signed messages."""

import hashlib
import hmac
import json
import time
from collections import Counter
from typing import Any

import aiohttp
from aiohttp import web

KEY = "sk_test_of_the_provider_of_these_tests"
WEBHOOK_SECRET = "whsec_of_the_provider_of_these_tests"


class Provider:
    """Takes imaginary money. Tests are its customers, and decide what becomes of its messages."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, Any]] = {}
        self.refunded: Counter[str] = Counter()
        self.is_down = False
        self._answers: dict[str, dict[str, Any]] = {}
        self.app = web.Application()
        self.app.router.add_post("/v1/checkout/sessions", self._open)
        self.app.router.add_get("/v1/checkout/sessions/{id}", self._show)
        self.app.router.add_post("/v1/refunds", self._refund)

    def of(self, top_up: str) -> dict[str, Any]:
        """The only session of a top-up."""
        [session] = [one for one in self.sessions.values() if one["client_reference_id"] == top_up]
        return session

    def pay(self, top_up: str, **changes: Any) -> dict[str, Any]:
        """The customer pays on the provider's page."""
        paid = {"status": "complete", "payment_status": "paid", "payment_intent": f"pi_{top_up}"}
        session = self.of(top_up)
        session.update(paid | changes)
        return session

    def expire(self, top_up: str) -> dict[str, Any]:
        session = self.of(top_up)
        session["status"] = "expired"
        return session

    async def _open(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        return self._answer(request, lambda: self._new_session(form))

    def _new_session(self, form: dict[str, str]) -> dict[str, Any]:
        session: dict[str, Any] = {
            "id": f"cs_{len(self.sessions)}_{form['client_reference_id']}",
            "object": "checkout.session",
            "client_reference_id": form["client_reference_id"],
            "amount_total": int(form["line_items[0][price_data][unit_amount]"]),
            "currency": form["line_items[0][price_data][currency]"],
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "url": "https://provider.example/pay",
        }
        self.sessions[session["id"]] = session
        return session

    async def _show(self, request: web.Request) -> web.Response:
        return self._answer(request, lambda: self.sessions[str(request.match_info["id"])])

    async def _refund(self, request: web.Request) -> web.Response:
        payment = str((await request.post())["payment_intent"])
        return self._answer(request, lambda: self._new_refund(payment))

    def _new_refund(self, payment: str) -> dict[str, Any]:
        self.refunded[payment] += 1
        return {"id": f"re_{payment}", "status": "succeeded"}

    def _answer(self, request: web.Request, make: Any) -> web.Response:
        """The same idempotency key gets the same answer, and takes effect once."""
        if self.is_down:
            return web.json_response({"error": {"type": "api_error"}}, status=503)
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return web.json_response({"error": {"type": "invalid_request_error"}}, status=401)
        key = request.headers.get("idempotency-key", "")
        answer = self._answers.get(key) or make()
        if key:
            self._answers[key] = answer
        return web.json_response(answer)


class Mailbox:
    """Brings the provider's messages to the store, as often and as late as a test wants."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url

    async def send(self, session: dict[str, Any], kind: str = "checkout.session.completed", **options: Any) -> int:
        """The HTTP status of the store's answer."""
        body = json.dumps({"id": "evt_1", "type": kind, "data": {"object": session}}).encode()
        return await self.send_body(body, **options)

    async def send_body(
        self, body: bytes, secret: str = WEBHOOK_SECRET, age: float = 0, signed: bytes | None = None
    ) -> int:
        """`signed` is what the signature is made of, if not the body."""
        header = signature(body if signed is None else signed, secret, time.time() - age)
        async with self._http.post(self._url, data=body, headers={"stripe-signature": header}) as response:
            return response.status


def signature(body: bytes, secret: str, at: float) -> str:
    stamp = str(int(at))
    return f"t={stamp},v1={hmac.new(secret.encode(), stamp.encode() + b'.' + body, hashlib.sha256).hexdigest()}"
