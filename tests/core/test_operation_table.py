from __future__ import annotations

import pytest

import lomi
from lomi._core.operation_table import OPERATIONS, error_class_of, may_have_happened

REGISTER = "Failed to register pending transaction: duplicate key"
LEDGER = "Refund initiated in Stripe but ledger update failed; webhook will reconcile"


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
    assert may_have_happened(operation, status, message) is unknown


def test_a_refund_that_is_not_recorded_is_an_error_of_its_own() -> None:
    assert error_class_of("refunds.create", 500, LEDGER) is lomi.LomiRefundLedgerError
    assert error_class_of("refunds.create", 500, "Stripe is not configured") is None
    assert error_class_of("refunds.create", 400, LEDGER) is None
    assert error_class_of("payouts.create", 500, LEDGER) is None
    assert error_class_of(None, 500, LEDGER) is None
    assert lomi.LomiRefundLedgerError("x").outcome == "unknown"
    assert issubclass(lomi.LomiRefundLedgerError, lomi.LomiServerError)


def test_who_takes_a_key_and_whom_they_can_act_for() -> None:
    assert {name for name, data in OPERATIONS.items() if data.takes_key} == {
        "checkout_sessions.create",
        "payment_requests.create",
    }
    assert not any(OPERATIONS[name].takes_account for name in ("payment_links.create", "payment_requests.create"))
    assert OPERATIONS["refunds.create"].takes_account
