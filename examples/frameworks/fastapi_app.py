"""A shop with FastAPI and SQLAlchemy: paid through lomi., it ships each order once.

    LOMI_API_KEY=lomi_sk_test_… LOMI_WEBHOOK_SECRET=whsec_… uvicorn fastapi_app:app

lomi. is called in the event loop; FastAPI runs what uses the database in threads.
"""

import asyncio
import logging
import os
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

from lomi import AsyncLomiClient, InvoiceBlock, LomiClient, LomiError, Money
from lomi.webhooks import PaymentSucceeded
from lomi.webhooks.inbox import Inbox
from lomi.webhooks.starlette import webhook
from lomi.webhooks.stores.sqlalchemy import SQLAlchemyStore, inbox_table

PRICE = Money(15_000, "XOF")
PAGE = "<!doctype html><title>Shop</title>"
BUY = f'<form method="post" action="/orders"><button>Buy for {PRICE}</button></form>'
PAID = "<h1>Thank you</h1><p>Your order is paid and will be shipped.</p>"
UNPAID = """<meta http-equiv="refresh" content="3">
<h1>Not paid yet</h1><p>This page changes once the payment has arrived.</p>
<form method="post" action="/orders/{id}/pay"><button>Pay</button></form>"""
log = logging.getLogger("shop")


class Base(DeclarativeBase):
    """The shop's tables, and the inbox's."""


class Order(Base):
    """An order, which is stored before it can be paid."""

    __tablename__ = "orders"
    id: Mapped[str] = mapped_column(primary_key=True)
    price: Mapped[int]  # in XOF
    attempt: Mapped[int] = mapped_column(default=1)  # counts the payment pages
    payment: Mapped[str | None]  # the transaction that paid it


class Parcel(Base):
    """What is to be shipped."""

    __tablename__ = "parcels"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))


engine = create_engine(os.environ.get("SHOP_DATABASE", "sqlite:///shop.db"))
sessions = sessionmaker(engine, expire_on_commit=False)
inbox = Inbox(SQLAlchemyStore(sessions, table=inbox_table(Base.metadata)))


@inbox.on("PAYMENT_SUCCEEDED")
def fulfil(event: PaymentSucceeded) -> None:
    """Ship a paid order, in the transaction that records the event."""
    payment = event.object
    id = str((payment.metadata or {}).get("order"))
    order = inbox.connection.get(Order, id, with_for_update=True)
    if order is None:
        return  # a payment of something else
    if order.payment or not payment.is_paid(Money(order.price, "XOF")):
        # Paid twice, or another amount: somebody has to look, and may refund it.
        log.error("order %s: unexpected payment %s", id, payment.transaction_id)
        return
    order.payment = payment.transaction_id
    inbox.connection.add(Parcel(order_id=order.id))


def keep_up(*, nightly: bool) -> None:
    """Try failed webhooks again; at night, read what was missed too."""
    inbox.work()
    if nightly:
        with LomiClient() as lomi:
            inbox.catch_up(lomi, since=now() - timedelta(days=2))


async def keep_up_for_ever() -> None:
    """Run `keep_up` each minute; with several processes too, all is done once."""
    for minute in count(1):
        await asyncio.sleep(60)
        try:
            await asyncio.to_thread(keep_up, nightly=minute % (24 * 60) == 0)
        except Exception:  # the database or lomi. is away: next time
            log.exception("webhooks were not made up for")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
    """Hold the client open while the application runs: closing it needs its loop."""
    Base.metadata.create_all(engine)
    working = asyncio.create_task(keep_up_for_ever())
    async with AsyncLomiClient(timeout=10) as client:
        app.state.lomi = client
        yield
    working.cancel()


app = FastAPI(lifespan=lifespan)
app.post("/webhooks/lomi")(webhook(inbox=inbox))


def now() -> datetime:
    """Return the time; a test puts the sandbox's in its place."""
    return datetime.now(timezone.utc)


def new_order() -> Order:
    """Store an order."""
    with sessions.begin() as database:
        order = Order(id=uuid.uuid4().hex, price=int(PRICE.to_decimal()))
        database.add(order)
    return order


def stored_order(id: str) -> Order:
    """Return an order."""
    with sessions() as database:
        order = database.get(Order, id)
    if order is None:
        raise HTTPException(404)
    return order


def next_attempt(id: str) -> Order:
    """Let the order have a new payment page."""
    with sessions.begin() as database:
        order = database.get_one(Order, id)
        order.attempt += 1
    return order


@app.get("/", response_class=HTMLResponse)
async def index() -> str:
    """Show what there is to buy."""
    return PAGE + BUY


@app.post("/orders")
async def buy(
    request: Request, order: Annotated[Order, Depends(new_order)]
) -> RedirectResponse:
    """Order, and go to the payment page."""
    return await pay(request, order)


@app.post("/orders/{id}/pay")
async def pay(
    request: Request, order: Annotated[Order, Depends(stored_order)]
) -> RedirectResponse:
    """Go to the payment page of an order."""
    lomi: AsyncLomiClient = request.app.state.lomi
    here = request.url_for("show", id=order.id)
    try:
        session = await lomi.checkout_sessions.create(
            amount=order.price,
            currency_code="XOF",
            title=f"Order {order.id[:8]}",
            metadata={"order": order.id},
            success_url=str(here),
            # However often it is clicked, an order has one page at a time.
            idempotency_key=f"{order.id}-{order.attempt}",
        )
    except LomiError:
        log.exception("order %s has no page to pay on", order.id)
        return RedirectResponse(here, 303)  # to try again there
    if isinstance(session, InvoiceBlock):  # an older invoice has to be paid first
        invoice = session.blocking_invoice
        return RedirectResponse((invoice and invoice.checkout_url) or "/", 303)
    if session.expires_at and session.expires_at <= now():
        return await pay(request, await asyncio.to_thread(next_attempt, order.id))
    return RedirectResponse(session.checkout_url, 303)


@app.get("/orders/{id}", response_class=HTMLResponse)
async def show(order: Annotated[Order, Depends(stored_order)]) -> str:
    """Show an order. What it says counts, not that the payer came here."""
    return PAGE + (PAID if order.payment else UNPAID.format(id=order.id))
