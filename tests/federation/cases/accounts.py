"""The outcomes of what people do with their accounts."""

from tests.federation.cases.case import PASSWORD, Cases, Given, case, credentials, new_address

MAIL_RESET = "mutation($email: String!) { requestPasswordReset(email: $email) }"


@case("register", "Session")
async def _(_: Cases) -> Given:
    return None, {"input": credentials(new_address())}


@case("register", "EmailTaken")
async def _(cases: Cases) -> Given:
    return None, {"input": credentials((await cases.person()).email)}


@case("register", "BAD_USER_INPUT")
async def _(_: Cases) -> Given:
    return None, {"input": credentials("no address")}


@case("login", "Session")
async def _(cases: Cases) -> Given:
    return None, {"email": (await cases.person()).email, "password": PASSWORD}


@case("login", "InvalidCredentials")
async def _(_: Cases) -> Given:
    return None, {"email": new_address(), "password": PASSWORD}


@case("refresh", "Session")
async def _(cases: Cases) -> Given:
    return None, {"refreshToken": (await cases.person()).refresh_token}


@case("refresh", "UNAUTHENTICATED")
async def _(_: Cases) -> Given:
    return None, {"refreshToken": "unknown"}


@case("logout", "Boolean")
async def _(cases: Cases) -> Given:
    return (await cases.person()).account, {}


@case("changePassword", "Session")
async def _(cases: Cases) -> Given:
    return (await cases.person()).account, {"current": PASSWORD, "new": "another password"}


@case("changePassword", "InvalidCredentials")
async def _(cases: Cases) -> Given:
    return (await cases.person()).account, {"current": "not the password", "new": "another password"}


@case("requestPasswordReset", "Boolean")
async def _(cases: Cases) -> Given:
    return None, {"email": (await cases.person()).email}


@case("resetPassword", "Session")
async def _(cases: Cases) -> Given:
    person = await cases.person()
    await cases.shop.client.data(MAIL_RESET, {"email": person.email})
    return None, {"token": await cases.mails.token(person.email, "A new password"), "new": "another password"}


@case("resetPassword", "InvalidToken")
async def _(_: Cases) -> Given:
    return None, {"token": "unknown", "new": "another password"}


@case("requestEmailVerification", "Boolean")
async def _(cases: Cases) -> Given:
    return (await cases.person()).account, {}


@case("verifyEmail", "User")
async def _(cases: Cases) -> Given:
    person = await cases.person()
    return person.account, {"token": await cases.mails.token(person.email, "Your e-mail address")}


@case("verifyEmail", "InvalidToken")
async def _(_: Cases) -> Given:
    return None, {"token": "unknown"}


@case("eraseAccount", "AccountErased")
async def _(cases: Cases) -> Given:
    return (await cases.person()).account, {"password": PASSWORD}


@case("eraseAccount", "InvalidCredentials")
async def _(cases: Cases) -> Given:
    return (await cases.person()).account, {"password": "not the password"}


@case("changePhoneNumber", "User")
async def _(cases: Cases) -> Given:
    return (await cases.person()).account, {"phoneNumber": "+49 30 1234567"}


@case("grantRole", "User")
async def _(cases: Cases) -> Given:
    return await cases.shop.viewers.admin(), {"userId": (await cases.person()).account.id, "role": "DEVELOPER"}


@case("grantRole", "FORBIDDEN")
async def _(cases: Cases) -> Given:
    person = await cases.person()
    return person.account, {"userId": person.account.id, "role": "ADMIN"}


@case("revokeRole", "User")
async def _(cases: Cases) -> Given:
    return await cases.shop.viewers.admin(), {"userId": (await cases.person()).account.id, "role": "DEVELOPER"}
