"""Whether an operation may have happened, by its error: data of the operation, not of the status."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

import lomi

from .calls import CALLS
from .recording import API, FLAVOURS

Run = Callable[..., Any]
LEDGER = "Refund initiated in Stripe but ledger update failed; webhook will reconcile"
CASES = [
    ("payment_links.create", 404, "Payment link with ID x not found", lomi.LomiNotFoundError, "unknown"),
    ("payment_links.get", 404, "Payment link with ID x not found", lomi.LomiNotFoundError, "rejected"),
    ("refunds.create", 400, "Refund processing failed: timeout", lomi.LomiBadRequestError, "unknown"),
    ("refunds.create", 400, "Only completed transactions can be refunded", lomi.LomiBadRequestError, "rejected"),
    ("refunds.create", 404, "Transaction with ID x not found", lomi.LomiNotFoundError, "rejected"),
    ("refunds.create", 500, LEDGER, lomi.LomiRefundLedgerError, "unknown"),
    ("refunds.create", 500, "Stripe is not configured", lomi.LomiServerError, "unknown"),
    (
        "charges.create_card_charge",
        400,
        "Failed to register pending transaction: x",
        lomi.LomiBadRequestError,
        "unknown",
    ),
    ("charges.create_card_charge", 400, "amount must be a positive number", lomi.LomiBadRequestError, "rejected"),
    ("payouts.create", 400, "Payout method not found for this organization", lomi.LomiBadRequestError, "rejected"),
    ("payouts.create", 500, "Payout failed: no route", lomi.LomiServerError, "unknown"),
    ("checkout_sessions.create", 409, "Idempotency-Key was reused", lomi.LomiConflictError, "rejected"),
]


@pytest.mark.parametrize("run", FLAVOURS)
@pytest.mark.parametrize(("operation", "status", "message", "expected", "outcome"), CASES)
def test_outcomes(run: Run, operation: str, status: int, message: str, expected: type, outcome: str) -> None:
    code = {400: "bad_request", 404: "not_found", 409: "conflict", 500: "internal_error"}[status]
    api = API(httpx.Response(status, json={"error": {"code": code, "message": message, "details": None}}))
    call = next(each.call for each in CALLS if each.operation == operation)
    with pytest.raises(lomi.LomiAPIError) as caught:
        run(api, call, max_retries=2)
    assert type(caught.value) is expected
    assert (caught.value.outcome, caught.value.message) == (outcome, message)
    assert len(api.requests) == 1
