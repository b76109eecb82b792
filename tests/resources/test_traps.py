"""Traps that a reader found: each is refused, masked or reported before money goes astray."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

import lomi
from lomi._core.operations import may_have_happened
from lomi._core.response import Response

from .recording import API, synchronous

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
