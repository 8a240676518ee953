"""The result unions of registration and sign-in."""

from typing import Annotated, assert_never

import strawberry

from subgraphs.kit.graphql.problem import Problem
from subgraphs.user import domain
from subgraphs.user.types import Session


@strawberry.type(description="An account with this e-mail address exists.")
class EmailTaken(Problem):
    pass


@strawberry.type(description="The e-mail address or the password is wrong.")
class InvalidCredentials(Problem):
    pass


RegisterResult = Annotated[
    Session | EmailTaken,
    strawberry.union("RegisterResult", description="The new account's first session, or why there is none."),
]
LoginResult = Annotated[
    Session | InvalidCredentials,
    strawberry.union("LoginResult", description="The new session, or why there is none."),
]
ChangePasswordResult = Annotated[
    Session | InvalidCredentials,
    strawberry.union(
        "ChangePasswordResult", description="The session that replaces all others, or why the password stays."
    ),
]


def registration_to_graphql(outcome: domain.SignedIn | domain.EmailTaken) -> RegisterResult:
    match outcome:
        case domain.SignedIn():
            return Session.of(outcome)
        case domain.EmailTaken():
            return EmailTaken(message="An account with this e-mail address exists.")
    assert_never(outcome)


def login_to_graphql(outcome: domain.SignedIn | domain.InvalidCredentials) -> LoginResult:
    match outcome:
        case domain.SignedIn():
            return Session.of(outcome)
        case domain.InvalidCredentials():
            return InvalidCredentials(message="The e-mail address or the password is wrong.")
    assert_never(outcome)


def password_change_to_graphql(outcome: domain.SignedIn | domain.InvalidCredentials) -> ChangePasswordResult:
    return login_to_graphql(outcome)
