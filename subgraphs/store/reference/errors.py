"""The error codes, from `subgraphs.kit.errors`."""

import inspect

from subgraphs.kit import errors
from subgraphs.kit.errors import StoreError
from subgraphs.store.reference.markdown import table

INTRODUCTION = """\
# Error codes

Every GraphQL error has one of these codes as `extensions.code`. They are stable; messages are not. What a
correct client has to expect is no error but a member of a result union: see [the API](api.md). The [client
guide](../guides/client.md#outcomes-and-errors) says what to do on each, and
[router/README.md](../../router/README.md) how the router's own errors are mapped.
"""


def page() -> str:
    found = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, StoreError)]
    rows = {one.code: inspect.getdoc(one) or "" for one in found if one is not StoreError}
    rows[StoreError.code] = "Anything else. The log has the cause under the answer's `x-request-id`."
    return INTRODUCTION + "\n" + table(("code", "meaning"), [(f"`{code}`", rows[code]) for code in sorted(rows)])
