"""Change a customer: what is left out stays, None clears, a value replaces.

Prints:
    before: ['awa@example.com', '+221770000000', {'tier': 'gold', 'since': 2023}]
    after: ['awa.diop@example.com', None, {'tier': 'gold', 'since': 2023}]
    metadata is replaced as a whole: {'tier': 'silver'}
"""

from _run import run

from lomi import LomiClient


def main(client: LomiClient) -> None:
    customer = client.customers.create(
        name="Awa Diop", email="awa@example.com", phone_number="+221770000000", metadata={"tier": "gold", "since": 2023}
    )
    print("before:", [customer.email, customer.phone_number, customer.metadata])

    customer = client.customers.update(customer.id, email="awa.diop@example.com", phone_number=None)
    print("after:", [customer.email, customer.phone_number, customer.metadata])

    customer = client.customers.update(customer.id, metadata={"tier": "silver"})
    print("metadata is replaced as a whole:", customer.metadata)

    client.customers.delete(customer.id)


if __name__ == "__main__":
    run(main)
