"""The result unions: what a client sees of an outcome."""

from typing import Annotated

import strawberry

from subgraphs.user import service as domain
from subgraphs.user.types import Session


@strawberry.type(description="An account with this e-mail address exists.")
class EmailTaken:
    message: str = "An account with this e-mail address exists."


@strawberry.type(description="The e-mail address or the password is wrong.")
class InvalidCredentials:
    message: str = "The e-mail address or the password is wrong."


RegisterResult = Annotated[Session | EmailTaken, strawberry.union("RegisterResult")]
LoginResult = Annotated[Session | InvalidCredentials, strawberry.union("LoginResult")]
ChangePasswordResult = Annotated[Session | InvalidCredentials, strawberry.union("ChangePasswordResult")]


def shown_registration(outcome: domain.SignedIn | domain.EmailTaken) -> Session | EmailTaken:
    return EmailTaken() if isinstance(outcome, domain.EmailTaken) else Session.of(outcome)


def shown(outcome: domain.SignedIn | domain.InvalidCredentials) -> Session | InvalidCredentials:
    return InvalidCredentials() if isinstance(outcome, domain.InvalidCredentials) else Session.of(outcome)
