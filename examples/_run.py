"""What every example ends with: run it against the API that the environment names, or else a sandbox of its own.

Without ``LOMI_API_KEY`` an example starts a sandbox (extra ``sandbox``) and leaves nothing behind. With a test key
it talks to the lomi. test environment, or to ``LOMI_BASE_URL``. It refuses a live key: examples make customers up.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable

from lomi import AsyncLomiClient, LomiClient
from lomi.sandbox import Sandbox


def run(example: Callable[[LomiClient], None]) -> None:
    """Run a synchronous example."""
    if os.environ.get("LOMI_API_KEY"):
        with LomiClient(environment="test") as client:
            example(client)
    else:
        with (
            Sandbox("docs", seed=1) as sandbox,
            sandbox.serve() as server,
            LomiClient(server.api_key, base_url=server.url) as client,
        ):
            example(client)


def run_async(example: Callable[[AsyncLomiClient], Awaitable[None]]) -> None:
    """Run an asynchronous example."""

    async def main() -> None:
        if os.environ.get("LOMI_API_KEY"):
            async with AsyncLomiClient(environment="test") as client:
                await example(client)
        else:
            with Sandbox("docs", seed=1) as sandbox, sandbox.serve() as server:
                async with AsyncLomiClient(server.api_key, base_url=server.url) as client:
                    await example(client)

    asyncio.run(main())
