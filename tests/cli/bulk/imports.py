"""Imports to test: rows, files, and what the sandbox holds afterwards."""

import csv
import time
from contextlib import nullcontext

from lomi.cli.bulk.importer import Importer
from lomi.cli.bulk.journal import State
from lomi.cli.bulk.rate_limit import RateLimit
from lomi.cli.bulk.reader import Row

POST = "POST /customers"
PATCH = "PATCH /customers/{id}"


class Clock:
    """Time that passes only while something sleeps."""

    def __init__(self):
        self.at = time.time()
        self.slept = []
        self.watch = lambda: None

    def now(self):
        return self.at

    def sleep(self, seconds):
        self.watch()
        self.slept.append(seconds)
        self.at += seconds


def people(count):
    return [
        Row(n + 1, {"name": f"Awa {n}", "email": f"awa.{n}@example.com", "metadata": {"n": n}})
        for n in range(1, count + 1)
    ]


def importer(client, journal, *, clock=None, limit=None, concurrency=1, grace_period=0.0, advance=lambda count: None):
    clock = clock or Clock()
    limit = limit or RateLimit(1000, 900.0)
    return Importer(
        *(client, journal, limit),
        concurrency=concurrency,
        grace_period=grace_period,
        account=None,
        advance=advance,
        finishing=nullcontext,
        now=clock.now,
        sleep=clock.sleep,
    )


def load(sandbox, journal, rows, **options):
    with sandbox.client(max_retries=0) as client:
        return importer(client, journal, **options).run(iter(enumerate(rows, 1)))


def stored(sandbox):
    with sandbox.client() as client:
        whole = [client.customers.get(each.id) for each in client.customers.list()]  # listings lack the metadata
        return sorted(whole, key=lambda customer: (customer.name, customer.id))


def posts(sandbox):
    return sum(request.method == "POST" for request in sandbox.requests)


def exact(sandbox, journal, rows):
    """Every row is exactly one customer, whole, and the journal knows it."""
    found = stored(sandbox)
    assert sorted(customer.name for customer in found) == sorted(row.fields["name"] for row in rows)
    references = {customer.metadata.pop("lomi_reference") for customer in found}
    assert references == {f"{journal.id}-{number}" for number in range(1, len(rows) + 1)}
    assert sorted(customer.metadata["n"] for customer in found) == sorted(row.fields["metadata"]["n"] for row in rows)
    assert {entry.customer_id for entry in journal.every(State.IMPORTED)} == {customer.id for customer in found}


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as target:
        table = csv.writer(target)
        table.writerow(["name", "email"])
        table.writerows(rows)
    return path
