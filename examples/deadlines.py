"""Bound how long calls take: one call, all calls of a client, several calls together.

A bound covers everything that a call does: connecting, every attempt, and the waiting in between.

Prints:
    within 5 s: 1 customer
    both within 8 s: 1 customer, 250 000 XOF
    too slow: unknown after 1 attempt
"""

from _run import run

import lomi
from lomi import LomiClient, LomiTimeoutError
from lomi.sandbox import Sandbox

MERCHANT = "904d003c-3736-41d4-90a5-9de74d404fd7"


def main(client: LomiClient) -> None:
    # A copy with other options; it shares the connections.
    quick = client.with_options(timeout=5)
    print(f"within 5 s: {len(quick.customers.list(page_size=1).customers)} customer")

    with lomi.deadline(8):
        page = client.customers.list(page_size=1)
        balance = client.merchants.get_balance(MERCHANT, currency_code="XOF")
    print(f"both within 8 s: {len(page.customers)} customer, {balance.money}")

    # What it looks like when the time is over: a sandbox that holds its answer back.
    with Sandbox() as sandbox, sandbox.serve() as server:
        sandbox.delay(30, route="GET /customers")
        with LomiClient(server.api_key, base_url=server.url, timeout=0.2) as impatient:
            try:
                impatient.customers.list()
            except LomiTimeoutError as error:
                print(f"too slow: {error.outcome} after {error.attempts} attempt")


if __name__ == "__main__":
    run(main)
