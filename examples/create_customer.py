"""Create a customer, read it back, delete it.

Prints:
    created cus_…: amadou.ba@example.com
    read back: Dakar, {'internal_id': 'USER_123'}
    deleted
"""

from _run import run

from lomi import LomiClient


def main(client: LomiClient) -> None:
    customer = client.customers.create(
        name="Amadou Ba",
        email="amadou.ba@example.com",
        phone_number="+221771234567",
        country="Senegal",
        city="Dakar",
        metadata={"internal_id": "USER_123"},
    )
    print(f"created {customer.id[:4]}…: {customer.email}")

    same = client.customers.get(customer.id)
    print(f"read back: {same.city}, {same.metadata}")

    client.customers.delete(customer.id)
    print("deleted")


if __name__ == "__main__":
    run(main)
