"""Makes a sample with the code that is checked out. Run it at the release whose store you want.

    git checkout <release>
    .nox/dev/bin/python -m tests.upgrade.make <release> --engine=embedded
    .nox/dev/bin/python -m tests.upgrade.make <release> --engine=servers

Each takes a few minutes. The recipe fills a store, kills it in the middle of its work, and packs its data. Then the same
code starts on that data, with an empty Redis. The result is what later releases must reproduce.
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
from tests.upgrade import finished, unfinished
from tests.upgrade.builder import FOREVER, SampleBuilder
from tests.upgrade.inventory import REQUIRED, inventory
from tests.upgrade.operating import audit, replay
from tests.upgrade.sample import Expectation, Sample
from tests.upgrade.snapshots import ME, SHOP, sign_in_all, snapshot

LAPSE_SECONDS = 90
"""The lifetime of the payment, claim and refund that expire or fall due after the sample was packed."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.upgrade.make", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("release")
    parser.add_argument("--engine", choices=("embedded", "servers"), required=True)
    arguments = parser.parse_args()
    sample = Sample(arguments.release, arguments.engine)
    if sample.folder.exists():
        sys.exit(f"{sample.folder} already exists, and samples are never changed.")
    with tempfile.TemporaryDirectory() as folder:
        expectation = _make(sample, Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        _expect(sample, Path(folder), expectation)


def _make(sample: Sample, state: Path) -> Expectation:
    """Fills a store, kills it and packs its data. The expected result is still empty."""
    with faulty_store(sample.engine, state) as store:
        builder = asyncio.run(_fill(store))
        for name in ("payment", "router", *SUBGRAPHS):
            if not store.is_dead(name):
                store.kill(name)
        packed_at = datetime.now(UTC).isoformat()
        sample.pack(state, store.settings.database_url)
        holds = asyncio.run(inventory(builder))
    assert holds.keys() >= REQUIRED, f"missing: {REQUIRED - holds.keys()}"
    return Expectation(
        packed_at=packed_at,
        holds=holds,
        accounts=builder.accounts,
        dead_letter=builder.dead_letter,
        ready_payment=builder.ready_payment,
        held_claim=builder.held_claim,
        shop_document=SHOP,
        shop=None,
        me_document=ME,
        me={},
        unfinished=builder.unfinished,
    )


async def _fill(store: FaultyStore) -> SampleBuilder:
    async with aiohttp.ClientSession() as http:
        builder = SampleBuilder(store, Client(http, store.store.settings.graphql_url, {}))
        await finished.make_staff(builder)
        await finished.make_catalogue(builder)
        await finished.make_expired(builder)
        await builder.serve("payment", payment_lifetime="600")
        await builder.serve("stock", claim_lifetime="600")
        await finished.make_purchases(builder)
        await finished.make_refunds(builder)
        await finished.make_sales(builder)
        await asyncio.to_thread(audit, store.settings)
        lapse = str(LAPSE_SECONDS)
        await builder.serve("payment", payment_lifetime=FOREVER, checkout_overdue="3600", settlement_delay=lapse)
        await builder.serve("stock", claim_lifetime=FOREVER)
        await unfinished.leave_unpaid(builder)
        await unfinished.leave_checkouts(builder)
        await unfinished.leave_refunds(builder)
        await unfinished.leave_dead_letter(builder)
        lapsing = {"payment_lifetime": lapse, "claim_lifetime": lapse, "settlement_delay": lapse}
        await unfinished.leave_events(builder, lapsing)
    return builder


def _expect(sample: Sample, state: Path, expectation: Expectation) -> None:
    """Starts the same code on the sample and records the result."""
    time.sleep(LAPSE_SECONDS)  # later releases also start after these lifetimes have ended
    with own_store(sample.engine, state, before=lambda url: sample.restore(state, url)) as store:
        replay(store.settings, expectation.dead_letter)
        audit(store.settings)
        sample.expect(asyncio.run(_result(store, expectation)))


async def _result(store: OwnStore, expectation: Expectation) -> Expectation:
    async with aiohttp.ClientSession() as http:
        client = Client(http, store.store.settings.graphql_url, {})
        shop, me = await snapshot(client, expectation)
        accounts = await sign_in_all(client, expectation)
        unfinished = [
            replace(one, answer=await client.data(one.document, one.variables, accounts[one.account]))
            for one in expectation.unfinished
        ]
    return replace(expectation, shop=shop, me=me, unfinished=unfinished)


if __name__ == "__main__":
    main()
