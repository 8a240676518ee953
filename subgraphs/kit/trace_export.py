"""Sends spans to a collector, in OpenTelemetry's protocol: OTLP, as JSON over HTTP."""

from collections.abc import Sequence
from typing import Any

import aiohttp
import msgspec

from subgraphs.kit.tracing import Span, take_ended

BATCH = 500
INTERNAL, ERROR = 1, 2
"""The kind of a span, and the status of one that failed."""
JSON = {"content-type": "application/json"}


class TraceExport:
    """Sends the spans of this process, which are those of `service`, to the collector at `url`."""

    def __init__(self, http: aiohttp.ClientSession, url: str, service: str) -> None:
        self._http = http
        self._url = f"{url.rstrip('/')}/v1/traces"
        self._resource = {"attributes": _attributes({"service.name": service})}

    async def send(self) -> None:
        """Sends what has ended. Raises ClientError or TimeoutError; what was on its way is lost then."""
        while spans := take_ended(BATCH):
            async with self._http.post(self._url, data=self._encoded(spans), headers=JSON) as response:
                response.raise_for_status()

    def _encoded(self, spans: Sequence[Span]) -> bytes:
        scope = {"scope": {"name": "steampunk"}, "spans": [_span(one) for one in spans]}
        return msgspec.json.encode({"resourceSpans": [{"resource": self._resource, "scopeSpans": [scope]}]})


def _span(span: Span) -> dict[str, Any]:
    return {
        "traceId": span.trace,
        "spanId": span.id,
        "parentSpanId": span.parent,
        "name": span.name,
        "kind": INTERNAL,
        "startTimeUnixNano": str(span.began),
        "endTimeUnixNano": str(span.ended),
        "attributes": _attributes(span.attributes),
        "links": [{"traceId": trace, "spanId": id} for trace, id in span.links],
        "status": {"code": ERROR} if span.failed else {},
    }


def _attributes(values: dict[str, str]) -> list[dict[str, Any]]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]
