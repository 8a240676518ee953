"""Sign-ins as events of sessions: refresh tokens that are used once, and access tokens that end with the session."""

from typing import Any

from tests.histories.checker import Answer, Input
from tests.histories.events import Bounds, Events
from tests.histories.known import Known
from tests.histories.recorder import Attempt


def register(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    if attempt.answer:
        token = attempt.answer["refreshToken"]
        events.tell(attempt, "session", token, Input("login"), Answer("ok", id=token))


def refresh(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    session = known.sessions[asked["refreshToken"]]
    if attempt.may_have_happened or attempt.kind == "UNAUTHENTICATED":
        answer = Answer("ok", id=attempt.answer["refreshToken"]) if attempt.answer else Answer("refused")
        events.tell(attempt, "session", session, Input("refresh", id=asked["refreshToken"]), answer)
    if attempt.kind == "UNAUTHENTICATED":
        events.later(attempt, "session", session, Input("cut"), bounds.follows)


def logout(events: Events, known: Known, bounds: Bounds, attempt: Attempt, asked: dict[str, Any]) -> None:
    if attempt.client and attempt.answer and attempt.client.token in known.sessions:
        session = known.sessions[attempt.client.token]
        events.tell(attempt, "session", session, Input("logout"), Answer("ok"))
        events.later(attempt, "session", session, Input("cut"), bounds.follows)


def read(events: Events, known: Known, attempt: Attempt) -> None:
    """Any read with an access token."""
    if attempt.client and attempt.client.token in known.sessions and attempt.is_known:
        answer = Answer("refused" if attempt.kind == "UNAUTHENTICATED" else "ok")
        events.tell(attempt, "session", known.sessions[attempt.client.token], Input("read"), answer)


TOLD = {"register": register, "refresh": refresh, "logout": logout}
