"""Who is asking: access tokens, checked here in the subgraph, and the callers that are let in at all."""

import asyncio
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import aiohttp
import jwt

from subgraphs.kit.errors import Forbidden, Unauthenticated, Unavailable
from subgraphs.kit.settings import Settings

AUDIENCE = "steampunk"
ALGORITHM = "EdDSA"
KEYS_PATH = "/.well-known/jwks.json"
# An unknown key id asks the user subgraph for its keys again, but no more often than this (seconds):
# made-up key ids must not become load.
KEYS_REFRESH_PAUSE = 5.0


class Role(Enum):
    """What an account may do beyond shopping."""

    USER = "USER"
    DEVELOPER = "DEVELOPER"
    ADMIN = "ADMIN"


@dataclass(frozen=True)
class Viewer:
    """The signed-in user, as the access token tells."""

    id: str
    roles: frozenset[Role]
    session: str

    @property
    def is_admin(self) -> bool:
        return Role.ADMIN in self.roles

    def may_see(self, user_id: str) -> bool:
        """Whether the private data of a user may be shown to this viewer."""
        return self.id == user_id or self.is_admin


class Caller(Enum):
    """Who may talk to a subgraph: the router on behalf of a client, or another subgraph."""

    ROUTER = "router"
    PEER = "peer"


class Callers:
    """Tells callers apart by their secret header."""

    def __init__(self, settings: Settings) -> None:
        self._router = settings.router_secret.get_secret_value()
        self._service = settings.service_secret.get_secret_value()

    def identify(self, headers: Mapping[str, str]) -> Caller:
        """Raises Forbidden for anybody who is neither the router nor a peer."""
        if _same(headers.get("x-router-secret"), self._router):
            return Caller.ROUTER
        if _same(headers.get("x-service-secret"), self._service):
            return Caller.PEER
        raise Forbidden("Subgraphs answer the router only.")


def _same(given: str | None, secret: str) -> bool:
    return bool(secret) and given is not None and hmac.compare_digest(given.encode(), secret.encode())


@lru_cache(maxsize=1000)
def _key_id(header: str) -> str:
    """The key that a token names; the header is the same for all tokens of one key."""
    return str(jwt.get_unverified_header(f"{header}..").get("kid", ""))


class Tokens:
    """Verifies access tokens against the user subgraph's published keys, which it keeps."""

    def __init__(self, settings: Settings, http: aiohttp.ClientSession) -> None:
        self._keys_url = settings.user_url.removesuffix("/graphql") + KEYS_PATH
        self._issuer = settings.token_issuer
        self._http = http
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._fetching = asyncio.Lock()
        # Verifying a signature costs more than all else that is done with a token.
        self._verified = lru_cache(maxsize=20_000)(self._verify)

    async def viewer(self, authorization: str | None) -> Viewer | None:
        """The viewer of an Authorization header; None without one.

        Raises Unauthenticated for a token that is malformed, expired or not ours.
        """
        if not authorization:
            return None
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("The Authorization header must be 'Bearer <access token>'.")
        try:
            key_id = _key_id(token.partition(".")[0])
            if key_id not in self._keys:
                await self._fetch_keys(key_id)
            viewer, expires_at = self._verified(token, key_id)
        except jwt.PyJWTError as error:
            raise Unauthenticated("The access token is not valid.") from error
        if expires_at <= time.time():
            raise Unauthenticated("The access token has expired.")
        return viewer

    def _verify(self, token: str, key_id: str) -> tuple[Viewer, float]:
        if key_id not in self._keys:
            raise jwt.InvalidKeyError
        claims = jwt.decode(
            token,
            self._keys[key_id],
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=self._issuer,
            options={"require": ["exp", "sub", "roles", "sid"]},
        )
        roles = frozenset(Role(role) for role in claims["roles"])
        return Viewer(claims["sub"], roles, claims["sid"]), float(claims["exp"])

    async def _fetch_keys(self, key_id: str) -> None:
        async with self._fetching:  # those that come meanwhile wait for the keys, and find theirs
            if key_id in self._keys or time.monotonic() - self._fetched_at < KEYS_REFRESH_PAUSE:
                return
            try:
                async with self._http.get(self._keys_url) as response:
                    response.raise_for_status()
                    published = jwt.PyJWKSet.from_dict(await response.json())
            except (aiohttp.ClientError, TimeoutError) as error:
                raise Unavailable("Access tokens cannot be checked right now.") from error
            self._fetched_at = time.monotonic()
            self._keys = {key.key_id: key for key in published.keys if key.key_id}
