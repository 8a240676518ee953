"""The client that a request is answered for, as far as limits need to know it."""

from starlette.requests import Request


class Client:
    def __init__(self, request: Request) -> None:
        self._request = request

    def address(self, header: str) -> str:
        """The client's address from a header that a trusted proxy sets; empty without one.

        Of a list, as in X-Forwarded-For, it is the last entry: the proxy has added that one itself.
        """
        return self._request.headers.get(header, "").rpartition(",")[2].strip()

    async def gone(self) -> None:
        """Returns when the client has closed its connection. The request's body must have been read."""
        while (await self._request.receive())["type"] != "http.disconnect":
            pass
