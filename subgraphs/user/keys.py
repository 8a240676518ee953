"""The keys that sign access tokens, kept encrypted in the database."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from subgraphs.kit.database.columns import new_id
from subgraphs.kit.runtime import Runtime
from subgraphs.user.models import SigningKey
from subgraphs.user.repository import UserRepository
from subgraphs.user.tokens import Signer
from subgraphs.user.vault import Vault


class KeyRing:
    """All signing keys, the newest first: that one signs, and all are published."""

    def __init__(self, runtime: Runtime, vault: Vault) -> None:
        self._issuer = runtime.settings.token_issuer
        self._database = runtime.database
        self._vault = vault
        self._signers: list[Signer] = []

    @property
    def signer(self) -> Signer:
        return self._signers[0]

    async def load(self) -> list[Signer]:
        """Reads the keys; the first process of all makes one."""
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            keys = list(await repository.signing_keys())
            if not keys:
                keys = [await self._new_key(repository)]
        self._signers = [
            Signer(key.id, self._vault.open(key.private_key, _purpose(key.id)), self._issuer) for key in keys
        ]
        return self._signers

    async def _new_key(self, repository: UserRepository) -> SigningKey:
        key_id = new_id()
        private = Ed25519PrivateKey.generate().private_bytes_raw()
        key = SigningKey(
            id=key_id,
            private_key=self._vault.seal(private, _purpose(key_id)),
            created_at=await repository.now(),
        )
        repository.add(key)
        return key


def _purpose(key_id: str) -> str:
    return f"signing-key:{key_id}"
