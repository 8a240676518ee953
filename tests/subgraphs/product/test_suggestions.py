"""Texts that nothing has: what is searched instead. And titles for what someone is typing."""

from typing import Any

import pytest

from tests.clients import bad_fields

PAGE = """query ($s: String, $f: ProductFilter, $after: String) {
  products(search: $s, filter: $f, first: 1, after: $after) {
    suggestion totalCount edges { node { id } } pageInfo { hasNextPage endCursor } facets { genres { name products } } } }"""
TITLES = "query ($p: String!, $n: Int) { searchSuggestions(prefix: $p, first: $n) }"


@pytest.fixture
async def words(shelve: Any, word: Any) -> Any:
    """Two made-up words and a shelf of games that have them. Games of before cannot be meant by a misspelt one."""
    one, other = word(), word()
    shelf = await shelve(
        {"title": f"The {one} of {other}", "positive_reviews": 5},
        {"title": f"{one} 2", "positive_reviews": 9},
        {"title": "Something else", "description": f"About {other}."},
    )
    return shelf, one, other


def misspelt(word: str) -> str:
    """Two letters in the wrong order."""
    return word[:4] + word[5] + word[4] + word[6:] if word[4] != word[5] else word[:4] + word[5:]


@pytest.fixture
async def fresh(product: Any, viewers: Any) -> Any:
    """Searches as a developer, for whom the words of titles are read anew each time."""
    developer = await viewers.developer()

    async def search(text: str, **variables: Any) -> dict[str, Any]:
        found: dict[str, Any] = (await product.data(PAGE, {"s": text, **variables}, developer))["products"]
        return found

    return search


async def test_a_misspelt_word_finds_what_is_meant(fresh: Any, words: Any) -> None:
    shelf, one, other = words

    found = await fresh(misspelt(one))

    assert found["suggestion"] == one
    assert (found["totalCount"], found["edges"][0]["node"]["id"]) == (2, shelf.ids[1])
    assert found["facets"]["genres"] == [{"name": shelf.genre, "products": 2}]
    rest = await fresh(misspelt(one), after=found["pageInfo"]["endCursor"])
    assert (rest["suggestion"], rest["edges"][0]["node"]["id"]) == (one, shelf.ids[0])
    assert not rest["pageInfo"]["hasNextPage"]
    assert (await fresh(f"{misspelt(one)} {other}"))["suggestion"] == f"{one} {other}"


async def test_what_finds_something_is_not_corrected(fresh: Any, words: Any) -> None:
    shelf, one, _ = words

    assert (await fresh(one))["suggestion"] is None
    assert (await fresh(one[:9]))["suggestion"] is None
    # The filter leaves nothing of it: that is no misspelling.
    nothing = await fresh(one, f={"genre": shelf.genre, "onSale": True})
    assert (nothing["suggestion"], nothing["totalCount"]) == (None, 0)


async def test_what_is_like_nothing_finds_nothing(fresh: Any, words: Any, word: Any) -> None:
    found = await fresh(word())

    assert (found["suggestion"], found["totalCount"], found["edges"]) == (None, 0, [])


async def test_words_that_were_joined_or_split(fresh: Any, words: Any) -> None:
    _, one, other = words

    assert (await fresh(f"{one[:7]} {one[7:]}"))["suggestion"] == one
    assert (await fresh(f"{other}{one}"))["suggestion"] == f"{other} {one}"


async def test_titles_are_suggested_while_someone_types(product: Any, shelve: Any, word: Any) -> None:
    one = word()
    await shelve(
        {"title": f"{one.title()} Rising", "positive_reviews": 1},
        {"title": f"Rise of {one}", "positive_reviews": 7},
        {"title": f"Rise of {one}", "positive_reviews": 5},
        {"title": "Another", "description": one},
    )

    async def titles(prefix: str, first: int | None = None) -> list[str]:
        found: list[str] = (await product.data(TITLES, {"p": prefix, "n": first}))["searchSuggestions"]
        return found

    assert await titles(one[:8]) == [f"Rise of {one}", f"{one.title()} Rising"]
    assert await titles(f"{one} ris") == [f"Rise of {one}", f"{one.title()} Rising"]
    assert await titles(f"{one} risi") == [f"{one.title()} Rising"]
    assert await titles(one, 1) == [f"Rise of {one}"]
    assert await titles("") == []
    assert await titles(word()) == []


@pytest.mark.parametrize(("variables", "field"), [({"p": "x", "n": 0}, "first"), ({"p": "x", "n": 21}, "first")])
async def test_a_number_of_titles_out_of_range_is_refused(product: Any, variables: dict[str, Any], field: str) -> None:
    answer = await product.run(TITLES, variables)

    assert bad_fields(answer) == [field]
