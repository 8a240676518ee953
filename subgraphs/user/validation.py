"""Checks an account's data. Each function returns the value to store, or raises BadUserInput."""

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.text import seen

MAX_EMAIL = 254
MAX_PASSWORD = 128
PHONE_NUMBER = re.compile(r"\+?[0-9]{7,15}")
PUNCTUATION = re.compile(r"[\s().\-/]")


def normalized(email: str) -> str:
    """The form in which addresses are stored and compared: what looks the same is the same."""
    address = _folded(email[: MAX_EMAIL + 1].strip())
    try:
        return _folded(validate_email(address, check_deliverability=False, strict=True).normalized)
    except EmailNotValidError:
        return address


def earlier_form(email: str) -> str:
    """The form in which the release 0.1.0 compared addresses. It tells some apart that look the same."""
    return email.strip().casefold()


def email(value: str) -> str:
    address = normalized(seen("email", value.strip()))
    try:
        validate_email(address, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise BadUserInput("email", "This is not an e-mail address.") from error
    return address


def password(value: str, field: str = "password") -> str:
    if not 8 <= len(value) <= MAX_PASSWORD:
        raise BadUserInput(field, "A password has 8 to 128 characters.")
    return seen(field, value)


def password_length(value: str, field: str = "password") -> str:
    """Refuses a password that no account can have, so that it is not hashed."""
    if len(value) > MAX_PASSWORD:
        raise BadUserInput(field, "A password has at most 128 characters.")
    return value


def name(value: str) -> str:
    """The name, with each run of white space as one space."""
    name = " ".join(value.split())
    if not 1 <= len(name) <= 60:
        raise BadUserInput("name", "A name has 1 to 60 characters.")
    return seen("name", name)


def phone_number(value: str) -> str:
    """The digits with an optional leading +, without spaces, dashes, dots, slashes and brackets."""
    digits = PUNCTUATION.sub("", value)
    if not PHONE_NUMBER.fullmatch(digits):
        raise BadUserInput("phoneNumber", "A phone number has 7 to 15 digits, with an optional leading +.")
    return digits


def _folded(text: str) -> str:
    """Compatibility composition and case folding (NFKC_Casefold), until nothing changes any more."""
    while (folded := unicodedata.normalize("NFKC", text.casefold())) != text:
        text = folded
    return text
