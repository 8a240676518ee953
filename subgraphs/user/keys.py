"""The keys that sign access tokens, stored encrypted."""

from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import Gauge

from subgraphs.kit.age import Age
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.runtime import Runtime
from subgraphs.user.domain import SealedKey, unneeded
from subgraphs.user.repository import UserRepository
from subgraphs.user.tokens import Signer
from subgraphs.user.vault import Vault

AGE = Gauge("steampunk_signing_key_age_seconds", "Age of the newest key that signs access tokens.")

LOAD_SECONDS = 2.0
# Longer than LOAD_SECONDS and the pause between two fetches of the keys (kit.web.auth) together: whoever meets a
# token of a new key has the key, or may fetch it at once.
SIGNS_AFTER = timedelta(seconds=15)
CLOCKS_DIFFER = timedelta(seconds=60)


class KeyRing:
    """All signing keys. The newest one signs, after a pause; all are published, so that older tokens stay valid."""

    def __init__(self, runtime: Runtime, vault: Vault, token_lifetime: float) -> None:
        self._issuer = runtime.settings.token_issuer
        self._database = runtime.database
        self._vault = vault
        self._kept = SIGNS_AFTER + timedelta(seconds=token_lifetime) + CLOCKS_DIFFER
        self._signers: list[tuple[datetime, Signer]] = []
        self._age = Age(AGE)

    @property
    def signer(self) -> Signer:
        """Signs with the newest key that every subgraph can know. `load` must have run."""
        known = datetime.now(UTC) - SIGNS_AFTER
        return next((signer for created_at, signer in self._signers if created_at <= known), self._signers[-1][1])

    async def load(self) -> list[Signer]:
        """Reads the keys, the newest first. Makes the first one if there is none."""
        keys = await self._stored()
        if not keys:
            await self._add()
            keys = await self._stored()  # another process may have made one at the same moment
        self._signers = [(key.created_at, self._signer(key)) for key in keys]
        self._age.since(keys[0].created_at)
        return [signer for _, signer in self._signers]

    async def rotate(self) -> tuple[str, list[str]]:
        """Adds a key and deletes those whose tokens have all expired: the ids of the new one and of the others."""
        key_id = await self._add()
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            ids = [one.id for one in unneeded(await repository.signing_keys(), await repository.now() - self._kept)]
            await repository.delete_signing_keys(ids)
        return key_id, ids

    async def reseal(self) -> None:
        """Seals all keys by the first data key."""
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            for key in await repository.signing_keys():
                purpose = _purpose(key.id)
                await repository.set_private_key(key.id, self._vault.seal(self._private(key), purpose))

    async def _stored(self) -> list[SealedKey]:
        async with self._database.reading() as session:
            return await UserRepository(session).signing_keys()

    async def _add(self) -> str:
        """Adds a key; returns its id."""
        key_id, private_key = new_id(), Ed25519PrivateKey.generate().private_bytes_raw()
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            sealed = self._vault.seal(private_key, _purpose(key_id))
            await repository.add_signing_key(SealedKey(key_id, sealed, created_at=await repository.now()))
        return key_id

    def _signer(self, key: SealedKey) -> Signer:
        return Signer(key.id, self._private(key), self._issuer)

    def _private(self, key: SealedKey) -> bytes:
        return self._vault.open(key.private_key, _purpose(key.id))


def _purpose(key_id: str) -> str:
    return f"signing-key:{key_id}"
