"""The search as a command: python -m tests.simulate [--seconds=600] [--seed=7] [--workers=2] [--replay=123]"""

import argparse
import os
import random
import sys
import time

from tests.simulate.schedule import Outcome
from tests.simulate.search import searched, simulator
from tests.simulate.shrinking import shrunk
from tests.simulate.workers import first_failure

SHRINKING_SECONDS = 60


def main() -> int:
    """1 if a schedule failed, which is then shown."""
    parser = argparse.ArgumentParser(prog="simulate", description="Searches for a schedule that ends badly.")
    parser.add_argument("--seconds", type=float, default=600, help="how long to search")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="the seed of the search")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="how many search side by side")
    parser.add_argument(
        "--shrink", type=float, default=SHRINKING_SECONDS, help="how long to shrink a failure (seconds)"
    )
    parser.add_argument("--replay", type=int, help="the seed of one schedule, as a failure names it")
    asked = parser.parse_args()
    if asked.replay is not None:
        return first_failure(1, lambda _: _replay(asked.replay))
    print(f"searching with --seed={asked.seed} --workers={asked.workers} for {asked.seconds:.0f} s", flush=True)
    return first_failure(asked.workers, lambda number: _search(f"{asked.seed}/{number}", asked.seconds, asked.shrink))


def _search(seed: str, seconds: float, shrinking: float) -> int:
    """The share of one worker, which `seed` names."""
    with simulator() as simulating:
        began, count = time.monotonic(), 0
        for count, (one, outcome) in enumerate(searched(simulating, seed, seconds), 1):
            if outcome.failures:
                print(f"schedule {count} fails after {time.monotonic() - began:.0f} s: --replay={one}", flush=True)
                return _shown(one, shrunk(simulating, one, outcome, shrinking))
        minutes = (time.monotonic() - began) / 60
        print(f"{count} schedules of seed {seed}, {count / minutes:.0f} a minute: none fails", flush=True)
        return 0


def _replay(seed: int) -> int:
    with simulator() as simulating:
        return _shown(seed, simulating.run(seed))


def _shown(seed: int, outcome: Outcome) -> int:
    lines = [f"schedule {seed}: {outcome.steps} steps, {outcome.seconds:.1f} s, trace {outcome.trace}"]
    lines += [*outcome.notes, f"choices: {outcome.made}", *(outcome.failures or ["nothing fails"])]
    print("\n".join(lines), flush=True)
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # else sets would have another order each time
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, "-m", "tests.simulate", *sys.argv[1:]])
    sys.exit(main())
