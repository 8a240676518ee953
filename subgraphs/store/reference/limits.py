"""The limits of what clients may send, from the constants that enforce them."""

from subgraphs.contracts.order import MAX_PRODUCTS
from subgraphs.kit.graphql.limits import (
    BUDGET,
    MAX_ALIASES,
    MAX_DEPTH,
    MAX_DIRECTIVES,
    MAX_FIELDS,
    MAX_ROOT_FIELDS,
    MAX_TOKENS,
)
from subgraphs.kit.graphql.paging import DEFAULT_PAGE, MAX_PAGE
from subgraphs.kit.idempotency import MAX_KEY
from subgraphs.live.sales import MAX_SALES
from subgraphs.order.wishlist.domain import MAX_WISHES
from subgraphs.payment.wallets.domain import MAX_BALANCE, MAX_TOP_UP
from subgraphs.product.domain import MAX_TITLES
from subgraphs.product.lists.domain import MAX_NAMES
from subgraphs.product.pricing import MAX_DISCOUNT_PERCENT
from subgraphs.product.search.text import MAX_SEARCH
from subgraphs.product.validation import MAX_GENRES, MAX_USD
from subgraphs.stock.limited.domain import MAX_UNITS
from subgraphs.store.reference.markdown import table

INTRODUCTION = """\
# Limits

What goes beyond these is refused and changes nothing. Limits that can be set, such as rates and lifetimes, are
among the [settings](settings.md). [Security](../security.md#the-cost-of-an-operation) explains the cost of an
operation.
"""
LIMITS = (
    ("levels of an operation", MAX_DEPTH, "QUERY_TOO_COMPLEX"),
    ("aliases of an operation", MAX_ALIASES, "QUERY_TOO_COMPLEX"),
    ("tokens of an operation", MAX_TOKENS, "QUERY_TOO_COMPLEX"),
    ("fields at the top of an operation", MAX_ROOT_FIELDS, "QUERY_TOO_COMPLEX"),
    ("fields of an operation", MAX_FIELDS, "QUERY_TOO_COMPLEX"),
    ("directives of an operation", MAX_DIRECTIVES, "QUERY_TOO_COMPLEX"),
    ("the cost of an operation", BUDGET, "QUERY_TOO_COMPLEX"),
    (f"items of a page (without `first`: {DEFAULT_PAGE})", MAX_PAGE, "BAD_USER_INPUT"),
    ("characters of an idempotency key", MAX_KEY, "BAD_USER_INPUT"),
    ("characters of a search", MAX_SEARCH, "BAD_USER_INPUT"),
    ("genres, tags, categories or languages in a filter", MAX_NAMES, "BAD_USER_INPUT"),
    ("titles of `searchSuggestions`", MAX_TITLES, "BAD_USER_INPUT"),
    ("products of an order or a checkout", MAX_PRODUCTS, "LIMIT_EXCEEDED"),
    ("products of a wishlist", MAX_WISHES, "LIMIT_EXCEEDED"),
    ("points of a top-up", MAX_TOP_UP, "BAD_USER_INPUT"),
    ("points of a wallet", MAX_BALANCE, "LIMIT_EXCEEDED"),
    ("genres of a published product", MAX_GENRES, "BAD_USER_INPUT"),
    ("US dollars of a price", MAX_USD, "BAD_USER_INPUT"),
    ("percent of a discount", MAX_DISCOUNT_PERCENT, "BAD_USER_INPUT"),
    ("flash sales that are followed live at once", MAX_SALES, "503"),
    ("units of a limited product or a flash sale", MAX_UNITS, "BAD_USER_INPUT"),
)


def page() -> str:
    rows = [(what, f"{most:,}", f"`{code}`") for what, most, code in LIMITS]
    return INTRODUCTION + "\n" + table(("what", "at most", "beyond it"), rows)
