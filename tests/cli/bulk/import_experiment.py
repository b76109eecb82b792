"""Kill an import at random moments, under faults, and count who was created.

    python -m tests.cli.bulk.import_experiment [--rows 10000] [--kills 20] [--seed 1] [--dialect docs]

A sandbox in this process answers over loopback, and breaks connections, fails before and after it has done what was
asked, loses metadata, holds answers back and asks to wait. The importer is a process of its own, killed with SIGKILL
and started again with the same command. In the end there must be exactly one customer for every row, whole.
"""

import argparse
import csv
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lomi.sandbox import DialectName, Sandbox


@dataclass
class Result:
    rows: int
    kills: int
    customers: int
    twice: int
    missing: int
    wrong: int
    without_reference: int
    struck: int
    requests: int
    seconds: float
    exit_code: int
    said: str

    @property
    def exact(self) -> bool:
        faulty = (self.twice, self.missing, self.wrong, self.without_reference, self.exit_code)
        return self.customers == self.rows and faulty == (0, 0, 0, 0, 0)


def write(path: Path, rows: int) -> dict[str, dict[str, str]]:
    """Write a file of customers; every seventh shares its name with others. Return them by e-mail address."""
    people = {}
    with path.open("w", encoding="utf-8", newline="") as target:
        table = csv.DictWriter(target, ["name", "email", "phone_number", "city", "metadata.row"])
        table.writeheader()
        for number in range(1, rows + 1):
            person = {
                "name": "Aïssatou Ba" if number % 7 == 0 else f"Aïssatou Ba {number}",
                "email": f"aissatou.{number}@example.com",
                "phone_number": f"+22177{number:07}",
                "city": "Thiès, gare" if number % 3 else "Dakar",
                "metadata.row": str(number),
            }
            table.writerow(person)
            people[person["email"]] = person
    return people


def experiment(
    rows: int, kills: int, seed: int, directory: Path, *, dialect: DialectName = "docs", held: float | None = None
) -> Result:
    """Run it. With ``held`` every answer to a create is held back so many seconds, so that no run ends before its kill."""
    source = random.Random(seed)
    file = directory / "people.csv"
    people = write(file, rows)
    began = time.monotonic()
    with Sandbox(dialect, customers=0) as sandbox, sandbox.serve() as server:
        sandbox.throttle(10**9)
        post, patch = "POST /customers", "PATCH /customers/{id}"
        faults = [
            sandbox.drop(route=post, times=None, probability=0.01, seed=seed),
            sandbox.drop("after_commit", route=post, times=None, probability=0.01, seed=seed + 1),
            sandbox.fail(500, when="after_commit", route=post, times=None, probability=0.01, seed=seed + 2),
            sandbox.fail(503, route=post, times=None, probability=0.01, seed=seed + 3),
            sandbox.html_502("after_commit", route=post, times=None, probability=0.005, seed=seed + 4),
            sandbox.truncate(route=post, times=None, probability=0.005, seed=seed + 5),
            sandbox.malformed(route=post, times=None, probability=0.005, seed=seed + 6),
            sandbox.delay(0.05, route=post, times=None, probability=0.02, seed=seed + 7),
            sandbox.rate_limit(1, route=post, times=None, probability=0.001, seed=seed + 8),
            sandbox.lose_metadata(route=post, times=None, probability=0.01, seed=seed + 9),
            sandbox.fail(500, route="GET /customers", times=None, probability=0.02, seed=seed + 10),
            sandbox.drop(route=patch, times=None, probability=0.05, seed=seed + 11),
        ]
        environment = {**os.environ, "LOMI_API_KEY": server.api_key, "LOMI_BASE_URL": server.url}
        command = [
            *(sys.executable, "-m", "lomi", "customers", "import", str(file)),
            *("--rate", "100000000", "--grace-period", "0.5", "--concurrency", "8", "--json"),
        ]
        if held is not None:
            sandbox.delay(held, route=post, times=None)
        # Random moments; one that has passed when the importer starts kills it while it starts.
        goals = sorted(source.uniform(0, 0.8 * rows) for _ in range(kills))
        killed = 0
        while True:
            child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            while killed < kills and child.poll() is None and count(sandbox) < goals[killed]:
                time.sleep(source.uniform(0, 0.05))
            if killed < kills and child.poll() is None:
                time.sleep(source.uniform(0, 0.2))
                child.kill()
                killed += 1
            _, said = child.communicate(timeout=1800)
            if child.returncode != -signal.SIGKILL:
                break
        sandbox.clear_faults()
        with sandbox.client() as client:
            listed = list(client.customers.list(page_size=1000))
            # In the server dialect a listing leaves the metadata out.
            found = [client.customers.get(each.id) if each.metadata is None else each for each in listed]
        emails = Counter(customer.email for customer in found)
        wrong = bare = 0
        for customer in found:
            person = people[customer.email]
            metadata = customer.metadata or {}
            bare += "lomi_reference" not in metadata
            wrong += any(customer[name] != person[name] for name in ("name", "phone_number", "city"))
            wrong += metadata.get("row") != person["metadata.row"]
        return Result(
            rows=rows,
            kills=killed,
            customers=len(found),
            twice=sum(times - 1 for times in emails.values()),
            missing=len(people.keys() - emails.keys()),
            wrong=wrong,
            without_reference=bare,
            struck=sum(fault.struck for fault in faults),
            requests=sandbox.requests[-1].number,
            seconds=time.monotonic() - began,
            exit_code=child.returncode,
            said=said.decode(),
        )


def count(sandbox: Sandbox) -> int:
    """How many customers there are, asked behind the API's back."""
    store = sandbox._engine.store
    with store.lock:
        return store.count("customers")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dialect", choices=["docs", "server"], default="docs")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        result = experiment(asked.rows, asked.kills, asked.seed, Path(directory), dialect=asked.dialect)
    print(result)
    sys.exit(0 if result.exact else 1)


if __name__ == "__main__":
    main()
