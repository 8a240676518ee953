"""Receives the provider's messages. They do not come through the router, so each must prove itself by its signature."""

import time

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from subgraphs.kit import telemetry
from subgraphs.kit.errors import InvalidState, NotFound
from subgraphs.payment.top_ups.provider import Forged
from subgraphs.payment.top_ups.service import TopUps

PATH = "/webhooks/top-ups"
MAX_BYTES = 64 * 1024


def webhook(top_ups: TopUps) -> Route:
    """Answers 200 to a message that is applied or about something else; 503 if the provider should send it again."""

    async def receive(request: Request) -> Response:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > MAX_BYTES:
                return Response(status_code=413)
        try:
            read = top_ups.provider.read(request.headers, bytes(body), time.time())
            if read is not None:
                await top_ups.apply(*read)
        except Forged as error:
            telemetry.logger().warning("a forged message about a top-up", reason=str(error))
            return Response(status_code=400)
        except InvalidState:  # no provider is configured
            return Response(status_code=404)
        except NotFound:
            telemetry.logger().warning("a message about an unknown top-up")
        except SQLAlchemyError as error:
            telemetry.failed("webhook", error)
            return Response(status_code=503)
        return Response()

    return Route(PATH, receive, methods=["POST"])
