"""What the server would not refuse, or would refuse with a 500, is refused before anything is sent."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

import lomi

from .calls import LINK, NEW_SESSION, OTHER_ID, PAYMENT_REQUEST, SESSION_ID
from .recording import API, FLAVOURS, synchronous

SESSION = {"amount": 5, "currency_code": "XOF"}
INSTANT = {"link_type": "instant", "title": "a", "currency_code": "XOF", "amount": 5}
PRODUCT = {"link_type": "product", "title": "a", "currency_code": "XOF", "product_id": OTHER_ID}
REQUEST = {"amount": 5, "currency_code": "XOF", "expiry_date": "2026-03-01T00:00:00Z"}
REFUND = {"transaction_id": SESSION_ID, "amount": 5}
RECIPIENT = {"name": "Ibou", "phone": "+221770000002"}
TO_SELF = {
    "destination": "self",
    "rail": "bank",
    "amount": 5,
    "currency_code": "XOF",
    "payout_method_id": OTHER_ID,
}
TO_OTHER = {
    "destination": "beneficiary",
    "rail": "wave",
    "amount": 5,
    "currency_code": "XOF",
    "recipient": RECIPIENT,
}
WAVE = {"amount": 5, "currency": "XOF", "customer": {"name": "Awa"}}
MTN = {"amount": 5, "currency": "XOF", "customer": {"name": "Awa", "phone_number": "+2250500000004"}}
CARD = {"amount": 5, "customer_id": OTHER_ID}
BY_NAME = {"amount": 5, "customer_email": "a@b.c", "customer_name": "A"}
METHODS: dict[str, Callable[[Any], Any]] = {
    "session": lambda client: client.checkout_sessions.create,
    "link": lambda client: client.payment_links.create,
    "request": lambda client: client.payment_requests.create,
    "refund": lambda client: client.refunds.create,
    "payout": lambda client: client.payouts.create,
    "wave": lambda client: client.charges.create_wave_charge,
    "mtn": lambda client: client.charges.create_mtn_charge,
    "card": lambda client: client.charges.create_card_charge,
}
ANSWER = {
    **NEW_SESSION,
    **LINK,
    **PAYMENT_REQUEST,
    "refund_id": "r",
    "transactionId": "t",
    "transaction_id": "t",
    "id": "pi",
}


def without(fields: dict[str, Any], *names: str, **others: Any) -> dict[str, Any]:
    return {**{name: value for name, value in fields.items() if name not in names}, **others}


def with_(fields: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {**fields, **others}


FRACTION = "has a fraction, which XOF does not have"
NO_CHOICE = "is not one of the values it can have"
REFUSED: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("session", {}, {"currency_code": "is required"}),
    ("session", {"currency_code": "XOF"}, {"amount": "is required"}),
    ("session", {"currency_code": "XOF", "line_items": []}, {"amount": "is required"}),
    ("session", with_(SESSION, amount=0), {"amount": "is not positive"}),
    ("session", with_(SESSION, amount="5"), {"amount": "is not a number but str"}),
    ("session", with_(SESSION, amount=Decimal("5.5")), {"amount": FRACTION}),
    ("session", with_(SESSION, currency_code="xof"), {"currency_code": NO_CHOICE}),
    ("session", with_(SESSION, success_url="/ok"), {"success_url": "is not an absolute https URL"}),
    ("session", with_(SESSION, cancel_url="http://shop.example"), {"cancel_url": "is not an absolute https URL"}),
    ("session", with_(SESSION, customer_id="42"), {"customer_id": "is not the id of a customer"}),
    ("session", with_(SESSION, product_id="prod_1"), {"product_id": "is not a UUID"}),
    ("session", with_(SESSION, quantity=0), {"quantity": "is out of range"}),
    ("session", with_(SESSION, customer_email="a"), {"customer_email": "cannot be an e-mail address"}),
    ("session", with_(SESSION, metadata={"cvc": 1}), {"metadata.cvc": "names card data, which must not be sent"}),
    ("session", with_(SESSION, card_number="4242"), {"card_number": "is not a field of this operation"}),
    ("session", with_(SESSION, line_items=[{"quantity": 1}]), {"line_items[0].price_id": "is required"}),
    ("session", with_(SESSION, line_items={}), {"line_items": "is not a list but dict"}),
    (
        "session",
        {"currency_code": "XOF", "line_items": [{"price_id": OTHER_ID, "metadata": {"a": {"pan": 1}}}]},
        {"line_items[0].metadata.a.pan": "names card data, which must not be sent"},
    ),
    ("link", without(INSTANT, "link_type"), {"link_type": "is required"}),
    ("link", with_(INSTANT, link_type="instnat"), {"link_type": NO_CHOICE}),
    ("link", with_(INSTANT, title=" "), {"title": "is blank"}),
    ("link", without(INSTANT, "amount"), {"amount": "is required for a link of the type instant"}),
    ("link", with_(INSTANT, product_id=OTHER_ID), {"product_id": "is not for a link of the type instant"}),
    ("link", with_(INSTANT, price_id=OTHER_ID), {"price_id": "is not for a link of the type instant"}),
    ("link", without(PRODUCT, "product_id"), {"product_id": "is required for a link of the type product"}),
    ("link", with_(PRODUCT, amount=5), {"amount": "is not for a link of the type product"}),
    ("link", with_(INSTANT, expires_at=datetime(2026, 3, 1)), {"expires_at": "has no time zone"}),
    ("link", with_(INSTANT, amount=5.5), {"amount": FRACTION}),
    ("request", without(REQUEST, "expiry_date"), {"expiry_date": "is required"}),
    ("request", with_(REQUEST, expiry_date="2026-03-01"), {"expiry_date": "is not a date and time in ISO 8601"}),
    ("request", with_(REQUEST, amount=0.5), {"amount": FRACTION}),
    ("refund", without(REFUND, "amount"), {"amount": "is required"}),
    ("refund", with_(REFUND, amount=None), {"amount": "is required"}),
    ("refund", with_(REFUND, amount="5000"), {"amount": "is not a number but str"}),
    ("refund", with_(REFUND, amount=-5), {"amount": "is not positive"}),
    ("refund", with_(REFUND, transaction_id="tx_1"), {"transaction_id": "is not a UUID"}),
    ("refund", with_(REFUND, refund_type="all"), {"refund_type": NO_CHOICE}),
    ("refund", with_(REFUND, subscription_action="cancle"), {"subscription_action": NO_CHOICE}),
    ("payout", without(TO_SELF, "destination"), {"destination": "is required"}),
    ("payout", with_(TO_SELF, destination="beneficary"), {"destination": NO_CHOICE}),
    ("payout", with_(TO_SELF, rail="orange"), {"rail": NO_CHOICE}),
    (
        "payout",
        without(TO_SELF, "payout_method_id"),
        {"payout_method_id": "is required for a payout to self by bank"},
    ),
    ("payout", with_(TO_SELF, recipient=RECIPIENT), {"recipient": "is not for a payout to self"}),
    ("payout", with_(TO_SELF, amount=5.5), {"amount": FRACTION}),
    ("payout", without(TO_OTHER, "recipient"), {"recipient": "is required for a payout to beneficiary by wave"}),
    (
        "payout",
        with_(TO_OTHER, rail="spi"),
        {
            "payout_method_id": "is required for a payout to beneficiary by spi",
            "recipient": "is not for a payout to beneficiary by spi",
        },
    ),
    ("payout", with_(TO_OTHER, recipient={"name": "Ibou"}), {"recipient.phone": "is required"}),
    (
        "payout",
        with_(TO_OTHER, recipient={"name": " ", "phone": "77"}),
        {"recipient.name": "is blank", "recipient.phone": "is not an international phone number"},
    ),
    ("wave", with_(WAVE, currency="EUR"), {"currency": NO_CHOICE}),
    ("wave", with_(WAVE, amount=5.5), {"amount": FRACTION}),
    ("wave", with_(WAVE, currency_code="XOF"), {"currency_code": "is not a field of this operation"}),
    ("wave", without(WAVE, "customer"), {"customer": "is required"}),
    ("wave", with_(WAVE, customer="Awa"), {"customer": "is not a mapping but str"}),
    ("wave", with_(WAVE, customer={"name": "A", "card": 1}), {"customer.card": "is not a field of this operation"}),
    (
        "wave",
        with_(WAVE, customer={"name": "A", "phone_number": "+2250500000004", "phoneNumber": "+2250500000004"}),
        {"customer.phone_number": "is there twice"},
    ),
    ("mtn", with_(MTN, customer={"name": "A"}), {"customer.phoneNumber": "is required"}),
    ("mtn", with_(MTN, country_code="SN"), {"country_code": NO_CHOICE}),
    ("mtn", with_(MTN, product_id="x"), {"product_id": "is not a UUID"}),
    (
        "card",
        {"amount": 5},
        {
            "customer_email": "is required without customer_id",
            "customer_name": "is required without customer_id",
        },
    ),
    ("card", without(BY_NAME, "customer_name"), {"customer_name": "is required without customer_id"}),
    ("card", with_(CARD, customer_id="cus_1"), {"customer_id": "is not a UUID"}),
    ("card", with_(CARD, amount=5.5), {"amount": FRACTION}),
    ("card", with_(CARD, amount=5.5, currency="XOF"), {"amount": FRACTION}),
    ("card", with_(CARD, amount=5.5, currency_code="XOF"), {"amount": FRACTION}),
    ("card", with_(CARD, currency_code="EUR", currency="EUR"), {"currency": "is there twice"}),
    ("card", with_(CARD, card={"number": 1}), {"card": "is not a field of this operation"}),
    (
        "card",
        with_(CARD, metadata={"a": [{"Card Number": 1}]}),
        {"metadata.a[0].Card Number": "names card data, which must not be sent"},
    ),
    ("card", with_(CARD, appearance_border_radius=-1), {"appearance_border_radius": "is negative"}),
    ("card", with_(CARD, appearance_theme="pink"), {"appearance_theme": NO_CHOICE}),
]


@pytest.mark.parametrize(("name", "fields", "problems"), REFUSED)
def test_what_is_refused(name: str, fields: dict[str, Any], problems: dict[str, str]) -> None:
    for run in FLAVOURS:
        for call in (lambda client: METHODS[name](client)(fields), lambda client: METHODS[name](client)(**fields)):
            api = API({})
            with pytest.raises(lomi.LomiValidationError) as caught:
                run(api, call)
            assert {each.field: each.problem for each in caught.value.errors} == problems
            assert caught.value.outcome == "not_sent"
            assert api.requests == []


ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("session", with_(SESSION, amount=5.5, currency_code="USD")),
    ("session", {"currency_code": "EUR", "price_id": OTHER_ID, "quantity": 3}),
    ("session", {"currency_code": "EUR", "subscription_id": OTHER_ID}),
    ("session", with_(SESSION, integration_source="my-shop", line_items=[])),
    ("link", with_(PRODUCT, price_id=SESSION_ID)),
    ("payout", with_(TO_SELF, rail="spi")),
    ("payout", with_(TO_SELF, rail="wave", reason="rent", metadata={"a": 1})),
    ("payout", without(TO_OTHER, "recipient", rail="spi", payout_method_id=OTHER_ID, metadata={"a": 1})),
    ("payout", without(TO_OTHER, "recipient", rail="bank")),
    ("card", with_(BY_NAME, currency_code="EUR", amount=5.5)),
    ("card", with_(CARD, currency="EUR", amount=5.5)),
]


@pytest.mark.parametrize(("name", "fields"), ACCEPTED)
def test_what_is_accepted_without_a_warning(name: str, fields: dict[str, Any]) -> None:
    api = API({"data": ANSWER, **ANSWER}, status=201)
    synchronous(api, lambda client: METHODS[name](client)(fields))
    assert api.body == fields


DROPPED: list[tuple[str, dict[str, Any], list[str]]] = [
    ("link", with_(INSTANT, metadata={}), ["metadata"]),
    ("request", with_(REQUEST, metadata={"a": 1}), ["metadata"]),
    ("session", with_(SESSION, quantity=2, line_items=[{"price_id": OTHER_ID}]), ["amount", "quantity"]),
    ("payout", with_(TO_SELF, reason="rent", metadata={}), ["reason", "metadata"]),
    ("payout", with_(TO_OTHER, payout_method_id=OTHER_ID), ["payout_method_id"]),
]


@pytest.mark.parametrize("run", FLAVOURS)
@pytest.mark.parametrize(("name", "fields", "names"), DROPPED)
def test_what_the_api_drops_is_warned_of_and_sent(
    run: Callable[..., Any], name: str, fields: dict[str, Any], names: list[str]
) -> None:
    api = API(ANSWER, status=201)
    with pytest.warns(lomi.LomiDroppedFieldWarning) as caught:
        run(api, lambda client: METHODS[name](client)(fields))
    assert [str(each.message).partition(" ")[0] for each in caught] == names
    assert {each.filename for each in caught} == {__file__} or run is not synchronous
    assert api.body == fields
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=lomi.LomiDroppedFieldWarning)
        run(api, lambda client: METHODS[name](client)(**fields))


def test_a_field_that_is_passed_twice_is_a_type_error() -> None:
    for call in (
        lambda client: client.payment_links.list(link_type="instant", linkType="instant"),
        lambda client: client.transactions.list(page=1, start_date="2026-03-01T00:00Z", page_size=5, pageSize=5),
        lambda client: client.refunds.create(REFUND, amount=5),
    ):
        with pytest.raises(TypeError, match="both"):
            synchronous(API({}), call)


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.checkout_sessions.get("{CHECKOUT_SESSION_ID}"),
        lambda client: client.transactions.get("tx_1"),
        lambda client: client.payouts.get(""),
        lambda client: client.refunds.get("../customers"),
        lambda client: client.payment_links.get(5),
        lambda client: client.payment_requests.get(SESSION_ID + "/"),
        lambda client: client.transactions.get_refundable("tx_1"),
    ],
)
def test_an_id_that_is_no_uuid_is_refused(call: Callable[[Any], Any]) -> None:
    for run in FLAVOURS:
        api = API({})
        with pytest.raises(lomi.LomiValidationError, match=": id "):
            run(api, call)
        assert api.requests == []


def test_the_id_of_a_card_charge_is_no_uuid_but_one_segment() -> None:
    api = API({"data": {"id": "pi_1"}})
    synchronous(api, lambda client: client.charges.get_card_charge("pi_1/../x"))
    assert api.request.url.raw_path == b"/charge/card/pi_1%2F..%2Fx"
