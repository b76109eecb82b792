"""What the API answers, in both dialects, as recorded: the one place where tests get it from.

`docs` is what the vendor's pages promise, `server` what the deployed server was observed to answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import lomi

Dialect = Literal["docs", "server"]
DIALECTS: tuple[Dialect, ...] = ("docs", "server")

BASE_URL = "https://sandbox.api.lomi.africa"
# Nobody's keys; long enough to be found wherever they should not be.
TEST_KEY = "lomi_sk_test_5f2dd1c6c3a94a6b8a5e"
LIVE_KEY = "lomi_sk_live_0b1e7f7b2c9d4e51a3f8"

MERCHANT_ID = "904d003c-3736-41d4-90a5-9de74d404fd7"
UUID = "3f1c2d4e-8a7b-4c6d-9e0f-1a2b3c4d5e6f"
CUSTOMER_IDS: Mapping[Dialect, str] = {"docs": "cus_abc123...", "server": UUID}
REQUEST_ID = "550e8400-e29b-41d4-a716-446655440000"

_PERSON = {
    "organization_id": "org_7c51",
    "name": "Amadou Ba",
    "email": "amadou.ba@example.com",
    "phone_number": "+221771234567",
    "whatsapp_number": None,
    "country": "Senegal",
    "city": "Dakar",
    "address": "",
    "postal_code": "",
    "is_business": False,
}
CUSTOMER: Mapping[Dialect, dict[str, Any]] = {
    "docs": {
        "id": CUSTOMER_IDS["docs"],
        **_PERSON,
        "metadata": {"internal_id": "USER_123"},
        "created_at": "2024-01-10T09:00:00Z",
        "updated_at": "2024-01-10T09:00:00Z",
    },
    "server": {
        "customer_id": CUSTOMER_IDS["server"],
        **_PERSON,
        "metadata": {"internal_id": "USER_123"},
        "environment": "test",
        "created_at": "2024-01-10T09:00:00.123456+00:00",
        "updated_at": "2024-01-10T09:00:00.5+00:00",
    },
}
LIST_ITEM: Mapping[Dialect, dict[str, Any]] = {
    "docs": CUSTOMER["docs"],
    # A listing is thinner: metadata is always null, environment is not there.
    "server": {
        **{name: value for name, value in CUSTOMER["server"].items() if name != "environment"},
        "metadata": None,
    },
}
TRANSACTIONS: Mapping[Dialect, list[dict[str, Any]]] = {
    "docs": [
        {
            "transaction_id": "tx_def456...",
            "description": "Payment for Product A",
            "gross_amount": 10000,
            "currency_code": "XOF",
            "status": "completed",
            "created_at": "2024-01-15T10:30:00Z",
        }
    ],
    "server": [
        {
            "transaction_id": "0c0ffee0-1111-4222-8333-444455556666",
            "status": "completed",
            "gross_amount": 10000,
            "currency_code": "XOF",
            "description": "Payment for Product A",
            "metadata": None,
            "payment_method_code": "WAVE",
            "provider_code": "WAVE",
            "created_at": "2024-01-15T10:30:00+00:00",
        }
    ],
}
# The pages name no body for a deletion; 204 is what their errors page suggests.
DELETED: Mapping[Dialect, tuple[int, bytes]] = {
    "docs": (204, b""),
    "server": (200, b'{"message":"Customer deleted successfully"}'),
}
MERCHANT: dict[str, Any] = {
    "merchant_id": MERCHANT_ID,
    "name": "Test Merchant",
    "email": "merchant@example.com",
    "phone_number": "+123456789",
    "country": "SN",
    "mrr": 50000,
    "arr": 600000,
    "merchant_lifetime_value": 1200000,
    "retry_payment_every": 3,
    "total_retries": 5,
    "metadata": {"industry": "e-commerce"},
    "created_at": "2023-01-15T10:30:00Z",
    "updated_at": "2023-02-20T14:45:00Z",
}
MRR: dict[str, Any] = {
    "merchant_id": MERCHANT_ID,
    "mrr": 50000,
    "currency_code": "XOF",
    "as_of_date": "2023-04-01T00:00:00Z",
}
ARR: dict[str, Any] = {
    "merchant_id": MERCHANT_ID,
    "arr": 600000,
    "currency_code": "XOF",
    "as_of_date": "2023-04-01T00:00:00Z",
}
BALANCE: dict[str, Any] = {
    "merchant_id": MERCHANT_ID,
    "currency_code": "XOF",
    "balance": 250000,
    "as_of_date": "2023-04-01T12:30:45Z",
}


def enveloped(dialect: Dialect, data: dict[str, Any]) -> dict[str, Any]:
    """Return merchant data as the dialect wraps it."""
    return {"data": data} if dialect == "docs" else {"success": True, "data": data}


def listing(dialect: Dialect, items: list[dict[str, Any]], page: int, size: int, total: int) -> dict[str, Any]:
    """Return a page of customers; in the server dialect, one past the end knows of no total."""
    count = 0 if dialect == "server" and not items else total
    pagination = {"page": page, "pageSize": size, "totalCount": count, "totalPages": -(-count // size)}
    return {"customers": items, "pagination": pagination}


def customers(dialect: Dialect, count: int) -> list[dict[str, Any]]:
    """Return so many different list items."""
    key = "id" if dialect == "docs" else "customer_id"
    return [{**LIST_ITEM[dialect], key: f"cus_{number:04d}"} for number in range(count)]


@dataclass(frozen=True)
class ErrorAnswer:
    """An answer that says no, and what it has to become."""

    status: int
    body: bytes
    kind: type[lomi.LomiAPIError]
    code: str | None
    message: str
    details: Any = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    request_id: str | None = None

    def __str__(self) -> str:
        return f"{self.status}-{self.code}-{self.message[:20]}"


def _docs(status: int, code: str, message: str, kind: type[lomi.LomiAPIError], details: Any = None) -> ErrorAnswer:
    error = {"code": code, "message": message} | ({"details": details} if details is not None else {})
    return ErrorAnswer(status, json.dumps({"error": error}).encode(), kind, code, message, details)


def _server(status: int, code: str, message: str, kind: type[lomi.LomiAPIError], details: Any) -> ErrorAnswer:
    body = {"error": {"code": code, "message": message, "details": details}, "request_id": REQUEST_ID}
    return ErrorAnswer(
        status,
        json.dumps(body).encode(),
        kind,
        code.upper(),
        message,
        details,
        {"X-Request-Id": REQUEST_ID},
        REQUEST_ID,
    )


_REFUSED = "Access denied: merchant ID does not match API key"
_RAW = "permission denied for function get_merchant_balance"
ERRORS: Mapping[Dialect, tuple[ErrorAnswer, ...]] = {
    "docs": (
        _docs(400, "BAD_REQUEST", "Invalid input data", lomi.LomiBadRequestError, {"name": "is required"}),
        _docs(
            400,
            "MISSING_PARAMETER",
            "The `currency_code` query parameter is missing.",
            lomi.LomiMissingParameterError,
        ),
        _docs(401, "UNAUTHORIZED", "Authentication failed or API key is invalid.", lomi.LomiAuthError),
        _docs(403, "FORBIDDEN", "Not yours.", lomi.LomiPermissionError),
        _docs(404, "NOT_FOUND", "No MRR data found for the merchant.", lomi.LomiNotFoundError),
        _docs(
            404,
            "MERCHANT_NOT_FOUND",
            "No merchant found with the provided ID.",
            lomi.LomiMerchantNotFoundError,
        ),
        _docs(409, "CONFLICT", "The key was used with another body.", lomi.LomiConflictError),
        _docs(429, "RATE_LIMIT_EXCEEDED", "Too many requests.", lomi.LomiRateLimitError),
        _docs(500, "DATABASE_ERROR", "Error retrieving merchant details.", lomi.LomiDatabaseError),
        _docs(500, "INTERNAL_ERROR", "Internal server error.", lomi.LomiServerError),
        _docs(503, "SERVICE_UNAVAILABLE", "Down.", lomi.LomiServiceUnavailableError),
    ),
    "server": (
        _server(
            400,
            "bad_request",
            "Validation failed (numeric string is expected)",
            lomi.LomiBadRequestError,
            "Bad Request",
        ),
        _server(401, "unauthorized", "API Key is missing", lomi.LomiAuthError, "Unauthorized"),
        _server(403, "forbidden", _REFUSED, lomi.LomiPermissionError, "Forbidden"),
        _server(404, "not_found", _RAW, lomi.LomiNotFoundError, "Not Found"),
        _server(409, "conflict", "Idempotency-Key was reused", lomi.LomiConflictError, "Conflict"),
        _server(
            429,
            "rate_limit_exceeded",
            "Too many requests",
            lomi.LomiRateLimitError,
            {"retry_after_seconds": 900, "limit": 5000},
        ),
        _server(500, "internal_error", "An unexpected error occurred", lomi.LomiServerError, None),
        # Too much in the headers: no JSON, no request id.
        ErrorAnswer(
            431,
            b"",
            lomi.LomiAPIError,
            None,
            "Request Header Fields Too Large, with an empty body",
        ),
    ),
}
