"""What all failing members of result unions have in common."""

import strawberry


@strawberry.interface(
    description="Why a mutation has not done what it was asked for: every member of a result union that is not the "
    "success. Ask for `... on Problem { message }`, and members that are added later have a message, too."
)
class Problem:
    message: str = strawberry.field(description="What happened, in English, for people to read.")
