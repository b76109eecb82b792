"""List customers: all of them, one page of them, and a search.

Prints:
    businesses: 30
    page 2 of 8: 20 customers of 150
    found: 1 customer with that address
"""

from _run import run

from lomi import LomiClient


def main(client: LomiClient) -> None:
    # Iterating fetches page after page, when it is needed.
    businesses = sum(1 for _ in client.customers.list(type="business"))
    print(f"businesses: {businesses}")

    # What list() returns is one page; `customers` is that page alone.
    page = client.customers.list(page=2, page_size=20)
    where = page.pagination
    print(f"page {where.page} of {where.total_pages}: {len(page.customers)} customers of {where.total_count}")

    found = client.customers.list(search="amadou.ba@example.com")
    print(f"found: {len(found.customers)} customer with that address")


if __name__ == "__main__":
    run(main)
