"""SQL in traces: a span for each statement, without its parameters."""

from typing import Any

from sqlalchemy import Engine, event

from subgraphs.kit import tracing

SPAN = "steampunk_span"


def trace_statements(engine: Engine) -> None:
    """Gives the statements of traced requests a span."""
    event.listen(engine, "before_cursor_execute", _begin)
    event.listen(engine, "after_cursor_execute", _end)
    event.listen(engine, "handle_error", lambda error: _end_of(error.execution_context))


def _begin(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    if context is None or statement.startswith("BEGIN"):
        return
    span = tracing.begin(f"sql {statement.split(maxsplit=1)[0]}")
    if span is not None:
        span.attributes["db.query.text"] = statement
        setattr(context, SPAN, span)


def _end(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    _end_of(context)


def _end_of(context: Any) -> None:
    span = getattr(context, SPAN, None)
    if span is not None:
        span.end()
