"""`python -m subgraphs tour` on a running store."""

import re

from tests.operator.commands import run


def test_the_tour_shows_every_answer_without_tokens_and_the_plans_at_the_end(demo: dict[str, str]) -> None:
    tour = run(demo, "subgraphs", "tour")

    assert tour.returncode == 0, tour.stdout + tour.stderr
    assert '"name": "Tourist"' in tour.stdout
    assert not re.search(r"eyJ[\w-]{40}", tour.stdout)
    assert "\x1b" not in tour.stdout
    steps, plans = tour.stdout.split("Query plans")
    titles = re.findall(r"^ *\d+\. (.*)$", steps, re.MULTILINE)
    assert f"All {len(titles)} answers were as expected." in plans
    assert all(len(line) <= 100 for line in plans.splitlines())
    assert all(f"│ {number:<4} │" in plans for number in range(1, len(titles) + 1))
