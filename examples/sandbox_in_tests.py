"""Test your own code with a sandbox: no account, no network, no mocks, and failures on demand.

Prints:
    paid: 10 000 XOF
    a failing read is repeated: GET, GET
    a lost answer to a create: unknown, and 1 customer is there
"""

from lomi import LomiClient, LomiConnectionError
from lomi.sandbox import Sandbox


def total_paid(client: LomiClient, customer_id: str) -> str:
    """The code under test: it takes a client, so a test can hand it one of the sandbox."""
    payments = client.customers.get_transactions(customer_id)
    return str(sum(each.money for each in payments if each.status == "completed"))


def main() -> None:
    # In this process, without a socket. `Sandbox().serve()` does the same over HTTP for programs in any language.
    with Sandbox(customers=0) as sandbox, sandbox.client() as client:
        customer = client.customers.create(name="Amadou Ba")
        sandbox.pay(customer, 10_000, "XOF")
        sandbox.pay(customer, 2_000, "XOF", status="failed")
        print("paid:", total_paid(client, customer.id))

        sandbox.fail(503, route="GET /customers/{id}", retry_after=0)
        client.customers.get(customer.id)
        print("a failing read is repeated:", ", ".join(each.method for each in sandbox.requests[-2:]))

        sandbox.drop("after_commit", route="POST /customers")
        try:
            client.customers.create(name="Awa Diop")
        except LomiConnectionError as error:
            there = len(client.customers.list(search="Awa Diop").customers)
            print(f"a lost answer to a create: {error.outcome}, and {there} customer is there")


if __name__ == "__main__":
    main()
