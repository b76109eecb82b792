from __future__ import annotations

import pytest

import lomi
from lomi._core.operations import (
    ACCOUNT_CAPABILITIES,
    error_class_of,
    is_repeatable,
    may_have_happened,
    refuse_account,
)
from lomi._core.response import Response

from .factories import request, response

REGISTER = "Failed to register pending transaction: duplicate key"
LEDGER = "Refund initiated in Stripe but ledger update failed; webhook will reconcile"


def error(status: int, message: object) -> Response:
    return response(status, {"error": {"code": "x", "message": message}})


@pytest.mark.parametrize(
    ("method", "key", "repeatable"),
    [
        ("GET", None, True),
        ("HEAD", None, True),
        ("DELETE", None, True),
        ("PATCH", None, False),
        ("PUT", None, False),
        ("POST", None, False),
        ("POST", "key-1", True),
    ],
)
def test_patch_and_put_are_not_repeated_after_an_unknown_attempt(method, key, repeatable) -> None:
    assert is_repeatable(request(method, idempotency_key=key)) is repeatable


@pytest.mark.parametrize("status", [301, 302, 303, 500, 503])
def test_a_write_may_have_happened_after_a_redirect_or_a_failure(status) -> None:
    assert may_have_happened(request("PATCH"), response(status))
    assert may_have_happened(request("GET"), response(status)) is (status >= 500)


def test_a_message_that_is_no_text_tells_nothing() -> None:
    assert not may_have_happened(request("POST", operation="charges.create_card_charge"), error(400, ["x"]))


@pytest.mark.parametrize(
    ("operation", "status", "message", "unknown"),
    [
        ("payment_links.create", 404, "Payment link with ID x not found or access denied", True),
        ("payment_links.create", 400, "bad", False),
        ("payment_links.get", 404, "not found", False),
        ("refunds.create", 400, "Refund processing failed: timeout", True),
        ("refunds.create", 400, "duplicate key value violates unique constraint", True),
        ("refunds.create", 400, "", True),
        ("refunds.create", 400, "Only completed transactions can be refunded", False),
        ("refunds.create", 400, "Refund amount exceeds transaction gross amount", False),
        ("refunds.create", 400, "Transaction has no customer; partial refunds need one", False),
        ("refunds.create", 404, "Transaction with ID x not found or access denied", False),
        ("charges.create_card_charge", 400, REGISTER, True),
        ("charges.create_card_charge", 400, "amount must be a positive number", False),
        ("payouts.create", 400, "insufficient balance", False),
        ("checkout_sessions.create", 409, "reused", False),
        (None, 404, "", False),
    ],
)
def test_what_may_have_happened(operation: str | None, status: int, message: str, unknown: bool) -> None:
    assert may_have_happened(request("POST", operation=operation), error(status, message)) is unknown


def test_a_refund_that_is_not_recorded_is_an_error_of_its_own() -> None:
    assert error_class_of(request("POST", operation="refunds.create"), error(500, LEDGER)) is lomi.LomiRefundLedgerError
    assert error_class_of(request("POST", operation="refunds.create"), error(500, "Stripe is not configured")) is None
    assert error_class_of(request("POST", operation="refunds.create"), error(400, LEDGER)) is None
    assert error_class_of(request("POST", operation="payouts.create"), error(500, LEDGER)) is None
    assert error_class_of(request("POST", operation=None), error(500, LEDGER)) is None
    assert lomi.LomiRefundLedgerError("x").outcome == "unknown"
    assert issubclass(lomi.LomiRefundLedgerError, lomi.LomiServerError)


def test_a_connected_account_is_for_some_operations_only() -> None:
    refuse_account("refunds.create")
    assert ACCOUNT_CAPABILITIES["refunds.create"] == "refund.create"
    with pytest.raises(
        lomi.LomiConfigurationError, match=r"payouts\.create cannot act on a connected account"
    ) as caught:
        refuse_account("payouts.create")
    assert caught.value.outcome == "not_sent"
