"""Metrics (Prometheus) and structured logs, each line with the request's id."""

import logging
import sys
from contextvars import Context, ContextVar

import structlog
from prometheus_client import Counter, Gauge, Histogram
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import FilteringBoundLogger

from subgraphs.kit.errors import CODES
from subgraphs.kit.redaction import redact

REQUESTS = Counter("steampunk_requests_total", "GraphQL requests, by caller.", ["caller"])
REQUEST_SECONDS = Histogram("steampunk_request_seconds", "Seconds to answer a GraphQL request.", ["caller"])
ERRORS = Counter("steampunk_errors_total", "GraphQL errors answered, by extensions.code.", ["code"])
STATEMENTS = Counter("steampunk_sql_statements_total", "SQL statements executed.", ["work"])
TRANSACTION_RETRIES = Counter("steampunk_transaction_retries_total", "Transactions that ran again after a conflict.")
BATCHES = Counter("steampunk_batches_total", "Batches run.", ["batch"])
BATCH_MEMBERS = Counter("steampunk_batch_members_total", "Members of the batches run.", ["batch"])
EVENTS_RELAYED = Counter("steampunk_events_relayed_total", "Outbox events sent to Redis Streams.")
EVENTS_APPLIED = Counter("steampunk_events_applied_total", "Events applied for the first time.", ["topic"])
DEAD_LETTERS = Counter("steampunk_dead_letters_total", "Events given up after repeated failures.", ["topic"])
OUTBOX_PENDING = Gauge("steampunk_outbox_pending", "Outbox events that are not confirmed by all their consumers.")
OUTBOX_OLDEST = Gauge(
    "steampunk_outbox_oldest_seconds",
    "Age of the oldest event that is not confirmed by all its consumers; 0 without one.",
)
JOB_FAILURES = Counter("steampunk_job_failures_total", "Background runs that failed.", ["job"])

# Without the values of local variables: in a sign-in they are passwords and tokens.
TRACEBACKS = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))

_statements = {work: STATEMENTS.labels(work=work) for work in ("request", "background")}
for _code in CODES:
    ERRORS.labels(code=_code)

_work: ContextVar[str] = ContextVar("work", default="background")


def begin_request(request_id: str) -> None:
    """Marks what follows in this context as work for a request."""
    _work.set("request")
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)


def begin_background() -> None:
    """Marks what follows in this context as work that no client waits for."""
    _work.set("background")


def batch_context(name: str) -> Context:
    """A context for work on several requests at once: of the current kind of work, but with no request's id."""
    context = Context()
    context.run(_work.set, _work.get())
    context.run(structlog.contextvars.bind_contextvars, batch=name)
    return context


def count_statement() -> None:
    _statements[_work.get()].inc()


def configure_logging(service: str, level: str, log_format: str) -> None:
    """Sets up logging for the process, its libraries included: JSON lines, or text for a person at a terminal."""
    finish = _finishing(service, log_format)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *finish],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    libraries = logging.StreamHandler(sys.stderr)
    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    libraries.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[remove_meta, *finish]))
    logging.basicConfig(handlers=[libraries], level=logging.WARNING, force=True)


def _finishing(service: str, log_format: str) -> list[structlog.typing.Processor]:
    """The last steps of each line. Redaction comes after everything that adds text."""
    as_text = log_format == "text"
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info if as_text else TRACEBACKS,
        redact,
        _named(service),
        structlog.dev.ConsoleRenderer() if as_text else structlog.processors.JSONRenderer(),
    ]


def _named(service: str) -> structlog.typing.Processor:
    def add(logger: object, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event["service"] = service
        return event

    return add


def logger() -> FilteringBoundLogger:
    """The process's logger."""
    log: FilteringBoundLogger = structlog.get_logger()
    return log


def may_fail(job: str) -> None:
    """Makes the counter of a job's failures exist at 0, so that a first failure shows as a change."""
    JOB_FAILURES.labels(job=job)


def failed(job: str, error: Exception, **details: str) -> None:
    """Counts and logs a failure of background work that continues."""
    JOB_FAILURES.labels(job=job).inc()
    logger().warning("background work failed", job=job, error=repr(error), **details)


def request_id() -> str:
    """The id of the request that this context works for; empty where there is none."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
