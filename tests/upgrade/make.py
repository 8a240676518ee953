"""Makes a sample with the code that is checked out: run it at the release whose store is wanted.

    git checkout <release>
    .nox/dev/bin/python -m tests.upgrade.make <release> --engine=embedded
    .nox/dev/bin/python -m tests.upgrade.make <release> --engine=servers

Each takes a few minutes. The store is filled, killed in the middle of its work, and packed. Then the same code is
started on what was packed, with an empty Redis, and what it makes of it is what later releases must make of it, too.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from subgraphs.kit.settings import SUBGRAPHS
from tests.clients import Client
from tests.faults.store import FaultyStore, faulty_store
from tests.own_store import OwnStore, own_store
from tests.upgrade import past, under_way
from tests.upgrade.asking import ME, SHOP, everybody, told
from tests.upgrade.inventory import MUST_HOLD, inventory
from tests.upgrade.operating import audit, replay
from tests.upgrade.sample import Expectation, Sample
from tests.upgrade.world import FOREVER, Making

LAPSE_SECONDS = 90
"""What is to lapse after the sample was made has so long to live."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.upgrade.make", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("release")
    parser.add_argument("--engine", choices=("embedded", "servers"), required=True)
    arguments = parser.parse_args()
    sample = Sample(arguments.release, arguments.engine)
    if sample.folder.exists():
        sys.exit(f"{sample.folder} is there already: a sample is never changed.")
    with tempfile.TemporaryDirectory() as folder:
        expectation = _make(sample, Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        _expect(sample, Path(folder), expectation)


def _make(sample: Sample, state: Path) -> Expectation:
    """Fills a store, kills it, and packs it. What it is expected to become is yet unknown."""
    with faulty_store(sample.engine, state) as store:
        making = asyncio.run(_fill(store))
        for name in ("payment", "router", *SUBGRAPHS):
            if not store.is_dead(name):
                store.kill(name)
        packed_at = datetime.now(UTC).isoformat()
        sample.pack(state, store.settings.database_url)
        holds = asyncio.run(inventory(making))
    assert holds.keys() >= MUST_HOLD, f"missing: {MUST_HOLD - holds.keys()}"
    return Expectation(
        packed_at=packed_at,
        holds=holds,
        accounts=making.accounts,
        dead_letter=making.dead_letter,
        ready_payment=making.ready_payment,
        held_claim=making.held_claim,
        shop_document=SHOP,
        shop=None,
        me_document=ME,
        me={},
        unfinished=making.unfinished,
    )


async def _fill(store: FaultyStore) -> Making:
    async with aiohttp.ClientSession() as http:
        making = Making(store, Client(http, store.store.settings.graphql_url, {}))
        await past.make_staff(making)
        await past.make_catalogue(making)
        await past.make_expired(making)
        await making.serve("payment", payment_lifetime="600")
        await making.serve("stock", claim_lifetime="600")
        await past.make_purchases(making)
        await past.make_refunds(making)
        await past.make_sales(making)
        await asyncio.to_thread(audit, store.settings)
        lapse = str(LAPSE_SECONDS)
        await making.serve("payment", payment_lifetime=FOREVER, checkout_overdue="3600", settlement_delay=lapse)
        await making.serve("stock", claim_lifetime=FOREVER)
        await under_way.leave_unpaid(making)
        await under_way.leave_checkouts(making)
        await under_way.leave_refunds(making)
        await under_way.leave_dead_letter(making)
        lapsing = {"payment_lifetime": lapse, "claim_lifetime": lapse, "settlement_delay": lapse}
        await under_way.leave_events(making, lapsing)
    return making


def _expect(sample: Sample, state: Path, expectation: Expectation) -> None:
    """Starts the same code on the sample, and writes down what comes of it."""
    time.sleep(LAPSE_SECONDS)  # as any later start finds it, all that lapses has
    with own_store(sample.engine, state, before=lambda url: sample.restore(state, url)) as store:
        replay(store.settings, expectation.dead_letter)
        audit(store.settings)
        sample.expect(asyncio.run(_told(store, expectation)))


async def _told(store: OwnStore, expectation: Expectation) -> Expectation:
    async with aiohttp.ClientSession() as http:
        client = Client(http, store.store.settings.graphql_url, {})
        shop, me = await told(client, expectation)
        accounts = await everybody(client, expectation)
        unfinished = [
            replace(one, answer=await client.data(one.document, one.variables, accounts[one.account]))
            for one in expectation.unfinished
        ]
    return replace(expectation, shop=shop, me=me, unfinished=unfinished)


if __name__ == "__main__":
    main()
