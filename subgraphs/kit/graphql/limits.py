"""How deep and how large an operation may be. A larger one is refused as QUERY_TOO_COMPLEX."""

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError, Source, TokenKind
from graphql.language.lexer import Lexer
from graphql.validation import ValidationContext, ValidationRule
from strawberry.extensions import SchemaExtension
from strawberry.extensions.max_aliases import create_validator as limit_aliases
from strawberry.extensions.query_depth_limiter import create_validator as limit_depth

from subgraphs.kit.errors import QueryTooComplex

MAX_DEPTH = 15
MAX_ALIASES = 60
MAX_TOKENS = 5000


class _TooComplexReports:
    """A validation context that reports each error as QueryTooComplex."""

    def __init__(self, context: ValidationContext) -> None:
        self._context = context

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def report_error(self, error: GraphQLError) -> None:
        cause = QueryTooComplex(error.message)
        self._context.report_error(GraphQLError(error.message, error.nodes, original_error=cause))


def _limit(rule: Any) -> type[ValidationRule]:
    """A library's rule, whose errors are a typed QueryTooComplex."""

    class Limit(rule):  # type: ignore[misc]
        def __init__(self, context: ValidationContext) -> None:
            super().__init__(_TooComplexReports(context))

    return Limit


# Built once: the validation cache keys on these objects, and rules built for each request would never hit it.
RULES = (_limit(limit_depth(MAX_DEPTH, None, None)), _limit(limit_aliases(MAX_ALIASES)))


class Limits(SchemaExtension):
    """Applies the limits to each operation."""

    def on_operation(self) -> Iterator[None]:
        context = self.execution_context
        context.parse_options["max_tokens"] = MAX_TOKENS
        context.validation_rules = (*context.validation_rules, *RULES)
        yield


def exceeds_tokens(error: GraphQLError) -> bool:
    """Whether the parser refused a document because it has too many tokens."""
    return isinstance(error, GraphQLSyntaxError) and error.source is not None and _has_too_many_tokens(error.source)


def _has_too_many_tokens(source: Source) -> bool:
    lexer = Lexer(source)
    try:
        for _ in range(MAX_TOKENS + 1):
            if lexer.advance().kind is TokenKind.EOF:
                return False
    except GraphQLSyntaxError:
        return False
    return True
