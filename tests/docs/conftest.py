"""One store for all pages."""

from collections.abc import Iterator

import pytest

from tests.docs.store import ReaderStore, reader_store


@pytest.fixture(scope="session")
def reader(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReaderStore]:
    if engine != "embedded":
        pytest.skip("the pages' commands start the embedded engines")
    with reader_store(tmp_path_factory.mktemp("reader")) as store:
        yield store
