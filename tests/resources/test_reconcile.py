"""Whether a create with an unknown outcome happened, by the listing that would show it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

import lomi
from lomi import CannotTell, Found, NotFound

from .recording import FLAVOURS, synchronous

Run = Callable[..., Any]
NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
ID = "0b7c9d52-6f0e-4c1a-9a35-2f1d6f0e4c01"
OTHER = "0b7c9d52-6f0e-4c1a-9a35-2f1d6f0e4c02"


class Server:
    """An API whose creates fail, with what its listings hold; the time is the same for it and its clients."""

    def __init__(self, failure: httpx.Response | None = None, *, date: bool = True) -> None:
        self.rows: list[dict[str, Any]] = []
        self.details: dict[str, dict[str, Any]] = {}
        self.failure = failure
        self.date = date
        self.now = NOW
        self.slept: list[float] = []
        self.later: dict[str, Any] | None = None
        self.requests: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        headers = {"Date": format_datetime(self.now, usegmt=True)} if self.date else {}
        if request.method == "POST":
            if self.failure is None:
                raise httpx.ReadTimeout("no response", request=request)
            return self.failure
        name = request.url.path.rpartition("/")[2]
        if name in self.details:
            return httpx.Response(200, json=self.details[name], headers=headers)
        first = request.url.params.get("offset", "0") == "0" and request.url.params.get("page", "1") == "1"
        rows = self.rows if first else []
        bare = name in ("transactions", "products", "discount-coupons")
        return httpx.Response(200, json=rows if bare else {"data": rows}, headers=headers)

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 1))
        self.now += timedelta(seconds=seconds)
        if self.later is not None:
            self.rows.append(self.later)

    async def asleep(self, seconds: float) -> None:
        self.sleep(seconds)

    def set_clock(self, client: Any) -> None:
        client.backend.time = lambda: self.now.timestamp()
        client.backend.sleep = self.asleep if isinstance(client, lomi.AsyncLomiClient) else self.sleep

    def run(self, run: Run, call: Callable[[Any], Any], **options: Any) -> Any:
        def clocked(client: Any) -> Any:
            self.set_clock(client)
            return call(client)

        return run(self, clocked, max_retries=0, **options)

    def fail(self, run: Run, resource: str, method: str, fields: dict[str, Any], **options: Any) -> lomi.LomiError:
        with pytest.raises(lomi.LomiError) as caught:
            self.run(run, lambda client: getattr(getattr(client, resource), method)(**fields), **options)
        return caught.value

    def reconcile(self, run: Run, resource: str, error: Any, **options: Any) -> Any:
        given = {name: options.pop(name) for name in ("grace_period",) if name in options}
        return self.run(run, lambda client: getattr(client, resource).reconcile(error, **given), **options)


def at(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat()


REFUND = {"transaction_id": ID, "amount": 500, "reason": "Returned"}
REFUNDED = {"refund_id": "r1", **REFUND, "status": "completed", "created_at": at(1)}
WAVE = {
    "amount": 2500,
    "currency": "XOF",
    "customer": {"name": "Awa Ba", "phone_number": "+2250700000003"},
    "description": "Order 77",
}
MTN = {**WAVE, "quantity": 2, "product_id": ID}
CARD = {"amount": 10000, "customer_email": "Lea@shop.example", "customer_name": "Lea M", "description": "Order 77"}
PAID = {
    "transaction_id": "t1",
    "gross_amount": 2500,
    "currency_code": "XOF",
    "customer_name": "Awa Ba",
    "customer_phone": "2250700000003",
    "created_at": at(1),
}
PAYOUT = {"destination": "self", "rail": "bank", "amount": 9000, "currency_code": "XOF", "payout_method_id": ID}
PAID_OUT = {
    "payout_id": "p1",
    "kind": "withdrawal",
    "amount": 9000,
    "currency_code": "XOF",
    "payout_method_id": ID,
    "created_at": at(1),
}
LINK = {
    "link_type": "instant",
    "title": "Deposit",
    "amount": 19.99,
    "currency_code": "EUR",
    "expires_at": "2026-04-01T00:00:00+00:00",
}
LINKED = {**LINK, "link_id": "l1", "expires_at": "2026-04-01T00:00:00Z", "environment": "test", "created_at": at(1)}
PRODUCT = {"name": "Basket", "prices": [{"amount": 5, "currency_code": "XOF"}], "metadata": {"sku": "B1"}}
MADE = {"product_id": "pr1", "name": "Basket", "metadata": {"sku": "B1", "more": 1}, "created_at": at(1)}
COUPON = {"code": "tabaski", "discount_percentage": 20}
COUPONED = {"coupon_id": "c1", "code": "TABASKI", "discount_percentage": 20, "created_at": at(1)}

# What is sent, what the listing then holds, and a field with another value for each that must match.
CASES: dict[str, tuple[str, str, dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "refund": ("refunds", "create", REFUND, REFUNDED, {"transaction_id": OTHER, "amount": 501, "reason": "Lost"}),
    "wave": (
        *("charges", "create_wave_charge", WAVE, PAID),
        {"gross_amount": 2501, "currency_code": "EUR", "customer_phone": "2250700000004"},
    ),
    "mtn": (
        *("charges", "create_mtn_charge", MTN, {**PAID, "gross_amount": 5000, "product_id": ID}),
        {"gross_amount": 2500, "product_id": OTHER},
    ),
    "card": (
        *("charges", "create_card_charge", CARD),
        {**PAID, "gross_amount": 10000, "customer_email": "lea@shop.example", "customer_name": "Lea M"},
        {"gross_amount": 1, "currency_code": "USD", "customer_email": "x@shop.example"},
    ),
    "payout": ("payouts", "create", PAYOUT, PAID_OUT, {"amount": 1, "kind": "beneficiary", "payout_method_id": OTHER}),
    "link": (
        *("payment_links", "create", LINK, LINKED),
        {"title": "x", "amount": 20, "expires_at": "2026-04-02T00:00:00Z", "environment": "live"},
    ),
    "product": ("products", "create", PRODUCT, MADE, {"name": "x", "metadata": {"sku": "B2"}}),
    "coupon": ("discount_coupons", "create", COUPON, COUPONED, {"code": "OTHER", "discount_percentage": 10}),
}
ALL = pytest.mark.parametrize("case", CASES)


@pytest.mark.parametrize("run", FLAVOURS)
@ALL
def test_the_one_object_that_has_what_was_sent_is_found(run: Run, case: str) -> None:
    resource, method, fields, row, _ = CASES[case]
    server = Server()
    server.details["t1"] = {"transaction_id": "t1", "description": "Order 77"}
    error = server.fail(run, resource, method, fields)
    assert error.outcome == "unknown"
    server.rows = [row]
    match server.reconcile(run, resource, pickle.loads(pickle.dumps(error))):
        case Found(found):
            assert found.identity in row.values()
        case other:  # pragma: no cover
            raise AssertionError(other)
    assert server.slept == []


@ALL
def test_every_field_counts(case: str) -> None:
    resource, method, fields, row, others = CASES[case]
    for name, value in others.items():
        server = Server()
        server.details["t1"] = {"transaction_id": "t1", "description": "Order 77"}
        error = server.fail(synchronous, resource, method, fields)
        server.rows = [{**row, name: value}]
        result = server.reconcile(synchronous, resource, error)
        assert isinstance(result, NotFound), name
        assert (result.searched, result.is_certain) == (1, False)
        assert result.since == NOW - timedelta(minutes=15)
        assert server.slept == [5.0]


@pytest.mark.parametrize("run", FLAVOURS)
def test_what_a_listing_leaves_out_counts_as_the_same(run: Run) -> None:
    server = Server()
    error = server.fail(run, "refunds", "create", REFUND)
    server.rows = [{**REFUNDED, "reason": None}, {**REFUNDED, "refund_id": "r2", "amount": 1}]
    assert isinstance(server.reconcile(run, "refunds", error), Found)


@pytest.mark.parametrize("run", FLAVOURS)
def test_what_arrives_within_the_grace_period_is_found(run: Run) -> None:
    server = Server()
    error = server.fail(run, "refunds", "create", REFUND)
    server.later = REFUNDED
    assert isinstance(server.reconcile(run, "refunds", error, grace_period=3), Found)
    assert server.slept == [3.0]
    queries = [request.url.params for request in server.requests[1:]]
    assert queries[0]["startDate"] == "2026-03-01T11:45:00+00:00"


@pytest.mark.parametrize("run", FLAVOURS)
def test_equal_objects_cannot_be_told_apart(run: Run) -> None:
    server = Server()
    error = server.fail(run, "refunds", "create", REFUND)
    server.rows = [REFUNDED, {**REFUNDED, "refund_id": "r2"}]
    match server.reconcile(run, "refunds", error, grace_period=0):
        case CannotTell(reason, candidates):
            assert reason == "2 objects may be the one that was sent"
            assert [each.refund_id for each in candidates] == ["r1", "r2"]
        case other:  # pragma: no cover
            raise AssertionError(other)
    with lomi.language("fr"):
        doubt = server.reconcile(synchronous, "refunds", error, grace_period=0)
    assert doubt.reason == "2 objets peuvent être celui qui a été envoyé"


@pytest.mark.parametrize(
    ("seconds", "date", "expected"),
    [
        (-4, True, Found),
        (-6, True, CannotTell),
        (-59, True, CannotTell),
        (-61, True, NotFound),
        (4, True, Found),
        (61, True, NotFound),
        (0, False, CannotTell),
        (-899, False, CannotTell),
        (-901, False, NotFound),
    ],
)
def test_an_earlier_equal_refund_is_not_taken_for_it(seconds: float, date: bool, expected: type) -> None:
    server = Server(date=date)
    error = server.fail(synchronous, "refunds", "create", REFUND)
    server.rows = [{**REFUNDED, "created_at": at(seconds)}]
    result = server.reconcile(synchronous, "refunds", error, grace_period=0)
    assert type(result) is expected
    if isinstance(result, CannotTell):
        assert result.reason == "1 object may be the one that was sent, but lacks the data to tell"
    server.rows = [REFUNDED, {**REFUNDED, "refund_id": "r2", "created_at": None}]
    assert isinstance(server.reconcile(synchronous, "refunds", error, grace_period=0), Found if date else CannotTell)


@pytest.mark.parametrize("run", FLAVOURS)
def test_a_clock_far_ahead_of_the_servers_hides_nothing(run: Run) -> None:
    class Slow(Server):
        def answer(self, request: httpx.Request) -> httpx.Response:
            self.rows = [REFUNDED] if request.url.params.get("startDate", "") <= at(1) else []
            self.now -= timedelta(hours=2)
            try:
                return super().answer(request)
            finally:
                self.now += timedelta(hours=2)

    server = Slow()
    server.now += timedelta(hours=2)
    error = server.fail(run, "refunds", "create", REFUND)
    assert isinstance(server.reconcile(run, "refunds", error, grace_period=0), Found)


def test_a_row_that_is_listed_twice_is_one_object() -> None:
    class Shifting(Server):
        def answer(self, request: httpx.Request) -> httpx.Response:
            start = int(request.url.params.get("offset", "0"))
            others = [{**REFUNDED, "refund_id": f"r{number}", "amount": 1} for number in range(2, 101)]
            self.rows = [*others, REFUNDED] if start == 0 else []
            response = super().answer(request)
            return httpx.Response(200, json={"data": [REFUNDED]}, headers=response.headers) if start else response

    server = Shifting()
    error = server.fail(synchronous, "refunds", "create", REFUND)
    assert isinstance(server.reconcile(synchronous, "refunds", error, grace_period=0), Found)
    assert [request.url.params.get("offset") for request in server.requests[1:]] == [None, "100"]


def test_a_full_refund_and_ids_in_upper_case() -> None:
    server = Server()
    error = server.fail(
        synchronous, "refunds", "create", {**REFUND, "transaction_id": ID.upper(), "refund_type": "full"}
    )
    server.rows = [{**REFUNDED, "amount": 10000}]
    assert isinstance(server.reconcile(synchronous, "refunds", error, grace_period=0), Found)


def test_a_customer_whose_name_or_address_has_changed_is_the_same_payer() -> None:
    customer = {"name": "Awa Ba", "phone_number": "+2250700000003", "email": "awa@shop.example"}
    fields = {**WAVE, "customer": customer}
    server = Server()
    server.details["t1"] = {"transaction_id": "t1", "description": "Order 77"}
    error = server.fail(synchronous, "charges", "create_wave_charge", fields)
    phone, other = {"customer_phone": "2250700000003"}, {"customer_phone": "2250700000004"}
    for changed, expected in (
        ({"customer_name": "Awa Diop", "customer_email": "new@shop.example", **phone}, Found),
        ({"customer_name": "Awa Diop", "customer_email": None, **phone}, Found),
        ({"customer_email": None, **other}, NotFound),
        ({"customer_email": None, "customer_phone": None}, Found),
        ({"customer_name": "Other", "customer_email": None, "customer_phone": None}, NotFound),
    ):
        server.rows = [{**PAID, **changed}]
        assert isinstance(server.reconcile(synchronous, "charges", error, grace_period=0), expected), changed


def test_the_description_of_a_charge_is_compared() -> None:
    server = Server()
    server.details["t1"] = {"transaction_id": "t1", "description": "Order 78"}
    error = server.fail(synchronous, "charges", "create_wave_charge", WAVE)
    server.rows = [PAID]
    assert isinstance(server.reconcile(synchronous, "charges", error, grace_period=0), NotFound)


@pytest.mark.parametrize(
    ("resource", "method", "fields"),
    [
        ("refunds", "create", REFUND),
        ("payouts", "create", PAYOUT),
        ("charges", "create_card_charge", CARD),
    ],
)
def test_after_an_error_of_the_api_nothing_proves_that_no_money_moved(resource: str, method: str, fields: Any) -> None:
    server = Server(httpx.Response(500, json={"error": {"message": "failed"}}))
    error = server.fail(synchronous, resource, method, fields)
    result = server.reconcile(synchronous, resource, error, grace_period=0)
    assert isinstance(result, CannotTell)
    assert result.reason.startswith("the API failed, and ")
    assert result.candidates == ()


def test_a_refund_whose_money_has_moved() -> None:
    message = "Refund initiated in Stripe but ledger update failed; webhook will reconcile"
    server = Server(httpx.Response(500, json={"error": {"message": message}}))
    error = server.fail(synchronous, "refunds", "create", REFUND)
    result = server.reconcile(synchronous, "refunds", error, grace_period=0)
    assert result == CannotTell("the money has moved, but the refund is not recorded yet", ())


def test_payouts_to_beneficiaries_show_no_recipient_and_are_not_listed_in_test() -> None:
    fields = {
        "destination": "beneficiary",
        "rail": "wave",
        "amount": 9000,
        "currency_code": "XOF",
        "recipient": {"name": "Ibou Fall", "phone": "+221770000002"},
    }
    server = Server()
    error = server.fail(synchronous, "payouts", "create", fields)
    result = server.reconcile(synchronous, "payouts", error, grace_period=0)
    assert result == CannotTell("with a test key, the API lists no payouts to beneficiaries", ())
    live = server.reconcile(synchronous, "payouts", error, grace_period=0, key="lomi_sk_live_x")
    assert isinstance(live, NotFound)
    server.rows = [{**PAID_OUT, "kind": "beneficiary", "payout_method_id": None}]
    result = server.reconcile(synchronous, "payouts", error, grace_period=0)
    assert isinstance(result, CannotTell)
    assert len(result.candidates) == 1


@pytest.mark.parametrize("run", FLAVOURS)
def test_what_was_refused_certainly_did_not_happen(run: Run) -> None:
    server = Server(httpx.Response(404, json={"error": {"message": "Transaction not found"}}))
    error = server.fail(run, "refunds", "create", REFUND)
    assert server.reconcile(run, "refunds", error) == NotFound(0, None, is_certain=True)
    assert len(server.requests) == 1


@pytest.mark.parametrize("run", FLAVOURS)
def test_the_error_of_another_resource_or_client_is_refused(run: Run) -> None:
    server = Server()
    error = server.fail(run, "refunds", "create", REFUND)
    assert error.idempotency_key is None
    sent = len(server.requests)
    for call in (
        lambda client: client.payouts.reconcile(error),
        lambda client: client.refunds.reconcile(ValueError()),
        lambda client: client.refunds.reconcile(error, grace_period=-1),
        lambda client: client.refunds.reconcile(lomi.LomiError()),
        lambda client: client.with_options(account="acct_1").refunds.reconcile(error),
    ):
        with pytest.raises(lomi.LomiValidationError, match="reconcile: "):
            server.run(run, call)
    assert len(server.requests) == sent
