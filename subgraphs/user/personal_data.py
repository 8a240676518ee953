"""Encrypts the personal data of accounts, and decrypts it."""

from dataclasses import replace

from subgraphs.kit.web.auth import Role
from subgraphs.user import validation
from subgraphs.user.domain import Account, SealedAccount
from subgraphs.user.tokens import new_secret
from subgraphs.user.vault import Vault


class PersonalData:
    """Seals and opens accounts. Each value is bound to its account and column."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def seal(self, account: Account, password_hash: str) -> SealedAccount:
        phone_number = account.phone_number
        return SealedAccount(
            id=account.id,
            email=self._vault.seal(account.email.encode(), _email_of(account.id)),
            email_index=self._vault.index(account.email),
            name=account.name,
            phone_number=None if phone_number is None else self.seal_phone_number(account.id, phone_number),
            password_hash=password_hash,
            roles=account.roles,
            created_at=account.created_at,
            sealed_by=self._vault.key_name,
            email_verified_at=account.email_verified_at,
        )

    def erased(self, sealed: SealedAccount) -> SealedAccount:
        """The account with all personal data replaced. Nobody can find it by an address, or sign in to it."""
        nobody = Account(
            id=sealed.id,
            email=f"{new_secret()}@erased.invalid",
            name="Erased",
            phone_number=None,
            roles=frozenset({Role.USER}),
            created_at=sealed.created_at,
        )
        return self.seal(nobody, password_hash="")

    def reseal(self, sealed: SealedAccount) -> SealedAccount:
        """The same account, sealed by the first data key and found by the newest form of its address."""
        account = self.open(sealed)
        new = self.seal(account, sealed.password_hash)
        return replace(new, email_index=self.email_index(account.email))

    def with_earlier_index(self, resealed: SealedAccount) -> SealedAccount:
        """The account, still indexed by its old spelling: another account has the same normalised address."""
        earlier = validation.earlier_form(self.open(resealed).email)
        return replace(resealed, email_index=self._vault.index(earlier))

    def open(self, sealed: SealedAccount) -> Account:
        """Raises InvalidTag for a value that was tampered with, or moved here from another account."""
        phone_number = sealed.phone_number
        return Account(
            id=sealed.id,
            email=self._vault.open(sealed.email, _email_of(sealed.id)).decode(),
            name=sealed.name,
            phone_number=None if phone_number is None else self._open_phone_number(sealed.id, phone_number),
            roles=sealed.roles,
            created_at=sealed.created_at,
            email_verified_at=sealed.email_verified_at,
        )

    def seal_phone_number(self, user_id: str, phone_number: str) -> bytes:
        return self._vault.seal(phone_number.encode(), _phone_number_of(user_id))

    def _open_phone_number(self, user_id: str, sealed: bytes) -> str:
        return self._vault.open(sealed, _phone_number_of(user_id)).decode()

    def email_index(self, email: str) -> bytes:
        """What finds an account by its address, however the address is written."""
        return self._vault.index(validation.normalized(email))

    def email_indexes(self, email: str) -> list[bytes]:
        """All that may find the account with an address. The spelling itself comes first: see `with_earlier_index`."""
        forms = (validation.earlier_form(email), validation.normalized(email))
        return list(dict.fromkeys(index for form in forms for index in self._vault.indexes(form)))

    def account_key(self, email: str) -> str:
        """A name for the account with an address, existing or not, for places that must not hold the address."""
        return self.email_index(email).hex()


def _email_of(user_id: str) -> str:
    return f"email:{user_id}"


def _phone_number_of(user_id: str) -> str:
    return f"phone:{user_id}"
