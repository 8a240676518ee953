"""Full-text search: what is found, in what order, and that every text is safe."""

from typing import Any

import pytest

from tests.clients import bad_fields

HOSTILE = [
    '"', "'", '""', '"unbalanced', 'a"b', "*", "a*", "+", "-", "+-", "+*", "--", "~a", "<a >b", "(", ")", "(a",
    "a)", "@5", '"a b" @2', "NEAR(a b)", "AND", "OR", "NOT", "a AND", "NOT a", "title:a", "{title} : a", "^a",
    "a - b", "%", "_", "/", "\\", "a\\", "%' OR 1=1 --", "; DROP TABLE products", ":a", "%s", "%(a)s", "?",
    "\u0301", "a\u0301", "😀", "ａ", "ﬀ", "'s", "l'art", "a_b", "___", "of",
    "the the", "x" * 200, "़" * 3, "हिन्दी", "a " * 100,
]  # fmt: skip


async def test_words_of_title_and_description_are_found(find: Any, shelve: Any, word: Any) -> None:
    one, other = word(), word()
    shelf = await shelve(
        {"title": f"The {one.title()}", "description": "Nothing."},
        {"title": "A game", "description": f"Has {one}, and {other}."},
        {"title": "Another", "description": f"Has {other}s."},
    )
    first, second, third = shelf.ids

    assert set(await find(None, one)) == {first, second}
    assert await find(None, f"{one} {other}") == [second]
    assert await find(None, f"{other.upper()}, {one.upper()}!") == [second]
    assert set(await find(None, other)) == {second, third}
    assert await find(None, word()) == []


async def test_only_the_last_word_may_be_the_beginning_of_a_word(find: Any, shelve: Any, word: Any) -> None:
    one, other = word(), word()
    shelf = await shelve({"title": f"{one} {other}"})

    assert await find(None, f"{one} {other[:9]}") == shelf.ids
    assert await find(None, f"{other[:9]} {one}") == []


async def test_accents_and_case_do_not_matter(find: Any, shelve: Any, word: Any) -> None:
    one = word()
    shelf = await shelve({"title": f"{one}é Über"})

    assert await find(None, f"{one}E uber") == shelf.ids
    assert await find(None, f"{one.upper()}É über") == shelf.ids


async def test_the_best_match_comes_first(find: Any, shelve: Any, word: Any) -> None:
    one, other = word(), word()
    many = f"{one} {other} " * 40
    described, one_in_title, both_in_title, the_text, twin = (
        await shelve(
            {"title": "A game", "description": many, "positive_reviews": 9},
            {"title": f"{one} again", "description": other},
            {"title": f"{one} and {other}, the sequel", "description": "Words."},
            {"title": f"{one} {other}", "description": "Words."},
            {"title": f"{one} {other}", "description": "Words."},
        )
    ).ids

    best_first = [twin, the_text, both_in_title, one_in_title, described]
    assert await find(None, f"{one} {other}") == best_first
    assert await find(None, f"{one} {other}", first=1) == best_first
    assert await find(None, f"{one} {other}", first=2) == best_first


async def test_pages_by_relevance_hold_every_match_once(find: Any, shelve: Any, word: Any) -> None:
    one = word()
    shelf = await shelve(
        *[{"title": f"Game {i}", "description": f"{one} " * (i % 7 + 1) + "filler " * i} for i in range(30)],
        *[{"title": f"{one} {i % 3}", "description": "filler " * (i % 4)} for i in range(20)],
    )

    whole = await find(None, one)

    assert sorted(whole) == sorted(shelf.ids)
    assert set(whole[:20]) == set(shelf.ids[30:])
    for first in (1, 3, 7):
        assert await find(None, one, first=first) == whole


@pytest.mark.parametrize("sort", ["TITLE", "NEWEST", "PRICE_LOW", "PRICE_HIGH", "MOST_REVIEWED", "BEST_REVIEWED"])
async def test_matches_in_any_other_order(find: Any, shelve: Any, word: Any, sort: str) -> None:
    one = word()
    shelf = await shelve(*[{"title": f"{one} {'bca'[i % 3]}", "usd": f"{i % 4}"} for i in range(9)])

    assert await find(None, one, sort, first=2) == await find(shelf, None, sort)


async def test_words_that_the_index_ignores_hide_nothing(find: Any, shelve: Any, word: Any) -> None:
    one = word()
    shelf = await shelve({"title": f"{one} of the 2 Realms: to be"}, {"title": f"{one} of the 3 Realms"})

    assert (await find(None, f"{one} of the 2 realms"))[0] == shelf.ids[0]
    assert set(await find(None, f"the {one} of")) == set(shelf.ids)
    assert (await find(None, f"{one} 3"))[0] == shelf.ids[1]


async def test_a_text_of_ignored_words_is_looked_for_in_titles(find: Any, shelve: Any) -> None:
    shelf = await shelve({"title": "Go for it"}, {"title": "Go"}, {"title": "The Who"}, {"title": "Chess"})
    go_for_it, go, who, _ = shelf.ids

    assert await find(shelf, "go") == [go, go_for_it]
    assert await find(shelf, "the who") == [who]
    assert await find(shelf, "it for go") == [go_for_it]


async def test_scripts_without_spaces_are_found_inside_titles(find: Any, shelve: Any, word: Any) -> None:
    one = word()
    shelf = await shelve(
        {"title": f"三国志物語 {one}"},
        {"title": "ゼルダの伝説"},
        {"title": "เกมผจญภัย"},
        {"title": "한국어게임"},
    )

    assert await find(shelf, "国志") == shelf.ids[:1]
    assert await find(shelf, f"{one} 物語") == shelf.ids[:1]
    assert await find(shelf, "伝説") == shelf.ids[1:2]
    assert await find(shelf, "ผจญภัย") == shelf.ids[2:3]
    assert await find(shelf, "게임") == shelf.ids[3:]
    assert await find(shelf, "物語 伝説") == []


async def test_a_text_without_words_is_looked_for_as_it_is(find: Any, shelve: Any) -> None:
    shelf = await shelve({"title": "100% Orange"}, {"title": "!!!"}, {"title": "Plain"}, {"title": "Under_score"})

    assert await find(shelf, "%") == shelf.ids[:1]
    assert await find(shelf, "!!") == shelf.ids[1:2]
    assert await find(shelf, "_") == shelf.ids[3:]
    assert await find(shelf, "???") == []


@pytest.mark.parametrize("text", [None, "", "   ", "\n\t"])
async def test_no_text_is_no_search(find: Any, shelve: Any, text: str | None) -> None:
    shelf = await shelve({"positive_reviews": 1}, {"positive_reviews": 3}, {"positive_reviews": 2})

    assert await find(shelf, text) == [shelf.ids[1], shelf.ids[2], shelf.ids[0]]


@pytest.mark.parametrize("sort", ["RELEVANCE", "TITLE"])
async def test_every_text_is_safe(find: Any, shelve: Any, sort: str) -> None:
    shelf = await shelve({"title": "A"}, {"title": "B"})

    for text in HOSTILE:
        assert set(await find(shelf, text, sort)) <= set(shelf.ids), text


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\u200b"])
async def test_characters_that_nobody_can_see_are_refused(product: Any, text: str) -> None:
    answer = await product.run("query ($s: String) { products(search: $s) { edges { cursor } } }", {"s": text})
    assert bad_fields(answer) == ["search"]


async def test_search_operators_have_no_effect(find: Any, shelve: Any, word: Any) -> None:
    one, other = word(), word()
    shelf = await shelve({"title": one}, {"title": other})

    for text in (f'{one}" OR "{other}', f"({one} {other})", f"{one} -{other}", f"{one[:8]}* {other}"):
        assert await find(None, text) == []
    for text in (f"-{one}", f"+{one}", f'"{one}', f"~{one}", f"({one}", f"{one}*", f"^{one}"):
        assert await find(None, text) == shelf.ids[:1]


async def test_a_search_text_that_is_too_long_is_refused(product: Any) -> None:
    answer = await product.run("query ($s: String) { products(search: $s) { edges { cursor } } }", {"s": "x" * 201})

    assert bad_fields(answer) == ["search"]


async def test_the_total_counts_the_matches(product: Any, shelve: Any, word: Any) -> None:
    one = word()
    await shelve(*[{"title": f"{one} {i}", "usd": f"{i}"} for i in range(5)])
    query = "query ($s: String, $m: Int) { products(search: $s, filter: {maxPoints: $m}) { totalCount } }"

    assert (await product.run(query, {"s": one}))["data"]["products"]["totalCount"] == 5
    assert (await product.run(query, {"s": one, "m": 2600}))["data"]["products"]["totalCount"] == 3
