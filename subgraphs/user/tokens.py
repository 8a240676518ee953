"""The tokens that the user subgraph issues: signed access tokens and opaque refresh tokens."""

import hashlib
import json
import secrets
from datetime import datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from subgraphs.kit.web.auth import ALGORITHM, AUDIENCE, Role


class Signer:
    """Signs access tokens (JWT, EdDSA) with one key."""

    def __init__(self, key_id: str, private_key: bytes, issuer: str) -> None:
        self.key_id = key_id
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)
        self._issuer = issuer

    def access_token(
        self, user_id: str, roles: frozenset[Role], session_id: str, now: datetime, expires_at: datetime
    ) -> str:
        """A token that proves who the user is until `expires_at`, without a look-up."""
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": user_id,
            "sid": session_id,
            "roles": sorted(role.value for role in roles),
            "iat": now,
            "exp": expires_at,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": self.key_id})

    def public_jwk(self) -> dict[str, Any]:
        """The public half as a JSON Web Key (RFC 8037)."""
        jwk: dict[str, Any] = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(self._key.public_key()))
        return {**jwk, "kid": self.key_id, "use": "sig", "alg": ALGORITHM}


def new_secret() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What is stored of a refresh token or a mailed token: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()
