"""Internal commands as GraphQL fields that only peers may use."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, NewType

import msgspec
import strawberry
from strawberry.federation.schema_directives import Inaccessible
from strawberry.types import Info

from subgraphs.contracts.command import Command, OutcomeT, RequestT
from subgraphs.contracts.confirm import applied_command, oldest_command, unconfirmed_command
from subgraphs.kit import telemetry
from subgraphs.kit.web.context import Context

CommandMessage = NewType("CommandMessage", object)
COMMAND_MESSAGE = strawberry.scalar(
    name="CommandMessage",
    description="A message of an internal command, as its contract defines it.",
    directives=(Inaccessible(),),
    serialize=lambda value: value,
    parse_value=lambda value: value,
)

Requests = Annotated[list[CommandMessage], strawberry.argument(description="The requests of peers, at most a batch.")]


def command_field(
    command: Command[RequestT, OutcomeT],
    method: Callable[[Any], Callable[[list[RequestT]], Awaitable[list[OutcomeT]]]],
) -> Any:
    """The GraphQL field of an internal command; `method` picks the service's method that carries it out."""
    return _command_field(command, lambda context: method(context.service))


def applied_events_field(consumer: str) -> Any:
    """The command by which producers learn which events `consumer` has applied."""
    return _command_field(applied_command(consumer), lambda context: _messaging(context).inbox.applied)


def oldest_event_field(producer: str) -> Any:
    """The command by which consumers learn which events `producer` may still send again."""
    return _command_field(oldest_command(producer), lambda context: _messaging(context).outbox.oldest)


def unconfirmed_events_field(producer: str) -> Any:
    """The command by which consumers learn what users have done that has not reached them yet."""
    return _command_field(unconfirmed_command(producer), lambda context: context.request.app.state.outbox.unconfirmed)


def _messaging(context: Context[Any]) -> Any:
    telemetry.begin_background()  # no client waits for it: its statements are no request's cost
    return context.request.app.state


def _command_field(command: Command[RequestT, OutcomeT], method: Callable[[Context[Any]], Any]) -> Any:
    async def resolve(info: Info[Context[Any], None], requests: Requests) -> list[CommandMessage]:
        info.context.require_peer()
        decoded = msgspec.convert(requests, list[command.request])  # type: ignore[name-defined]
        outcomes = await method(info.context)(decoded)
        return [CommandMessage(outcome) for outcome in msgspec.to_builtins(outcomes)]

    return strawberry.federation.field(
        resolver=resolve, name=command.field, description=command.description, inaccessible=True
    )
