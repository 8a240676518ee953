"""The keys that sign access tokens, stored encrypted."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from subgraphs.kit.database.columns import new_id
from subgraphs.kit.runtime import Runtime
from subgraphs.user.domain import SealedKey
from subgraphs.user.repository import UserRepository
from subgraphs.user.tokens import Signer
from subgraphs.user.vault import Vault


class KeyRing:
    """All signing keys. The newest one signs; all are published, so that older tokens stay valid."""

    def __init__(self, runtime: Runtime, vault: Vault) -> None:
        self._issuer = runtime.settings.token_issuer
        self._database = runtime.database
        self._vault = vault
        self._signers: list[Signer] = []

    @property
    def signer(self) -> Signer:
        """Signs with the newest key. `load` must have run."""
        return self._signers[0]

    async def load(self) -> list[Signer]:
        """Reads the keys, the newest first. Makes the first one if there is none."""
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            keys = await repository.signing_keys()
            if not keys:
                key = self._new_key(await repository.now())
                await repository.add_signing_key(key)
                keys = [key]
        self._signers = [self._signer(key) for key in keys]
        return self._signers

    def _new_key(self, now: datetime) -> SealedKey:
        key_id, private_key = new_id(), Ed25519PrivateKey.generate().private_bytes_raw()
        return SealedKey(id=key_id, private_key=self._vault.seal(private_key, _purpose(key_id)), created_at=now)

    def _signer(self, key: SealedKey) -> Signer:
        return Signer(key.id, self._vault.open(key.private_key, _purpose(key.id)), self._issuer)


def _purpose(key_id: str) -> str:
    return f"signing-key:{key_id}"
