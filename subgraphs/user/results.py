"""The result unions of registration and sign-in."""

from typing import Annotated, assert_never

import strawberry

from subgraphs.kit.graphql.problem import Problem
from subgraphs.user import domain
from subgraphs.user.types import Session, User


@strawberry.type(description="An account with this e-mail address exists.")
class EmailTaken(Problem):
    pass


@strawberry.type(description="The e-mail address or the password is wrong.")
class InvalidCredentials(Problem):
    pass


@strawberry.type(description="The mailed token was used, has expired, or was replaced by a newer one.")
class InvalidToken(Problem):
    pass


@strawberry.type(description="The account is erased: nothing is left of the person.")
class AccountErased:
    id: strawberry.ID = strawberry.field(description="The id that the account had.")


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
ResetPasswordResult = Annotated[
    Session | InvalidToken,
    strawberry.union(
        "ResetPasswordResult", description="The session that replaces all others, or why the password stays."
    ),
]
VerifyEmailResult = Annotated[
    User | InvalidToken,
    strawberry.union("VerifyEmailResult", description="The user with the verified address, or why it is not."),
]
EraseAccountResult = Annotated[
    AccountErased | InvalidCredentials,
    strawberry.union("EraseAccountResult", description="What is left of the account, or why it stays."),
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


def reset_to_graphql(outcome: domain.SignedIn | domain.InvalidToken) -> ResetPasswordResult:
    return Session.of(outcome) if isinstance(outcome, domain.SignedIn) else _invalid_token()


def verification_to_graphql(outcome: domain.Account | domain.InvalidToken) -> VerifyEmailResult:
    return User.of(outcome, own=True) if isinstance(outcome, domain.Account) else _invalid_token()


def erasure_to_graphql(outcome: domain.AccountErased | domain.InvalidCredentials) -> EraseAccountResult:
    if isinstance(outcome, domain.AccountErased):
        return AccountErased(id=strawberry.ID(outcome.id))
    return InvalidCredentials(message="The password is wrong.")


def _invalid_token() -> InvalidToken:
    return InvalidToken(message="This token is not valid, or not any more. Ask for a new mail.")
