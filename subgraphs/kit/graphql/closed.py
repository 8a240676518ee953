"""What a subgraph tells about its schema: to developers everything, in production nothing."""

import re
from collections.abc import Iterator
from typing import Any

from graphql import FieldNode, GraphQLError
from graphql.validation import ValidationRule
from strawberry.extensions import SchemaExtension

from subgraphs.kit.errors import Forbidden
from subgraphs.kit.settings import settings

DESCRIPTIONS = frozenset({"__schema", "__type", "_service"})
SUGGESTION = re.compile(r" Did you mean .*", re.DOTALL)


class NoDescription(ValidationRule):
    """Refuses the fields that describe the schema: introspection, and the SDL for composition."""

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        if node.name.value in DESCRIPTIONS:
            cause = Forbidden("The schema is not shown here.")
            self.report_error(GraphQLError(cause.message, node, original_error=cause))


class ClosedInProduction(SchemaExtension):
    """Applies the rule in production."""

    def on_operation(self) -> Iterator[None]:
        if settings().production:
            self.execution_context.validation_rules = (*self.execution_context.validation_rules, NoDescription)
        yield


def without_suggestions(message: str) -> str:
    """A validator's message; in production without the names that it suggests."""
    return SUGGESTION.sub("", message) if settings().production else message
