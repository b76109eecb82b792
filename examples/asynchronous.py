"""The same calls with asyncio: one client, several calls at once.

Prints:
    created 3 customers
    walked 150 customers
"""

import asyncio

from _run import run_async

from lomi import AsyncLomiClient


async def main(client: AsyncLomiClient) -> None:
    names = ["Amadou Ba", "Awa Diop", "Fatou Sow"]
    created = await asyncio.gather(*(client.customers.create(name=name) for name in names))
    print(f"created {len(created)} customers")

    await asyncio.gather(*(client.customers.delete(customer.id) for customer in created))

    walked = 0
    async for _ in await client.customers.list(page_size=75):
        walked += 1
    print(f"walked {walked} customers")


if __name__ == "__main__":
    run_async(main)
