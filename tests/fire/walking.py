"""Walking pages while the set changes, and while a server lies; and what a long walk costs."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

from lomi import LomiClient
from lomi.sandbox import Sandbox

from .figures import Figure, experiment
from .server import FaultServer, Received, Wire, answer, each_request

ROOT = Path(__file__).parents[2]


@experiment("walking")
def walking(long: bool) -> Iterator[Figure]:
    """A sandbox over a socket, whose customers come and go while they are listed."""
    walks, count = (300, 120) if long else (10, 60)
    missing, twice, came = _walked(walks, count, moving=True)
    yield Figure(
        f"{walks} walks over {count} customers, which the caller and others delete and add in front: each that "
        "exists all the time comes exactly once",
        f"{missing} missing, {twice} twice of {came:,}",
        missing == twice == 0,
    )


@experiment("repeats")
def repeats(long: bool) -> Iterator[Figure]:
    """A sandbox that gives a page again, once or twice in a row, where another was asked for."""
    walks, count = (60, 120) if long else (2, 60)
    missing, twice, came = _walked(walks, count, moving=False)
    yield Figure(
        f"{walks} walks over {count} customers, of which every fourth page is the one before, up to twice in a row: "
        "each comes exactly once",
        f"{missing} missing, {twice} twice of {came:,}",
        missing == twice == 0,
    )


def _walked(walks: int, count: int, *, moving: bool) -> tuple[int, int, int]:
    """Return how many customers were missing, came twice, and came."""
    chance = random.Random(11)
    missing = twice = came = 0
    for number in range(walks):
        sandbox = Sandbox(("docs", "server")[number % 2], customers=0, throttle_limit=10**9, seed=number)
        sandbox.seed(customers=count)
        meddler = sandbox.client()
        with sandbox.serve() as served, LomiClient(sandbox.api_key, base_url=served.url) as client:
            there = {customer.id for customer in meddler.customers.list(page_size=1000)}
            before, seen = set(there), []
            deletes, inserts = (chance.random() * 0.9, chance.random() * 0.3) if moving else (0.0, 0.0)
            if not moving:
                for place in range(60):
                    sandbox.repeat_page(times=chance.choice([1, 2]), skip=4 * place + chance.randrange(2))
            ordered = len(sandbox.faults)
            for customer in client.customers.list(page_size=chance.choice([3, 7, 10, 20])):
                seen.append(customer.id)
                if chance.random() < deletes:
                    gone = customer.id if chance.random() < 0.7 else chance.choice(sorted(there))
                    if gone in there:
                        there.discard(gone)
                        meddler.customers.delete(gone)
                if chance.random() < inserts:
                    meddler.customers.create(name="new")
        assert moving or len(sandbox.faults) < ordered, "no page came again"
        missing += len((before & there) - set(seen))
        twice += len(seen) - len(set(seen))
        came += len(seen)
    return missing, twice, came


# A process of its own: in this one, memory that earlier experiments gave back would hide what the walk takes.
_WALK = """
import sys
from lomi import LomiClient
from tests.fire.cycles import resident
from tests.fire.echo import KEY

url, size, mark = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
number = base = most = 0
with LomiClient(KEY, base_url=url) as client:
    for number, _ in enumerate(client.customers.list(page_size=size), 1):
        if number % mark == 0:
            base = base or resident()
            most = resident()
print(number, most - base)
"""


@experiment("far")
def far(_long: bool) -> Iterator[Figure]:
    """A walk over many customers."""
    count, size = 100_000, 500

    def handle(wire: Wire, received: Received) -> None:
        asked = parse_qs(received.target.partition("?")[2])
        page = int(asked["page"][0]) if "page" in asked else 1
        numbers = range((page - 1) * size, min(page * size, count))
        items = [{"id": f"cus_{number:032}", "name": f"Customer {number}", "country": "Senegal"} for number in numbers]
        at = {"page": page, "pageSize": size, "totalCount": count, "totalPages": -(-count // size)}
        wire.send(answer(200, {"customers": items, "pagination": at}))

    with FaultServer(each_request(handle)) as server:
        run = [sys.executable, "-c", _WALK, server.url, str(size), str(count // 5)]
        said = subprocess.run(run, capture_output=True, text=True, timeout=120, check=True, cwd=ROOT).stdout.split()
    number, grown = int(said[0]), int(said[1])
    # An id of 36 characters takes 96 bytes, and its place in the set up to 64 while the set is copied to grow.
    yield Figure(
        f"a walk over {count:,} customers: every one, and from the first fifth on it keeps nothing but each id "
        "(160 bytes)",
        f"{number:,}, {grown / (count * 4 // 5):.0f} bytes each",
        number == count and grown < 160 * (count * 4 // 5),
    )
