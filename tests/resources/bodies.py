"""What the API sends for accounts, products, subscriptions, coupons, organizations and webhooks: the examples of its contract."""

from __future__ import annotations

from typing import Any

PRODUCT: dict[str, Any] = {
    "product_id": "bde5933d-735a-4b9c-a7e2-195773167242",
    "organization_id": "501cce9d-3fdb-4258-9466-616fec7a75ef",
    "name": "Studio plan",
    "description": None,
    "product_type": "recurring",
    "images": None,
    "is_active": True,
    "display_on_storefront": True,
    "metadata": {"tier": "studio"},
    "sku": None,
    "inventory_quantity": None,
    "track_inventory": False,
    "continue_selling_when_out_of_stock": False,
    "created_by": "5dd290e9-2766-453c-8b7f-77e8f8d2b920",
    "created_at": "2026-01-15T09:50:00.123456+00:00",
    "updated_at": "2026-01-15T09:50:00.123456+00:00",
    "prices": [
        {
            "price_id": "c53504a6-1cd3-42fb-aa9f-a6ea1dda44f5",
            "product_id": "bde5933d-735a-4b9c-a7e2-195773167242",
            "organization_id": "501cce9d-3fdb-4258-9466-616fec7a75ef",
            "amount": 9900,
            "currency_code": "XOF",
            "billing_interval": "month",
            "is_default": True,
            "created_at": "2026-01-15T09:50:00.123456+00:00",
            "updated_at": "2026-01-15T09:50:00.123456+00:00",
        }
    ],
    "fees": [],
}

PRODUCTS: list[dict[str, Any]] = [
    {
        "product_id": "bde5933d-735a-4b9c-a7e2-195773167242",
        "organization_id": "501cce9d-3fdb-4258-9466-616fec7a75ef",
        "name": "Studio plan",
        "description": None,
        "product_type": "recurring",
        "images": None,
        "is_active": True,
        "display_on_storefront": True,
        "metadata": {"tier": "studio"},
        "sku": None,
        "inventory_quantity": None,
        "track_inventory": False,
        "continue_selling_when_out_of_stock": False,
        "created_by": "5dd290e9-2766-453c-8b7f-77e8f8d2b920",
        "created_at": "2026-01-15T09:50:00.123456+00:00",
        "updated_at": "2026-01-15T09:50:00.123456+00:00",
        "prices": [
            {
                "price_id": "c53504a6-1cd3-42fb-aa9f-a6ea1dda44f5",
                "product_id": "bde5933d-735a-4b9c-a7e2-195773167242",
                "organization_id": "501cce9d-3fdb-4258-9466-616fec7a75ef",
                "amount": 9900,
                "currency_code": "XOF",
                "billing_interval": "month",
                "is_default": True,
                "created_at": "2026-01-15T09:50:00.123456+00:00",
                "updated_at": "2026-01-15T09:50:00.123456+00:00",
            }
        ],
        "fees": [],
        "total_count": 1,
    }
]

PRICE: dict[str, Any] = {
    "price_id": "4800e1bc-8876-477f-b8ca-608d2a7c4efa",
    "product_id": "bde5933d-735a-4b9c-a7e2-195773167242",
    "organization_id": "501cce9d-3fdb-4258-9466-616fec7a75ef",
    "amount": 99000,
    "currency_code": "XOF",
    "billing_interval": "year",
    "is_default": False,
    "created_at": "2026-01-15T09:50:00.123456+00:00",
    "updated_at": "2026-01-15T09:50:00.123456+00:00",
}

SUBSCRIPTIONS: list[dict[str, Any]] = [
    {
        "subscription_id": "fcdb70c1-97f8-4d01-8124-e64e1b29e7c5",
        "customer_id": "f9806b85-f754-48af-9cea-d7a289c7205a",
        "customer_name": "Fatou Sow",
        "product_id": "bde5933d-735a-4b9c-a7e2-195773167242",
        "product_name": "Studio plan",
        "amount": 9900,
        "currency_code": "XOF",
        "status": "active",
        "start_date": "2026-01-15",
        "end_date": None,
        "next_billing_date": "2026-02-15",
        "metadata": None,
        "created_at": "2026-01-15T09:55:00.123456+00:00",
        "updated_at": "2026-01-15T09:55:00.123456+00:00",
    }
]

CANCELLED: dict[str, Any] = {
    "subscription_id": "fcdb70c1-97f8-4d01-8124-e64e1b29e7c5",
    "organization_id": "501cce9d-3fdb-4258-9466-616fec7a75ef",
    "merchant_id": "5dd290e9-2766-453c-8b7f-77e8f8d2b920",
    "customer_id": "f9806b85-f754-48af-9cea-d7a289c7205a",
    "customer_name": "Fatou Sow",
    "customer_email": "fatou@shop.example",
    "product_id": "bde5933d-735a-4b9c-a7e2-195773167242",
    "plan_name": "Studio plan",
    "plan_description": None,
    "plan_amount": 9900,
    "plan_currency_code": "XOF",
    "plan_billing_frequency": "month",
    "status": "cancelled",
    "start_date": "2026-01-15",
    "end_date": "2026-01-20",
    "next_billing_date": None,
    "metadata": {"cancellation_reason": "moving"},
    "created_at": "2026-01-15T09:55:00.123456+00:00",
    "updated_at": "2026-01-15T09:58:00.123456+00:00",
}

BY_CUSTOMER: list[dict[str, Any]] = [
    {
        "subscription_id": "fcdb70c1-97f8-4d01-8124-e64e1b29e7c5",
        "subscription_status": "active",
        "subscription_end_date": None,
        "subscription_next_billing_date": "2026-02-15",
        "product_id": "bde5933d-735a-4b9c-a7e2-195773167242",
        "product_name": "Studio plan",
        "product_description": None,
        "product_type": "recurring",
    }
]

CUSTOMER_SUBSCRIPTIONS: dict[str, Any] = {
    "success": True,
    "data": [
        {
            "subscription_id": "fcdb70c1-97f8-4d01-8124-e64e1b29e7c5",
            "customer_id": "f9806b85-f754-48af-9cea-d7a289c7205a",
            "status": "active",
        }
    ],
    "meta": {"limit": 20, "offset": 0, "total_returned": 1},
}

COUPON: dict[str, Any] = {
    "coupon_id": "1e68970e-30d5-4916-9359-28c7e70c4b91",
    "organization_id": "501cce9d-3fdb-4258-9466-616fec7a75ef",
    "code": "TABASKI",
    "discount_type": "percentage",
    "discount_percentage": 15,
    "discount_fixed_amount": None,
    "customer_type": "returning",
    "usage_frequency_limit": "per_month",
    "usage_limit_value": 1,
    "description": None,
    "is_active": True,
    "max_uses": 200,
    "current_uses": 0,
    "max_quantity_per_use": None,
    "valid_from": None,
    "expires_at": "2026-06-30T00:00:00+00:00",
    "scope_type": "organization_wide",
    "product_links": [],
    "plan_links": [],
    "created_at": "2026-01-15T09:59:00.123456+00:00",
    "updated_at": "2026-01-15T09:59:00.123456+00:00",
}

PERFORMANCE: list[dict[str, Any]] = [
    {
        "total_uses": 12,
        "total_discounts": 18000,
        "average_discount": 1500,
        "total_revenue": 102000,
        "unique_customers": 11,
    }
]

BREAKDOWNS: list[dict[str, Any]] = [
    {
        "currency_code": "XOF",
        "available_balance": 275000,
        "pending_balance": 42500,
        "unavailable_balance": 0,
        "total_balance": 317500,
        "target_currency": "EUR",
        "converted_available_balance": 419.23,
        "converted_pending_balance": 64.79,
        "converted_unavailable_balance": 0,
        "converted_total_balance": 484.02,
    }
]

METRICS: dict[str, Any] = {
    "mrr": 99000,
    "arr": 1188000,
    "total_revenue": 2450000,
    "total_transactions": 310,
    "total_customers": 95,
    "currency_code": "XOF",
    "calculated_at": "2026-01-15T09:00:00.123456+00:00",
}

ME: dict[str, Any] = {
    "merchant_id": "5dd290e9-2766-453c-8b7f-77e8f8d2b920",
    "organization_id": "501cce9d-3fdb-4258-9466-616fec7a75ef",
    "organization_name": "Atelier Baobab",
    "environment": "test",
}

CREATED_WEBHOOK: dict[str, Any] = {
    "data": {
        "webhook_id": "a777249e-a273-4f1c-985f-4adc3620a5cd",
        "url": "https://shop.example/hooks/lomi",
        "authorized_events": ["PAYMENT_SUCCEEDED", "PAYMENT_FAILED"],
        "is_active": True,
        "environment": "test",
        "organization_id": "501cce9d-3fdb-4258-9466-616fec7a75ef",
        "created_by": "5dd290e9-2766-453c-8b7f-77e8f8d2b920",
        "metadata": {"description": "orders"},
        "supports_spi": False,
        "spi_event_types": None,
        "retry_count": 0,
        "last_triggered_at": None,
        "last_response_status": None,
        "last_response_body": None,
        "last_payload": None,
        "deleted_at": None,
        "created_at": "2026-01-15T09:01:00.123456+00:00",
        "updated_at": "2026-01-15T09:01:00.123456+00:00",
        "id": "a777249e-a273-4f1c-985f-4adc3620a5cd",
        "events": ["PAYMENT_SUCCEEDED", "PAYMENT_FAILED"],
        "active": True,
    },
    "secret": "whsec_example_only",
}

WEBHOOKS: list[dict[str, Any]] = [
    {
        "webhook_id": "a777249e-a273-4f1c-985f-4adc3620a5cd",
        "url": "https://shop.example/hooks/lomi",
        "authorized_events": ["PAYMENT_SUCCEEDED", "PAYMENT_FAILED"],
        "is_active": True,
        "environment": "test",
        "organization_id": "501cce9d-3fdb-4258-9466-616fec7a75ef",
        "created_by": "5dd290e9-2766-453c-8b7f-77e8f8d2b920",
        "metadata": {"description": "orders"},
        "supports_spi": False,
        "spi_event_types": None,
        "retry_count": 0,
        "last_triggered_at": None,
        "last_response_status": None,
        "last_response_body": None,
        "last_payload": None,
        "deleted_at": None,
        "created_at": "2026-01-15T09:01:00.123456+00:00",
        "updated_at": "2026-01-15T09:01:00.123456+00:00",
        "id": "a777249e-a273-4f1c-985f-4adc3620a5cd",
        "events": ["PAYMENT_SUCCEEDED", "PAYMENT_FAILED"],
        "active": True,
    }
]

DELIVERY_LOGS: list[dict[str, Any]] = [
    {
        "log_id": "ce72cfcf-6d52-40ac-9abf-be573a1a6132",
        "webhook_id": "a777249e-a273-4f1c-985f-4adc3620a5cd",
        "organization_id": "501cce9d-3fdb-4258-9466-616fec7a75ef",
        "event_type": "PAYMENT_SUCCEEDED",
        "payload": {
            "id": "5a3cf756-ac49-48dd-87bc-5d184e7ba866",
            "event": "PAYMENT_SUCCEEDED",
            "timestamp": "2026-01-15T09:34:01.250Z",
            "data": {
                "transaction_id": "fde7e16a-b727-421d-a8cf-d092f7bda172",
                "organization_id": "501cce9d-3fdb-4258-9466-616fec7a75ef",
                "customer_id": "f9806b85-f754-48af-9cea-d7a289c7205a",
                "product_id": None,
                "subscription_id": None,
                "transaction_type": "payment",
                "status": "completed",
                "description": "Baobab order 1881",
                "gross_amount": 24500,
                "fee_amount": 910.5,
                "net_amount": 23589.5,
                "currency_code": "XOF",
                "provider_code": "WAVE",
                "payment_method_code": "MOBILE_MONEY",
                "metadata": {"order": "1881", "wave_payment_status": "succeeded"},
                "fee_name": "Mobile money",
                "fee_category": "payment_processing",
                "fee_subcategory": "mobile_money",
                "created_at": "2026-01-15T09:33:00.123456+00:00",
                "updated_at": "2026-01-15T09:34:00.123456+00:00",
            },
            "lomi_environment": "production",
        },
        "response_status": 200,
        "response_body": "ok",
        "attempt_number": 1,
        "success": True,
        "headers": None,
        "ip_address": None,
        "user_agent": None,
        "request_duration_ms": None,
        "created_at": "2026-01-15T09:34:01.123456+00:00",
    }
]

RETRY: dict[str, Any] = {"delivered": True, "response_status": 200, "event_id": "5a3cf756-ac49-48dd-87bc-5d184e7ba866"}

PORTAL_SESSION: dict[str, Any] = {
    "customer_id": "f9806b85-f754-48af-9cea-d7a289c7205a",
    "organization_id": "501cce9d-3fdb-4258-9466-616fec7a75ef",
    "launch_token": "example-launch-token",
    "launch_url": "https://customers.lomi.africa/launch?token=example-launch-token",
    "expires_in_seconds": 900,
    "flow_type": "portal_home",
    "flow_subscription_id": None,
    "return_url": "https://shop.example/account",
    "flow_after_completion_url": None,
}

# Not among the examples: put together from the published types.
ACCOUNT: dict[str, Any] = {
    "account_id": "0e5b3f4e-2f53-4a1b-a9f1-7f8a3f1f6f0d",
    "organization_id": "501cce9d-3fdb-4258-9466-616fec7a75ef",
    "balance": 275000,
    "currency_code": "XOF",
    "is_spi_account": True,
    "spi_account_number": "CI0010100000000000000001",
    "spi_account_type": "CACC",
    "spi_account_status": "OUVERT",
    "spi_account_balance": 275000,
    "spi_account_balance_synced_at": "2026-01-15T09:00:00.123456+00:00",
    "spi_account_balance_sync_error": None,
    "created_at": "2026-01-15T09:00:00.123456+00:00",
    "updated_at": "2026-01-15T09:00:00.123456+00:00",
}
BALANCES: list[dict[str, Any]] = [
    {"currency_code": "XOF", "balance": 275000, "last_updated": "2026-01-15T09:00:00.123456+00:00"},
    {"currency_code": "EUR", "balance": 19.99, "last_updated": "2026-01-15T09:00:00.123456+00:00"},
]
ORGANIZATION: dict[str, Any] = {
    "organization_id": "501cce9d-3fdb-4258-9466-616fec7a75ef",
    "name": "Atelier Baobab",
    "email": "bonjour@baobab.example",
    "phone_number": "+2250700000001",
    "verification_status": "verified",
    "website_url": None,
    "logo_url": None,
    "status": "active",
    "default_currency": "XOF",
    "slug": "atelier-baobab",
    "storefront_enabled": True,
    "total_revenue": 2450000,
    "total_transactions": 310,
    "total_merchants": 1,
    "total_customers": 95,
    "mrr": 99000,
    "arr": 1188000,
    "employee_number": "1-10",
    "industry": "crafts",
    "has_payout_pin": False,
    "is_starter_business": False,
    "created_at": "2026-01-15T09:00:00.123456+00:00",
    "updated_at": "2026-01-15T09:00:00.123456+00:00",
}
PORTAL_AUDIT: dict[str, Any] = {
    "events": [
        {
            "event_id": "b8d8b2c0-94c6-4a7e-8d6c-2a3a0a6a9f0b",
            "organization_id": "501cce9d-3fdb-4258-9466-616fec7a75ef",
            "customer_id": "f9806b85-f754-48af-9cea-d7a289c7205a",
            "event_type": "session_launched",
            "metadata": {"ip": "203.0.113.7"},
            "created_at": "2026-01-15T09:00:00.123456+00:00",
        }
    ],
    "pagination": {"page": 1, "pageSize": 50, "totalCount": 1, "totalPages": 1},
}
