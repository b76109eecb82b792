"""Traps that a reader found: each is refused, masked or reported before money goes astray."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

import lomi
from lomi._core.operations import may_have_happened
from lomi._core.response import Response

from .recording import API, FLAVOURS, synchronous

Run = Callable[..., Any]
ID = "123e4567-e89b-42d3-a456-426614174000"

HISTORIC = timezone(timedelta(minutes=9, seconds=21))


def refused(call: Any) -> str:
    with pytest.raises(lomi.LomiValidationError) as caught:
        synchronous(API([]), call)
    return str(caught.value)


def test_a_refund_that_says_more_than_a_known_refusal_may_have_happened() -> None:
    request: Any = lomi.Request("POST", lomi.path("/refunds"), dict, operation="refunds.create")
    known = "Refund amount exceeds transaction gross amount"
    for message, unknown in ((known, False), (f"{known} (already refunded: 5000)", True)):
        body = f'{{"error": {{"message": "{message}"}}}}'.encode()
        assert may_have_happened(request, Response(400, [], body)) is unknown


@pytest.mark.parametrize(
    "metadata", [{"card": {"number": "4242424242424242"}}, {"cvc": "123"}, {"cards": [{"card_number": "4"}]}]
)
def test_card_data_is_refused_wherever_metadata_is_taken(metadata: dict[str, Any]) -> None:
    product: dict[str, Any] = {"name": "Tea", "prices": [{"amount": 5, "currency_code": "XOF"}]}
    assert "names card data" in refused(lambda client: client.products.create(**product, metadata=metadata))


def test_a_host_that_only_ends_like_this_machine_is_not_it() -> None:
    session: dict[str, Any] = {"amount": 5, "currency_code": "XOF", "success_url": "http://evillocalhost/x"}
    assert "success_url" in refused(lambda client: client.checkout_sessions.create(session))


def test_a_historic_time_zone_is_sent_as_utc() -> None:
    api = API([])
    synchronous(api, lambda client: client.transactions.list(start_date=datetime(1900, 1, 1, tzinfo=HISTORIC)))
    assert api.queries()[0]["startDate"] == "1899-12-31T23:50:39+00:00"


def test_a_verification_token_shows_in_no_table() -> None:
    endpoint = lomi.WebhookEndpoint.model_validate({"webhook_id": "w", "verification_token": "whsec_secret"})
    assert "whsec_secret" not in endpoint.to_html(personal=True)


@pytest.mark.parametrize("run", FLAVOURS)
def test_none_is_left_out_of_nested_objects_too(run: Run) -> None:
    payer = {"name": "Awa Ba", "email": None, "phone_number": None}
    api = API({"transactionId": ID, "checkoutUrl": "https://wave.example"})
    run(api, lambda c: c.charges.create_wave_charge(amount=100, currency="XOF", customer=payer))
    assert api.body["customer"] == {"name": "Awa Ba"}
    api = API({"checkout_session_id": ID, "checkout_url": "https://pay.example"})
    item = {"price_id": ID, "quantity": None, "metadata": {"size": None}}
    run(api, lambda c: c.checkout_sessions.create(currency_code="XOF", line_items=[item]))
    assert api.body["line_items"] == [{"price_id": ID, "metadata": {"size": None}}]


@pytest.mark.parametrize("run", FLAVOURS)
def test_a_live_key_takes_no_url_on_this_machine(run: Run) -> None:
    api = API({"checkout_session_id": ID, "checkout_url": "https://pay.example"})

    def create(client: Any) -> Any:
        return client.checkout_sessions.create(amount=5, currency_code="XOF", success_url="http://localhost:8000/ok")

    run(api, create)
    with pytest.raises(lomi.LomiValidationError, match="success_url is on this machine, which a live key cannot use"):
        run(api, create, key="lomi_sk_live_x")
    assert len(api.requests) == 1


@pytest.mark.parametrize("run", FLAVOURS)
def test_an_operation_that_refuses_connected_accounts_sends_nothing(run: Run) -> None:
    api = API({"transaction_id": ID})
    run(api, lambda c: c.transactions.get(ID), account="acct_1")
    assert api.request.headers["lomi-account"] == "acct_1"
    for call in (lambda c: c.payouts.get(ID), lambda c: c.products.list(), lambda c: c.merchants.get(ID)):
        with pytest.raises(lomi.LomiConfigurationError, match="cannot act on a connected account"):
            run(api, call, account="acct_1")
    assert len(api.requests) == 1
    run(API({"payout_id": ID}), lambda c: c.with_options(account=None).payouts.get(ID), account="acct_1")
