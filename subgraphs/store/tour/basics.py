"""What several parts of the tour need: somebody to act, something to sell, and the checkout."""

import uuid

from subgraphs.store.seed import SIGN_INS, SignIn
from subgraphs.store.tour.guide import Guide

PLAYER, DEVELOPER, _ = SIGN_INS
CHECKOUT = """
mutation($input: CheckoutInput!) { checkout(input: $input) {
    __typename
    ... on Payment { id state amount order { state } }
    ... on InsufficientPoints { required balance }
    ... on OutOfStock { items { available product { title } } }
    ... on PriceChanged { expected actual } } }
"""


def new_user(guide: Guide) -> str:
    """Registers somebody; the access token."""
    data = guide.show(
        "Register",
        """mutation($input: RegisterInput!) { register(input: $input) {
            ... on Session { accessToken user { name email } } ... on EmailTaken { message } } }""",
        {
            "input": {
                "email": f"{uuid.uuid4()}@example.com",
                "password": "a long password",
                "name": "Tourist",
            }
        },
        expect=lambda data: data["register"]["user"]["name"] == "Tourist",
    )
    return str(data["register"]["accessToken"])


def player(guide: Guide) -> str:
    return sign_in(guide, PLAYER)


def developer(guide: Guide) -> str:
    return sign_in(guide, DEVELOPER)


def sign_in(guide: Guide, account: SignIn) -> str:
    """The access token of a ready-made account."""
    data = guide.show(
        f"Sign in as {account.email}",
        """mutation($email: String!, $password: String!) { login(email: $email, password: $password) {
            ... on Session { accessToken user { roles } } ... on InvalidCredentials { message } } }""",
        {"email": account.email, "password": account.password},
        expect=lambda data: data["login"]["accessToken"],
    )
    return str(data["login"]["accessToken"])


def publish(guide: Guide, token: str, title: str) -> str:
    """Publishes a game for 9.99 dollars; its id."""
    data = guide.show(
        f"Publish {title!r}",
        """mutation($input: PublishProductInput!) { publishProduct(input: $input) {
            id title price { usd points } } }""",
        {
            "input": {
                "title": title,
                "description": "Published on the tour.",
                "usd": "9.99",
                "genres": ["Indie"],
                "platforms": ["LINUX"],
            }
        },
        token,
        expect=lambda data: data["publishProduct"]["price"]["points"] == 12987,
    )
    return str(data["publishProduct"]["id"])
