"""A FastAPI application that registers customers.

Where the client is made and closed: in the lifespan, once for each process, because it
keeps its connections open, and because closing it needs the event loop that is still
running there. Handlers get it as a dependency, so a test can put another in its place.

    LOMI_API_KEY=lomi_sk_test_… uvicorn fastapi_app:app
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from lomi import AsyncLomiClient, LomiError, LomiNotFoundError, LomiValidationError


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
    """Hold the client open while the application runs."""
    async with AsyncLomiClient(timeout=10) as client:
        app.state.lomi = client
        yield


async def lomi_client(request: Request) -> AsyncLomiClient:
    """Return the application's client. Async, since FastAPI gives `def` a thread."""
    client = request.app.state.lomi
    assert isinstance(client, AsyncLomiClient)
    return client


Lomi = Annotated[AsyncLomiClient, Depends(lomi_client)]
app = FastAPI(lifespan=lifespan)


class Registration(BaseModel):
    """What the form sends."""

    name: str
    email: str | None = None
    order: str


class Registered(BaseModel):
    """What the form gets back."""

    id: str


@app.post("/customers", status_code=201)
async def register(form: Registration, lomi: Lomi) -> Registered:
    """Create a customer; the order's number tells later whether it happened."""
    customer = await lomi.customers.create(
        name=form.name, email=form.email, reference=form.order
    )
    return Registered(id=customer.id)


@app.get("/customers/{id}")
async def show(id: str, lomi: Lomi) -> dict[str, str | None]:
    """Return a customer."""
    customer = await lomi.customers.get(id)
    return {"id": customer.id, "name": customer.name, "city": customer.city}


@app.exception_handler(LomiError)
async def failed(_request: Request, error: Exception) -> JSONResponse:
    """Say what went wrong, and whether it is safe to ask again."""
    if isinstance(error, LomiValidationError):
        return JSONResponse(
            {"errors": {each.field: each.problem for each in error.errors}}, 422
        )
    if isinstance(error, LomiNotFoundError):
        return JSONResponse({"message": "no such customer"}, 404)
    assert isinstance(error, LomiError)
    return JSONResponse(
        {"message": "the payment service failed", "happened": error.outcome}, 502
    )
