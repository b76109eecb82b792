"""A shop with Flask and sqlite: paid through lomi., it ships each order once.

    LOMI_API_KEY=lomi_sk_test_… LOMI_WEBHOOK_SECRET=whsec_… flask --app flask_app run

`celery_tasks.py` tries failed webhooks again, and reads those that were missed.
"""

import atexit
import logging
import os
import sqlite3
import uuid
from contextlib import closing
from datetime import datetime, timezone

from flask import Flask, abort, redirect, render_template_string, url_for
from werkzeug.wrappers import Response

from lomi import InvoiceBlock, LomiClient, LomiError, Money
from lomi.webhooks import PaymentSucceeded
from lomi.webhooks.flask import webhook
from lomi.webhooks.inbox import Inbox
from lomi.webhooks.stores.sqlite import SQLiteStore

PRICE = Money(15_000, "XOF")
SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    id TEXT PRIMARY KEY,
    price INTEGER NOT NULL,                -- in XOF
    attempt INTEGER NOT NULL DEFAULT 1,    -- counts the payment pages; each expires
    payment TEXT                           -- the transaction that paid it
);
CREATE TABLE IF NOT EXISTS parcels (order_id TEXT NOT NULL REFERENCES orders);
"""
PAGE = """<!doctype html><title>Shop</title>
{% if not order %}
<form method="post" action="/orders"><button>Buy for {{ price }}</button></form>
{% elif order.payment %}
<h1>Thank you</h1><p>Your order is paid and will be shipped.</p>
{% else %}
<meta http-equiv="refresh" content="3">
<h1>Not paid yet</h1><p>This page changes once the payment has arrived.</p>
<form method="post" action="/orders/{{ order.id }}/pay"><button>Pay</button></form>
{% endif %}"""
log = logging.getLogger("shop")


def connect() -> sqlite3.Connection:
    """Open the database; each statement outside of the inbox commits by itself."""
    path = os.environ.get("SHOP_DATABASE", "shop.db")
    database = sqlite3.connect(path, timeout=30, isolation_level=None)
    database.row_factory = sqlite3.Row
    return database


def now() -> datetime:
    """Return the time; a test puts the sandbox's in its place."""
    return datetime.now(timezone.utc)


inbox = Inbox(SQLiteStore(connect))


@inbox.on("PAYMENT_SUCCEEDED")
def fulfil(event: PaymentSucceeded) -> None:
    """Ship a paid order, in the transaction that records the event."""
    payment, database = event.object, inbox.connection
    id = str((payment.metadata or {}).get("order"))
    order = database.execute("SELECT * FROM orders WHERE id = ?", [id]).fetchone()
    if order is None:
        return  # a payment of something else
    if order["payment"] or not payment.is_paid(Money(order["price"], "XOF")):
        # Paid twice, or another amount: somebody has to look, and may refund it.
        log.error("order %s: unexpected payment %s", id, payment.transaction_id)
        return
    paid = "UPDATE orders SET payment = ? WHERE id = ?"
    database.execute(paid, [payment.transaction_id, id])
    database.execute("INSERT INTO parcels VALUES (?)", [id])


def create_app() -> Flask:
    """Return the application; its client is shared by all threads of the process."""
    app = Flask(__name__)
    lomi = LomiClient(timeout=10)
    atexit.register(lomi.close)
    with closing(connect()) as database:
        database.executescript(SCHEMA)
    app.post("/webhooks/lomi")(webhook(inbox=inbox))

    @app.get("/")
    def index() -> str:
        return render_template_string(PAGE, price=PRICE)

    @app.post("/orders")
    def buy() -> Response:
        id = uuid.uuid4().hex
        with closing(connect()) as database:
            insert = "INSERT INTO orders (id, price) VALUES (?, ?)"
            database.execute(insert, [id, int(PRICE.to_decimal())])
        return pay(id)

    @app.post("/orders/<id>/pay")
    def pay(id: str) -> Response:
        order = find(id)
        try:
            session = lomi.checkout_sessions.create(
                amount=order["price"],
                currency_code="XOF",
                title=f"Order {id[:8]}",
                metadata={"order": id},
                success_url=url_for("show", id=id, _external=True),
                # However often it is clicked, an order has one page at a time.
                idempotency_key=f"{id}-{order['attempt']}",
            )
        except LomiError:
            log.exception("order %s has no page to pay on", id)
            return redirect(url_for("show", id=id), 303)  # to try again there
        if isinstance(session, InvoiceBlock):  # an older invoice has to be paid first
            invoice = session.blocking_invoice
            return redirect((invoice and invoice.checkout_url) or "/", 303)
        if session.expires_at and session.expires_at <= now():
            with closing(connect()) as database:
                expired = "UPDATE orders SET attempt = ? WHERE id = ?"
                database.execute(expired, [order["attempt"] + 1, id])
            return pay(id)
        return redirect(session.checkout_url, 303)

    @app.get("/orders/<id>")
    def show(id: str) -> str:
        # What the order says counts, not that the payer came here.
        return render_template_string(PAGE, order=find(id))

    return app


def find(id: str) -> sqlite3.Row:
    """Return an order."""
    with closing(connect()) as database:
        found = database.execute("SELECT * FROM orders WHERE id = ?", [id]).fetchone()
    if found is None:
        abort(404)
    order: sqlite3.Row = found
    return order
