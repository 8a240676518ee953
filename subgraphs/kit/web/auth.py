"""Who asks: the viewer of an access token, and the callers that a subgraph lets in."""

import asyncio
import hmac
import time
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import aiohttp
import jwt
from pydantic import SecretStr

from subgraphs.kit.errors import Forbidden, Unauthenticated, Unavailable
from subgraphs.kit.settings import Settings

AUDIENCE = "steampunk"
ALGORITHM = "EdDSA"
KEYS_PATH = "/.well-known/jwks.json"
# A token with an unknown key id makes a subgraph fetch the keys again, at most this often (seconds), so that
# made-up key ids do not become load.
KEYS_REFRESH_PAUSE = 5.0


class Role(Enum):
    """What an account may do beyond shopping."""

    USER = "USER"
    DEVELOPER = "DEVELOPER"
    ADMIN = "ADMIN"


@dataclass(frozen=True)
class Viewer:
    """The signed-in user, as the access token names it."""

    id: str
    roles: frozenset[Role]
    session: str

    @property
    def is_admin(self) -> bool:
        return Role.ADMIN in self.roles

    def may_see(self, user_id: str) -> bool:
        """Whether this viewer may see the private data of a user."""
        return self.id == user_id or self.is_admin


class Caller(Enum):
    """Who may talk to a subgraph: the router on behalf of a client, or another subgraph."""

    ROUTER = "router"
    PEER = "peer"


class Callers:
    """Identifies callers by their secret header."""

    def __init__(self, settings: Settings) -> None:
        self._router = _known(settings.router_secret, settings.second_router_secret)
        self._service = _known(settings.service_secret, settings.second_service_secret)

    def identify(self, headers: Mapping[str, str]) -> Caller:
        """Raises Forbidden for anyone who is neither the router nor a peer."""
        if _is_one_of(headers.get("x-router-secret"), self._router):
            return Caller.ROUTER
        if _is_one_of(headers.get("x-service-secret"), self._service):
            return Caller.PEER
        raise Forbidden("Subgraphs answer the router only.")


def _known(*secrets: SecretStr) -> list[bytes]:
    return [secret.get_secret_value().encode() for secret in secrets if secret.get_secret_value()]


def _is_one_of(given: str | None, secrets: Sequence[bytes]) -> bool:
    return given is not None and any(hmac.compare_digest(given.encode(), secret) for secret in secrets)


@lru_cache(maxsize=1000)
def _key_id(header: str) -> str:
    """The id of the key that signed a token. All tokens of one key have the same header, hence the cache."""
    return str(jwt.get_unverified_header(f"{header}..").get("kid", ""))


class Tokens:
    """Verifies access tokens against the user subgraph's published keys, which it caches."""

    def __init__(self, settings: Settings, http: aiohttp.ClientSession, ended_sessions: Container[str]) -> None:
        self._keys_url = settings.user_url.removesuffix("/graphql") + KEYS_PATH
        self._issuer = settings.token_issuer
        self._http = http
        self._ended_sessions = ended_sessions
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._fetching = asyncio.Lock()
        # Verifying the signature is the most expensive part of checking a token.
        self._verified = lru_cache(maxsize=20_000)(self._verify)

    async def viewer(self, authorization: str | None) -> Viewer | None:
        """The viewer of an Authorization header; None without one.

        Raises Unauthenticated for a token that is malformed, expired, signed by somebody else or of a session that
        has ended, and Unavailable when the keys cannot be fetched.
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
        if viewer.session in self._ended_sessions:
            raise Unauthenticated("The session has ended. Sign in again.")
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
        async with self._fetching:  # others wait here, and then find the key
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
