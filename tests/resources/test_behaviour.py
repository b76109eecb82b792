"""What goes beyond one request, and what the models know."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import anyio
import httpx
import pytest

import lomi
from lomi import Money

from .calls import CARD, LINK, PAYMENT_REQUEST, PAYOUT, REFUND, ROW, SESSION, SESSION_ID, TRANSACTION, WAVE, wrapped
from .recording import API, BASE_URL, FLAVOURS, KEY, synchronous

Run = Callable[..., Any]


class Clock:
    """The time that a client sees: sleeping passes it at once."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def wait(self, session: Any, **options: Any) -> Callable[[Any], Any]:
        """Return a call that waits for a session by this clock."""

        def call(client: Any) -> Any:
            backend = client.backend
            backend.monotonic = lambda: 1000 + sum(self.slept)
            backend.sleep = self.asleep if isinstance(client, lomi.AsyncLomiClient) else self.sleep
            return client.checkout_sessions.wait(session, **options)

        return call

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 2))

    async def asleep(self, seconds: float) -> None:
        self.sleep(seconds)


@pytest.mark.parametrize("run", FLAVOURS)
@pytest.mark.parametrize("status", ["completed", "expired"])
def test_waiting_for_a_session(run: Run, status: str) -> None:
    clock = Clock()
    api = API(*[SESSION] * 8, {**SESSION, "status": status})
    session = run(api, clock.wait(SESSION_ID))
    assert session.status == status
    assert clock.slept == [1.0, 1.5, 2.25, 3.38, 5.06, 7.59, 10.0, 10.0]
    assert {request.url.path for request in api.requests} == {f"/checkout-sessions/{SESSION_ID}"}
    # What is over needs no waiting.
    assert run(api, clock.wait(session)).status == status
    assert len(clock.slept) == 8


@pytest.mark.parametrize("run", FLAVOURS)
def test_waiting_ends_with_the_time(run: Run) -> None:
    clock = Clock()
    created = lomi.CreatedCheckoutSession(checkout_session_id=SESSION_ID, checkout_url="https://x.example")
    api = API(SESSION)
    assert run(api, clock.wait(created, timeout=4)).status == "open"
    assert clock.slept == [1.0, 1.5, 1.5]
    assert run(api, clock.wait(created, timeout=0)).status == "open"
    assert len(clock.slept) == 3
    with pytest.raises(lomi.LomiValidationError, match="timeout is negative"):
        run(api, clock.wait(created, timeout=-1))


def refundable(run: Run, transaction: dict[str, Any], *refunds: dict[str, Any]) -> tuple[Any, API]:
    def answer(request: httpx.Request) -> Any:
        return transaction if request.url.path.startswith("/transactions") else wrapped(list(refunds))

    api = API(answer)
    return run(api, lambda client: client.transactions.get_refundable(SESSION_ID)), api


@pytest.mark.parametrize("run", FLAVOURS)
def test_what_can_still_be_refunded(run: Run) -> None:
    rest, api = refundable(run, TRANSACTION)
    assert rest == Money(12500, "XOF")
    assert api.queries()[1] == {"startDate": "2026-03-01T12:00:00+00:00", "limit": "100"}
    others = [
        REFUND,
        {**REFUND, "refund_id": "b", "amount": None, "refunded_amount": 1000},
        {**REFUND, "refund_id": "c", "status": "failed"},
        {**REFUND, "refund_id": "d", "transaction_id": "another"},
        {**REFUND, "refund_id": "e", "status": "pending", "amount": 1},
    ]
    assert refundable(run, TRANSACTION, *others)[0] == Money(12500 - 500 - 1000 - 1, "XOF")
    assert refundable(run, TRANSACTION, {**REFUND, "amount": 99999})[0] == Money(0, "XOF")
    card = {**TRANSACTION, "provider_code": "STRIPE", "payment_method_code": "CARDS", "currency_code": "USD"}
    assert refundable(run, {**card, "gross_amount": 19.99}, {**REFUND, "amount": 0.99})[0] == Money(1900, "USD")
    for other in ({"status": "pending"}, {"provider_code": "MTN"}, {"provider_code": "STRIPE"}):
        rest, api = refundable(run, {**TRANSACTION, **other})
        assert rest == Money(0, "XOF")
        assert len(api.requests) == 1


@pytest.mark.parametrize("run", FLAVOURS)
def test_what_can_still_be_refunded_never_has_a_fraction(run: Run) -> None:
    rest, _ = refundable(run, TRANSACTION, {**REFUND, "amount": 500.4})
    assert rest == Money(11999, "XOF")
    assert refundable(run, {**TRANSACTION, "gross_amount": 12500.9})[0] == Money(12500, "XOF")
    euros = {**TRANSACTION, "gross_amount": 19.99, "currency_code": "EUR"}
    assert refundable(run, euros, {**REFUND, "amount": 0.001})[0] == Money(1998, "EUR")
    for field in ("gross_amount", "currency_code"):
        with pytest.raises(lomi.LomiValidationError, match="is missing in the response"):
            refundable(run, {**TRANSACTION, field: None})
    with pytest.raises(lomi.LomiValidationError, match="amount is missing in the response"):
        refundable(run, TRANSACTION, {**REFUND, "amount": None, "refunded_amount": None})


def test_money_knows_the_unit_of_its_field() -> None:
    for model, answer, expected in (
        (lomi.CheckoutSession, {**SESSION, "amount": 19.99, "currency_code": "EUR"}, Money(1999, "EUR")),
        (lomi.PaymentLink, LINK, Money(1999, "USD")),
        (lomi.PaymentRequest, PAYMENT_REQUEST, Money(900, "XOF")),
        (lomi.PaymentTransaction, ROW, Money(12500, "XOF")),
        (lomi.Payout, PAYOUT, Money(15000, "XOF")),
        (lomi.CardCharge, CARD, Money(12500, "XOF")),
    ):
        assert model.model_validate(answer).money == expected
        with pytest.raises(lomi.LomiValidationError, match="is missing in the response"):
            _ = model.model_validate({model.shown_in_repr[0]: "x"}).money
    charge = lomi.CardCharge.model_validate(CARD)
    assert charge.charged_money == Money(1906, "EUR")
    for lacks in ("amount", "currency"):
        with pytest.raises(lomi.LomiValidationError, match=f"{lacks} is missing in the response"):
            _ = lomi.CardCharge.model_validate({**CARD, lacks: None}).charged_money
    wave = lomi.WaveCharge.model_validate(WAVE)
    assert wave.wave_session is not None
    assert wave.wave_session.money == Money(2500, "XOF")
    created = lomi.CreatedCheckoutSession(checkout_session_id="a", checkout_url="b", amount=1050, currency_code="USD")
    assert created.money == Money(105000, "USD")
    with pytest.raises(lomi.LomiValidationError, match="has more than 0 decimals"):
        _ = lomi.CheckoutSession.model_validate({**SESSION, "amount": 0.5}).money
    with pytest.raises(lomi.LomiValidationError, match="currency is missing"):
        _ = lomi.CheckoutSession(checkout_session_id="a", amount=5).money


def test_an_order_is_fulfilled_for_its_price_only() -> None:
    price = Money(12500, "XOF")
    paid = {**SESSION, "status": "completed"}
    for model, answer in ((lomi.CheckoutSession, paid), (lomi.PaymentTransaction, TRANSACTION)):
        amount = "amount" if "amount" in answer else "gross_amount"
        assert model.model_validate(answer).is_paid(price)
        for other in (
            {"status": "open"},
            {amount: 12499},
            {amount: None},
            {"currency_code": "USD"},
            {"currency_code": None},
            {amount: 0.5},
        ):
            assert not model.model_validate({**answer, **other}).is_paid(price)


def test_models_are_frozen_and_keep_what_is_new() -> None:
    row = lomi.PaymentTransaction.model_validate({**ROW, "status": "a_new_one", "new": {"a": 1}})
    assert (row.status, row["new"], row.customer_name) == ("a_new_one", {"a": 1}, "Mariam D")
    assert "Mariam" not in repr(row) + row.to_html()
    with pytest.raises(Exception, match="frozen"):
        row.status = "completed"
    charge = lomi.WaveCharge.model_validate(WAVE)
    assert charge["transactionId"] == charge.transaction_id == SESSION_ID
    assert charge.to_dict()["waveSession"]["id"] == "cos-1"
    assert pickle.loads(pickle.dumps(charge)) == charge
    card = pickle.loads(pickle.dumps(lomi.CardCharge.model_validate(CARD)))
    assert repr(card.client_secret) == "'•••'"


class Books:
    """Transactions and refunds that can fail to be listed."""

    def __init__(self) -> None:
        self.transactions = [{"transaction_id": f"t{number}", "status": "pending"} for number in range(150)]
        self.refunds = [{**REFUND, "refund_id": "r1"}, {**REFUND, "refund_id": "r2", "status": None}]
        self.failures: list[str] = []

    def answer(self, request: httpx.Request) -> Any:
        if self.failures and self.failures[0] == request.url.path:
            self.failures.pop(0)
            return httpx.Response(400, json={"error": {"code": "bad_request", "message": "no"}})
        if request.url.path == "/refunds":
            return wrapped(self.refunds)
        page = int(request.url.params.get("page", 1))
        return self.transactions[(page - 1) * 100 : page * 100]


@pytest.mark.parametrize("run", FLAVOURS)
def test_a_window_is_read_again_every_night(run: Run) -> None:
    books, seen = Books(), set[tuple[str, str]]()
    since = datetime(2026, 3, 1, tzinfo=timezone.utc)

    def night(client: Any) -> Any:
        synced = lomi.sync_transactions(client, since=since, lookback=timedelta(days=1), seen=seen)
        return synced if isinstance(client, lomi.AsyncLomiClient) else list(synced)

    api = API(books.answer)
    first = run(api, night)
    assert len(first) == 152
    assert [type(item) for item in first[149:151]] == [lomi.PaymentTransaction, lomi.Refund]
    assert {query["startDate"] for query in api.queries()} <= {"2026-02-28T00:00:00+00:00"}
    assert [request.url.path for request in api.requests] == ["/transactions", "/transactions", "/refunds"]
    books.transactions[7]["status"] = "completed"
    assert [(item.identity, item.status) for item in run(API(books.answer), night)] == [("t7", "completed")]
    assert ("r2", "") in seen


@pytest.mark.parametrize("path", ["/transactions", "/refunds"])
def test_reading_a_window_goes_on_after_an_error(path: str) -> None:
    since = datetime(2026, 3, 1, tzinfo=timezone.utc)
    books = Books()
    books.failures = [path]
    items: list[Any] = []

    def call(client: Any) -> None:
        synced = lomi.sync_transactions(client, since=since)
        while not failed(synced):
            pass
        items.extend(synced)

    def failed(synced: Any) -> bool:
        try:
            items.append(next(synced))
        except lomi.LomiBadRequestError:
            return True
        return False

    synchronous(API(books.answer), call)
    assert len(items) == len({item.identity for item in items}) == 152

    async def collect() -> None:
        http_client = httpx.AsyncClient(transport=httpx.MockTransport(API(books.answer).answer))
        async with lomi.AsyncLomiClient(KEY, base_url=BASE_URL, http_client=http_client) as client:
            synced = lomi.sync_transactions(client, since=since)
            for _ in range(2):
                try:
                    async for item in synced:
                        items.append(item)
                except lomi.LomiBadRequestError:
                    assert len(items) == (0 if path == "/transactions" else 150)

    items.clear()
    books.failures = [path]
    anyio.run(collect)
    assert len(items) == len({item.identity for item in items}) == 152


@pytest.mark.parametrize("since", [datetime(2026, 3, 1), "2026-03-01T00:00:00Z", None])
def test_a_window_needs_an_aware_datetime(since: Any) -> None:
    for run in FLAVOURS:
        with pytest.raises(lomi.LomiValidationError, match="sync_transactions: since"):
            run(API([]), lambda client: lomi.sync_transactions(client, since=since))


def test_what_is_public() -> None:
    assert lomi.models.PaymentLink is lomi.PaymentLink
    assert lomi.params.RefundCreateParams is lomi.RefundCreateParams
    for module in (lomi.models, lomi.params):
        with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
            module.Nothing  # noqa: B018


@pytest.mark.parametrize("lookback", [timedelta(days=-3), 3])
def test_a_window_needs_a_lookback_that_is_a_duration(lookback: Any) -> None:
    since = datetime(2026, 3, 1, tzinfo=timezone.utc)
    for run in FLAVOURS:
        with pytest.raises(lomi.LomiValidationError, match="lookback is not a timedelta"):
            run(API([]), lambda client: lomi.sync_transactions(client, since=since, lookback=lookback))


def test_what_the_caller_failed_on_comes_again_the_next_night() -> None:
    books, seen = Books(), set[tuple[str, str]]()
    since = datetime(2026, 3, 1, tzinfo=timezone.utc)

    def night(client: Any) -> Any:
        items = iter(lomi.sync_transactions(client, since=since, seen=seen))
        return [next(items), next(items)]  # the second is never dealt with

    first = synchronous(API(books.answer), night)
    again = synchronous(API(books.answer), night)
    assert again[0].identity == first[1].identity
