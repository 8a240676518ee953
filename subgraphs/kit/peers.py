"""Calls to other subgraphs: internal commands over kept connections."""

from collections.abc import Sequence

import aiohttp
import msgspec
import structlog

from subgraphs.contracts.command import Command, OutcomeT, RequestT
from subgraphs.kit import tracing
from subgraphs.kit.errors import Unavailable
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.settings import Settings


class Peers:
    """Sends commands to other subgraphs with the service credential."""

    def __init__(self, settings: Settings, http: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._http = http
        self._headers = {
            "x-service-secret": settings.service_secret.get_secret_value(),
            "content-type": "application/json",
        }

    async def call(self, command: Command[RequestT, OutcomeT], requests: Sequence[RequestT]) -> list[OutcomeT]:
        """The outcomes of a list of requests, in their order.

        Raises Unavailable when the peer does not answer properly. Whether it carried out the command is then
        unknown, and the same requests may be sent again.
        """
        if not requests:
            return []
        body = msgspec.json.encode({"query": command.document, "variables": {"r": requests}})
        try:
            await failpoint(f"asking {command.subgraph}")
            with tracing.span(f"ask {command.subgraph}"):
                answer = await self._post(self._settings.url_of(command.subgraph), body)
            await failpoint(f"answered by {command.subgraph}")
            return _outcomes(command, answer)
        except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError) as error:
            raise Unavailable(f"The {command.subgraph} subgraph does not answer.") from error

    async def _post(self, url: str, body: bytes) -> bytes:
        async with self._http.post(url, data=body, headers=self._headers | _belonging()) as response:
            answer = await response.read()
            response.raise_for_status()
            return answer


def _outcomes(command: Command[RequestT, OutcomeT], answer: bytes) -> list[OutcomeT]:
    content = msgspec.json.decode(answer)
    if content.get("errors"):
        raise msgspec.MsgspecError(content["errors"][0]["message"])
    outcomes: list[OutcomeT] = msgspec.convert(content["data"][command.field], list[command.outcome])  # type: ignore[name-defined]
    return outcomes


def _belonging() -> dict[str, str]:
    """The headers that tell to which request, and to which trace, a call belongs."""
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    headers = {"x-request-id": request_id, tracing.HEADER: tracing.current()}
    return {name: value for name, value in headers.items() if value}
