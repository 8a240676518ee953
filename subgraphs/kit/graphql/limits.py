"""How large an operation may be. A larger one is refused as QUERY_TOO_COMPLEX before it is executed.

docs/security.md lists the limits, and `tests/unit/kit/test_limits.py` compares.
"""

from graphql import DocumentNode, GraphQLError, GraphQLSyntaxError, Source, TokenKind
from graphql.language.lexer import Lexer

from subgraphs.kit.errors import QueryTooComplex
from subgraphs.kit.graphql.shape import shape_of

MAX_TOKENS = 5000
MAX_DEPTH = 16
MAX_ROOT_FIELDS = 30
MAX_FIELDS = 2000
MAX_ALIASES = 60
MAX_DIRECTIVES = 60
TOO_DEEP = "nested too deeply"
"""What graphql-core's parser says about a document that Python could not read."""
BUDGET = 40_000
"""What one operation of a client may cost in one process, all its fetches together."""


def check_shape(document: DocumentNode) -> None:
    """Raises QueryTooComplex. Before validation, which takes long for what is too large."""
    try:
        shape = shape_of(document)
    except RecursionError as error:
        raise QueryTooComplex("The operation's fragments are nested too deeply.") from error
    limits = {
        "levels": (shape.depth, MAX_DEPTH),
        "fields on its top level": (shape.root_fields, MAX_ROOT_FIELDS),
        "fields": (shape.fields, MAX_FIELDS),
        "aliases": (shape.aliases, MAX_ALIASES),
        "directives": (shape.directives, MAX_DIRECTIVES),
    }
    for name, (count, limit) in limits.items():
        if count > limit:
            raise QueryTooComplex(f"The operation has more than {limit} {name}.")


def exceeds_the_parser(error: GraphQLError) -> bool:
    """Whether the parser refused a document because it has too many tokens or levels."""
    if not isinstance(error, GraphQLSyntaxError) or error.source is None:
        return False
    return TOO_DEEP in error.message or _has_too_many_tokens(error.source)


def _has_too_many_tokens(source: Source) -> bool:
    lexer = Lexer(source)
    try:
        for _ in range(MAX_TOKENS + 1):
            if lexer.advance().kind is TokenKind.EOF:
                return False
    except GraphQLSyntaxError:
        return False
    return True
