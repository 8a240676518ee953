"""Operations that several parts of the tour need: accounts, a product to sell, the checkout."""

import uuid

from subgraphs.store.seed import DEMO_ACCOUNTS, DemoAccount
from subgraphs.store.tour.client import TourClient

PLAYER, DEVELOPER, _ = DEMO_ACCOUNTS
CHECKOUT = """
mutation($input: CheckoutInput!) { checkout(input: $input) {
    __typename
    ... on Payment { id state amount order { state } }
    ... on InsufficientPoints { required balance }
    ... on OutOfStock { items { available product { title } } }
    ... on PriceChanged { expected actual } } }
"""


def new_user(tour: TourClient) -> str:
    """Registers a user; the access token."""
    data = tour.run(
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


def player(tour: TourClient) -> str:
    return sign_in(tour, PLAYER)


def developer(tour: TourClient) -> str:
    return sign_in(tour, DEVELOPER)


def sign_in(tour: TourClient, account: DemoAccount) -> str:
    """Signs in with a demo account; the access token."""
    data = tour.run(
        f"Sign in as {account.email}",
        """mutation($email: String!, $password: String!) { login(email: $email, password: $password) {
            ... on Session { accessToken user { roles } } ... on InvalidCredentials { message } } }""",
        {"email": account.email, "password": account.password},
        expect=lambda data: data["login"]["accessToken"],
    )
    return str(data["login"]["accessToken"])


def publish(tour: TourClient, token: str, title: str) -> str:
    """Publishes a game for 9.99 US dollars; its id."""
    data = tour.run(
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
