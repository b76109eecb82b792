import asyncio
from collections.abc import Awaitable, Callable
from types import ModuleType

import httpx

from lomi.sandbox import Server


def visit(module: ModuleType, visitor: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
    """Run the application from its start to its end, as a server does, and visit it."""

    async def main() -> None:
        app = module.app
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as web:
                await visitor(web)

    asyncio.run(main())


def test_registers_and_shows(server: Server, load: Callable[[str], ModuleType]) -> None:
    async def visitor(web: httpx.AsyncClient) -> None:
        made = await web.post("/customers", json={"name": "Awa Diop", "order": "order-1"})
        assert made.status_code == 201
        shown = await web.get(f"/customers/{made.json()['id']}")
        assert shown.json()["name"] == "Awa Diop"

    visit(load("fastapi_app"), visitor)


def test_failures_are_told(server: Server, load: Callable[[str], ModuleType]) -> None:
    async def visitor(web: httpx.AsyncClient) -> None:
        refused = await web.post("/customers", json={"name": " ", "order": "order-1"})
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["name"])
        assert (await web.get("/customers/cus_nobody")).status_code == 404
        server.sandbox.drop("after_commit", route="POST /customers")
        lost = await web.post("/customers", json={"name": "Awa Diop", "order": "order-1"})
        assert (lost.status_code, lost.json()["happened"]) == (502, "unknown")

    visit(load("fastapi_app"), visitor)


def test_client_is_closed_with_the_application(server: Server, load: Callable[[str], ModuleType]) -> None:
    module = load("fastapi_app")

    async def visitor(web: httpx.AsyncClient) -> None:
        await web.get("/customers/cus_nobody")

    visit(module, visitor)
    assert module.app.state.lomi._closed


def test_dependency_can_be_replaced(server: Server, load: Callable[[str], ModuleType]) -> None:
    module = load("fastapi_app")
    with type(server.sandbox)("docs", customers=0) as another:

        async def visitor(web: httpx.AsyncClient) -> None:
            async with another.async_client() as client:
                module.app.dependency_overrides[module.lomi_client] = lambda: client
                await web.get("/customers/cus_nobody")

        visit(module, visitor)
        assert (len(another.requests), len(server.sandbox.requests)) == (1, 0)
