"""An answer in the form in which answers are compared, and what two of them have to agree on."""

import re
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]
CLOCK = frozenset({"serverTime", "opensIn", "endsIn", "pollAfter"})
"""Fields that tell the time: each executor is asked at another one."""
SECRET = frozenset({"accessToken", "refreshToken", "cursor", "startCursor", "endCursor", "email", "pageUrl", "version"})
"""Fields that are different for each of several people in the same situation."""
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)")


@dataclass(frozen=True)
class Answer:
    """The data, and the codes of the errors: by the path of the null that an error has left in the data."""

    data: Any
    errors: dict[Path, frozenset[str]]

    @property
    def codes(self) -> frozenset[str]:
        return frozenset().union(*self.errors.values())

    @property
    def strays(self) -> frozenset[Path]:
        """The paths of errors that have left no null: the data there is complete."""
        return frozenset(place for place in self.errors if place and _at(self.data, place) is not None)

    @property
    def is_refused(self) -> bool:
        """Whether the operation was refused as a whole, before anything was executed."""
        return self.data is None and set(self.errors) == {()}


def answer_of(data: Any, errors: list[dict[str, Any]]) -> Answer:
    """Of an answer as clients get it. An error is placed where its path meets a null, which may be above its field."""
    placed: dict[Path, frozenset[str]] = {}
    for error in errors:
        code = (error.get("extensions") or {}).get("code", "none")
        place = _null(data, tuple(error.get("path") or ()))
        placed[place] = placed.get(place, frozenset()) | {code}
    return Answer(data, placed)


def _null(data: Any, path: Path) -> Path:
    """The path as far as there is data."""
    value = data
    for length, step in enumerate(path):
        if value is None:
            return path[:length]
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return path[:length]
    return path


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def difference(expected: Answer, found: Answer) -> str:
    """Where two answers first differ; empty if they agree.

    Below one null an executor may report any of the errors, because it may stop at the first one: there, one code in
    common is enough. An error that has left no null is of a member of a union that the answer is not: gateways fetch for
    all members. Everywhere else data, nulls and codes are the same.
    """
    for place in sorted({*expected.errors, *found.errors} - found.strays, key=repr):
        codes = expected.errors.get(place, frozenset()), found.errors.get(place, frozenset())
        if not codes[0] & codes[1]:
            return f"at {_dotted(place)}: errors {sorted(codes[0])} and {sorted(codes[1])}"
    return _different(without_clock(expected.data), without_clock(found.data), ())


def _different(one: Any, other: Any, path: Path) -> str:
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return f"at {_dotted(path)}: only one has {', '.join(sorted(one.keys() ^ other.keys()))}"
        return next(filter(None, (_different(one[key], other[key], (*path, key)) for key in one)), "")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return next(filter(None, (_different(mine, its, (*path, n)) for n, (mine, its) in pairs)), "")
    # In JSON, 1 and 1.0 are the same number, but 1 is not true.
    is_same = one == other and isinstance(one, bool) == isinstance(other, bool)
    return "" if is_same else f"at {_dotted(path)}: {one!r} and {other!r}"


def _dotted(path: Path) -> str:
    return ".".join(map(str, path)) or "the whole"


def field_of(key: str) -> str:
    """The field behind a response key: the generator's aliases are the field's name, an underscore and a number."""
    return key.partition("_")[0]


def without_clock(value: Any) -> Any:
    """The data with what only tells the time left out."""
    if isinstance(value, list):
        return [without_clock(one) for one in value]
    if isinstance(value, dict):
        return {key: _clock(inner) if field_of(key) in CLOCK else without_clock(inner) for key, inner in value.items()}
    return value


def _clock(value: Any) -> str | None:
    return None if value is None else "clock"


def in_common(value: Any) -> Any:
    """The data of an answer about something new, so that it is the same for everybody in the same situation.

    Ids are numbered as they appear; of instants and secrets only the kind is kept.
    """
    return _Common().of(value)


class _Common:
    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, value: Any, key: str = "") -> Any:
        if isinstance(value, list):
            return [self.of(one, key) for one in value]
        if isinstance(value, dict):
            return {inner: self.of(value[inner], inner) for inner in sorted(value)}
        if not isinstance(value, str):
            return value
        if field_of(key) == "id":
            return f"id {self._numbers.setdefault(value, len(self._numbers))}"
        return field_of(key) if field_of(key) in SECRET else INSTANT.sub("instant", value)
