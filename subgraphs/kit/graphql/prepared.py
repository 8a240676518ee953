"""Operations that are ready to be executed.

An operation is parsed, measured and validated once, and then found by its text. Clients send few operations, and short
ones: only these are worth keeping.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLError, OperationDefinitionNode, execute, parse
from prometheus_client import Counter
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import validate_document

from subgraphs.kit.graphql.closed import validation_rules
from subgraphs.kit.graphql.cost import Costs
from subgraphs.kit.graphql.counted import Counted, begin_counting, counted
from subgraphs.kit.graphql.limits import MAX_TOKENS, check_shape
from subgraphs.kit.graphql.schema import Schema

PREPARED = Counter(
    "steampunk_operations_prepared_total", "Operations parsed and validated, since they were not in the cache."
)

CACHED_OPERATIONS = 200
CACHED_LENGTH = 2000
"""Longer documents (in characters) are not cached: parsed, each character takes up to 300 bytes."""


class NoOperation(Exception):
    """The document has no operation, or none of the name that was given."""


@dataclass(frozen=True)
class Prepared:
    """A valid operation of a document."""

    document: DocumentNode
    name: str | None
    """None if the operation is anonymous: then it is the document's only one."""
    costs: Costs
    counted: Counted


class Operations:
    """Prepares and executes the operations of a schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._cached = lru_cache(CACHED_OPERATIONS)(self._prepare)
        roots = schema.core.query_type, schema.core.mutation_type
        begin_counting([field for root in roots if root for field in root.fields])

    async def run(self, text: str, name: str | None, variables: dict[str, Any] | None, context: Any) -> ExecutionResult:
        """Runs one operation of a document: the one named, or the first. The context's allowance pays for it.

        Raises NoOperation. `context.counted` is then what a valid operation is counted as.
        """
        try:
            prepared = self._cached(text, name) if len(text) <= CACHED_LENGTH else self._prepare(text, name)
            if isinstance(prepared, list):
                return ExecutionResult(None, prepared)
            context.counted = prepared.counted
            given = variables or {}
            context.allowance.pay(prepared.costs.of(given), given)
            result = execute(
                self._schema.core,
                prepared.document,
                context_value=context,
                variable_values=variables,
                operation_name=prepared.name,
                executor_class=self._schema.execution_context_class,
                is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # a TypeGuard in all but name
            )
            return result if isinstance(result, ExecutionResult) else await result
        except NoOperation:
            raise
        except GraphQLError as error:
            return ExecutionResult(None, [error])
        except Exception as error:
            return ExecutionResult(None, [GraphQLError(str(error), original_error=error)])

    def _prepare(self, text: str, name: str | None) -> Prepared | list[GraphQLError]:
        """The operation, or what is wrong with it. Raises GraphQLSyntaxError, QueryTooComplex, NoOperation."""
        if not text:
            raise NoOperation("No GraphQL query found in the request")
        PREPARED.inc()
        document = parse(text, max_tokens=MAX_TOKENS)
        check_shape(document)
        operation = _find(document, name)
        errors = validate_document(self._schema.core, document, validation_rules())
        if errors:
            return errors
        own_name = operation.name.value if operation.name else None
        costs = Costs(self._schema.core, document, operation)
        return Prepared(document, own_name, costs, counted(document, operation))


def _find(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode) and (name is None or (one.name and one.name.value == name)):
            return one
    raise NoOperation("Can't get GraphQL operation type" if name is None else f'Unknown operation named "{name}".')
