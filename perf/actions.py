"""What the shoppers of locustfile.py do: one operation each."""

from typing import Any, NamedTuple


class Action(NamedTuple):
    """An operation with one root field, and the type of its usual outcome."""

    name: str
    operation: str
    usual: str = ""

    def succeeded(self, value: Any) -> bool:
        """Whether this is the usual outcome."""
        return not self.usual or (bool(value) and value["__typename"] == self.usual)


REGISTER = Action(
    "register",
    """mutation($input: RegisterInput!) { register(input: $input) { __typename
        ... on Session { accessToken refreshToken } } }""",
    "Session",
)
LOGIN = Action(
    "sign in",
    """mutation($email: String!, $password: String!) { login(email: $email, password: $password) { __typename
        ... on Session { accessToken refreshToken } } }""",
    "Session",
)
REFRESH = Action(
    "refresh the session", "mutation($token: String!) { refresh(refreshToken: $token) { accessToken refreshToken } }"
)
TOP_UP = Action(
    "buy points", "mutation($amount: Int!, $key: String!) { topUp(amount: $amount, idempotencyKey: $key) { balance } }"
)
GENRES = Action("list the genres", "{ genres { name } }")
BROWSE = Action(
    "browse",
    """query($genre: String, $sort: ProductSort!) { products(filter: {genre: $genre}, sort: $sort, first: 20) {
        totalCount edges { node { id title price { points } genres { name } state owned } } } }""",
)
SEARCH = Action(
    "search",
    """query($text: String!) { products(search: $text, first: 10) { edges { node {
        id title price { points } owned } } } }""",
)
LOOK = Action(
    "look at a game",
    """query($id: ID!) { product(id: $id) { id title description developedBy { name } price { points } genres { name }
        state stock { total remaining } flashSale { id points remaining endsAt } owned } }""",
)
SHELF = Action(
    "look at the own shelf",
    "{ me { name wallet { balance } wishlist { totalCount } library { edges { node { product { title } } } } } }",
)
WISH = Action(
    "wish",
    "mutation($id: ID!) { addToWishlist(productId: $id) { __typename ... on AlreadyOwned { message } } }",
    "WishlistItem",
)
ORDER = Action(
    "order",
    """mutation($id: ID!, $key: String!) { placeOrder(input: {productIds: [$id], idempotencyKey: $key}) { __typename
        ... on Order { id totalPoints } } }""",
    "Order",
)
START = Action(
    "start the payment",
    """mutation($id: ID!, $key: String!) { startPayment(orderId: $id, idempotencyKey: $key) { __typename
        ... on Payment { id } } }""",
    "Payment",
)
PAY = Action("pay", "mutation($id: ID!) { pay(paymentId: $id) { __typename } }", "Payment")
BUY = Action(
    "buy at once",
    "mutation($input: CheckoutInput!) { checkout(input: $input) { __typename ... on Payment { amount } } }",
    "Payment",
)
SALES = Action(
    "look at the flash sales", "{ flashSales(state: OPEN, first: 20) { edges { node { id product { id } } } } }"
)
CLAIM = Action("claim", "mutation($id: ID!) { claim(saleId: $id) { __typename ... on Claim { id state } } }", "Claim")
BUY_CLAIMED = BUY._replace(name="buy the claimed unit")
PLAY = Action("play", "mutation($id: ID!) { play(productId: $id) { __typename } }", "Play")
GAME = {"description": "For the load.", "usd": "9.99", "genres": ["Indie"], "platforms": ["LINUX"]}
PUBLISH = Action("publish", "mutation($input: PublishProductInput!) { publishProduct(input: $input) { id } }")
ANNOUNCE = Action("announce", "mutation($input: FlashSaleInput!) { createFlashSale(input: $input) { id } }")
