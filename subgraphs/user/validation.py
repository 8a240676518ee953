"""What an account's data must look like. All raise BadUserInput."""

import re

from subgraphs.kit.errors import BadUserInput

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")
PHONE_NUMBER = re.compile(r"\+?[0-9]{7,15}")


def normalized(email: str) -> str:
    """The form in which addresses are compared."""
    return email.strip().casefold()


def email(value: str) -> str:
    address = normalized(value)
    if len(address) > 254 or not EMAIL.fullmatch(address):
        raise BadUserInput("email", "This is not an e-mail address.")
    return address


def password(value: str) -> str:
    if not 8 <= len(value) <= 128:
        raise BadUserInput("password", "A password has 8 to 128 characters.")
    return value


def name(value: str) -> str:
    shown = " ".join(value.split())
    if not 1 <= len(shown) <= 60:
        raise BadUserInput("name", "A name has 1 to 60 characters.")
    return shown


def phone_number(value: str) -> str:
    """Digits with an optional leading +; spaces, dashes, dots and brackets are taken out."""
    digits = re.sub(r"[\s().\-/]", "", value)
    if not PHONE_NUMBER.fullmatch(digits):
        raise BadUserInput("phoneNumber", "A phone number has 7 to 15 digits, with an optional + before.")
    return digits
