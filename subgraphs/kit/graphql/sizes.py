"""What the schema says about the size of answers, by the directives of Apollo's demand control.

`cost.py` reads them, and so does a router that controls demand. `tests/unit/kit/test_cost.py` asks for one on every
list.
"""

from strawberry import UNSET
from strawberry.federation.schema_directives import Cost, ListSize

URL_COST = Cost(weight=4)
"""Of a field, or of each item of a list, that is a URL."""
TEXT_COST = Cost(weight=50)
"""Of a field that is a long text."""
COUNTS_COST = Cost(weight=10_000)
"""Of a field that counts in all of a list, which may be the whole catalogue."""


PAGE_SIZE = ListSize(
    assumed_size=UNSET,
    slicing_arguments=["first"],
    sized_fields=["edges"],
    require_one_slicing_argument=False,
)
"""Of a field that gives a page: `first` tells how many edges it has."""


def list_size(items: int) -> ListSize:
    """How many items to expect of a list that is not paged: its limit, or a number that is seldom exceeded."""
    return ListSize(
        assumed_size=items,
        slicing_arguments=UNSET,
        sized_fields=UNSET,
        require_one_slicing_argument=UNSET,
    )
