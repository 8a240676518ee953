"""What a subgraph tells about its schema: to developers everything, in production nothing."""

import re
from typing import Any

from graphql import FieldNode, GraphQLError, specified_rules
from graphql.validation import ASTValidationRule, ValidationRule

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


def validation_rules() -> tuple[type[ASTValidationRule], ...]:
    """The rules for operations: in production with the one above."""
    return (*specified_rules, NoDescription) if settings().production else specified_rules


def without_suggestions(message: str) -> str:
    """A validator's message; in production without the names that it suggests."""
    return SUGGESTION.sub("", message) if settings().production else message
