"""The data that a sandbox starts with, and more of its kind. The same for everybody but for ids and times."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import Final

from ._clock import SECOND, to_micros
from ._customers import searchable
from ._dialects import EXAMPLE_UUID
from ._store import Identifiers, SqlValue, Store

MERCHANT_ID: Final = "904d003c-3736-41d4-90a5-9de74d404fd7"
ORGANIZATION_ID: Final = "3f2a7c51-8d0e-4b63-9a1f-5c6e2d4b8a90"
DEFAULT_API_KEY: Final = "lomi_sk_test_sandbox"
CUSTOMERS: Final = 150
TRANSACTIONS: Final = 240
BALANCES: Final = {"XOF": 250_000, "USD": 105_000, "EUR": 48_250}
HOUR: Final = 3600 * SECOND

FIRST_NAMES: Final = (
    *("Amadou", "Aminata", "Kouassi", "Fatou", "Moussa", "Adjoua", "Ibrahima", "Awa", "Koffi", "Mariama"),
    *("Ousmane", "Akissi", "Seydou", "Khady", "Kodjo", "Rokia", "Boubacar", "Afi", "Cheikh", "Salimata"),
    *("Komlan", "Nafissatou", "Abdoulaye", "Essi", "Yacouba", "Affoué", "Modibo", "Ndèye", "Idrissa"),
)
FAMILY_NAMES: Final = (
    *("Ba", "Diallo", "Kouamé", "Ndiaye", "Traoré", "N'Guessan", "Diop", "Coulibaly", "Mensah", "Sow"),
    *("Ouédraogo", "Keïta", "Fall", "Koné", "Agbeko", "Camara", "Sawadogo", "Dossou", "Touré", "Sy"),
    *("Hounkpatin", "Condé", "Ouattara"),
)
TRADES: Final = ("Boulangerie", "Pharmacie", "Garage", "Quincaillerie", "Couture", "Transport", "Librairie")

# Country, calling code, how its mobile numbers begin, digits that follow, postal code, cities.
PLACES: Final = (
    ("Senegal", "+221", "77", 7, "11000", ("Dakar", "Thiès", "Saint-Louis")),
    ("Ivory Coast", "+225", "07", 8, "00225", ("Abidjan", "Bouaké", "Yamoussoukro")),
    ("Mali", "+223", "76", 6, None, ("Bamako", "Sikasso", "Ségou")),
    ("Burkina Faso", "+226", "70", 6, None, ("Ouagadougou", "Bobo-Dioulasso")),
    ("Togo", "+228", "90", 6, None, ("Lomé", "Kara")),
    ("Benin", "+229", "97", 6, None, ("Cotonou", "Porto-Novo")),
    ("Niger", "+227", "96", 6, "8000", ("Niamey", "Zinder")),
    ("Guinea", "+224", "62", 7, "001", ("Conakry", "Kindia")),
)
STATUSES: Final = (
    "completed",
    "completed",
    "completed",
    "completed",
    "failed",
    "completed",
    "pending",
    "refunded",
)
METHODS: Final = (("WAVE", "WAVE"), ("ORANGE_MONEY", "ORANGE"), ("MTN_MOMO", "MTN"), ("CARDS", "STRIPE"))
CURRENCIES: Final = ("XOF", "XOF", "XOF", "XOF", "XOF", "XOF", "USD", "EUR")

CUSTOMER_COLUMNS: Final = (
    *(
        "number",
        "customer_id",
        "merchant_id",
        "environment",
        "name",
        "email",
        "phone_number",
        "whatsapp_number",
    ),
    *(
        "country",
        "city",
        "address",
        "postal_code",
        "is_business",
        "metadata",
        "search",
        "created_at",
        "updated_at",
    ),
)
TRANSACTION_COLUMNS: Final = (
    *("number", "transaction_id", "customer_id", "merchant_id", "environment", "status", "gross_amount"),
    *("currency_code", "description", "metadata", "payment_method_code", "provider_code", "created_at"),
)


def plant(store: Store, ids: Identifiers, api_key: str, customers: int, now: int) -> None:
    """The merchant of the vendor's page, with its figures, its customers and what some of them paid."""
    created, updated = _moment(2023, 1, 15, 10, 30), _moment(2023, 2, 20, 14, 45)
    store.insert(
        "merchants",
        {
            "merchant_id": MERCHANT_ID,
            "organization_id": ORGANIZATION_ID,
            "name": "Test Merchant",
            "email": "merchant@example.com",
            "phone_number": "+123456789",
            "country": "SN",
            "currency_code": "XOF",
            "mrr": 50_000,
            "arr": 600_000,
            "merchant_lifetime_value": 1_200_000,
            "retry_payment_every": 3,
            "total_retries": 5,
            "metadata": json.dumps({"industry": "e-commerce"}),
            "capabilities": "[]",
            "created_at": created,
            "updated_at": updated,
        },
    )
    store.insert("keys", {"key": api_key, "merchant_id": MERCHANT_ID, "environment": "test"})
    for currency, balance in BALANCES.items():
        store.insert(
            "balances",
            {"merchant_id": MERCHANT_ID, "currency_code": currency, "balance": balance, "updated_at": now},
        )
    if customers == 0:
        return
    _plant_example(store, ids, now)
    # One customer every nine hours or so, up to yesterday.
    planted = [EXAMPLE_UUID]
    planted += add_customers(store, ids, MERCHANT_ID, "test", customers - 1, now - 24 * HOUR, 9 * HOUR)
    # Two in three have paid; the others are the inactive ones.
    paying = [identifier for position, identifier in enumerate(planted) if position % 3 != 2]
    add_transactions(store, ids, MERCHANT_ID, "test", TRANSACTIONS * customers // CUSTOMERS, paying, now - HOUR, HOUR)
    count_transactions(store, MERCHANT_ID)


def add_customers(
    store: Store, ids: Identifiers, merchant_id: str, environment: str, count: int, newest: int, step: int
) -> list[str]:
    """Customers, `step` microseconds apart; returns their ids, the oldest first."""
    first = store.next_number("customers")
    identifiers = [ids.make("customer", number) for number in range(first, first + count)]

    def rows() -> Iterator[tuple[SqlValue, ...]]:
        for position, identifier in enumerate(identifiers):
            created = newest - (count - 1 - position) * step
            yield (
                first + position,
                identifier,
                merchant_id,
                environment,
                *_person(first + position),
                created,
                created,
            )

    store.insert_many("customers", CUSTOMER_COLUMNS, rows())
    return identifiers


def add_transactions(
    store: Store,
    ids: Identifiers,
    merchant_id: str,
    environment: str,
    count: int,
    customers: Sequence[str],
    newest: int,
    step: int,
) -> None:
    """Transactions, one customer after the other, `step` microseconds apart."""
    first = store.next_number("transactions")

    def rows() -> Iterator[tuple[SqlValue, ...]]:
        for number in range(first, first + count):
            method, provider = METHODS[number % len(METHODS)]
            yield (
                number,
                ids.make("transaction", number),
                customers[(number - first) % len(customers)],
                merchant_id,
                environment,
                STATUSES[number % len(STATUSES)],
                500 * (1 + number * 7919 % 180),
                CURRENCIES[number * 5 % len(CURRENCIES)],
                f"Order {1000 + number}",
                None,
                method,
                provider,
                newest - (first + count - 1 - number) * step,
            )

    store.insert_many("transactions", TRANSACTION_COLUMNS, rows())


def count_transactions(store: Store, merchant_id: str) -> None:
    """Bring the count of each customer, which decides who is active, up to date."""
    store.run(
        "UPDATE customers SET paid = (SELECT count(*) FROM transactions"
        " WHERE transactions.customer_id = customers.customer_id) WHERE merchant_id = ?",
        merchant_id,
    )


def _plant_example(store: Store, ids: Identifiers, now: int) -> None:
    """The customer of the page's examples, with the payment that the page shows."""
    created = min(_moment(2024, 1, 10, 9, 0), now)
    name, email = "Amadou Ba", "amadou.ba@example.com"
    store.insert(
        "customers",
        {
            "number": 1,
            "customer_id": EXAMPLE_UUID,
            "merchant_id": MERCHANT_ID,
            "environment": "test",
            "name": name,
            "email": email,
            "phone_number": "+221771234567",
            "country": "Senegal",
            "city": "Dakar",
            "address": "12 Rue Carnot",
            "postal_code": "11000",
            "is_business": 0,
            "metadata": json.dumps({"internal_id": "USER_123"}),
            "search": searchable(name, email),
            "created_at": created,
            "updated_at": created,
        },
    )
    payments = (("Payment for Product A", 10_000, 15), ("Payment for Product B", 25_000, 22))
    for number, (description, amount, day) in enumerate(payments, 1):
        store.insert(
            "transactions",
            {
                "number": number,
                "transaction_id": ids.make("transaction", number),
                "customer_id": EXAMPLE_UUID,
                "merchant_id": MERCHANT_ID,
                "environment": "test",
                "status": "completed",
                "gross_amount": amount,
                "currency_code": "XOF",
                "description": description,
                "payment_method_code": "WAVE",
                "provider_code": "WAVE",
                "created_at": _moment(2024, 1, day, 10, 30),
            },
        )


def _person(number: int) -> tuple[SqlValue, ...]:
    """Name to search text of the customer with this number; every fifth is a business."""
    business = number % 5 == 0
    family = FAMILY_NAMES[number * 7 % len(FAMILY_NAMES)]
    country, calling, prefix, digits, postal_code, cities = PLACES[number % len(PLACES)]
    city = cities[number // len(PLACES) % len(cities)]
    name = (
        f"{TRADES[number // 5 % len(TRADES)]} {family}"
        if business
        else f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {family}"
    )
    email = f"{_slug(name)}.{number}@example.com"
    phone = f"{calling}{prefix}{number * 104_729 % 10**digits:0{digits}}"
    return (
        name,
        email,
        phone,
        phone if number % 2 else None,
        country,
        city,
        f"{1 + number % 98} Avenue de l'Indépendance",
        postal_code,
        int(business),
        json.dumps({"internal_id": f"USER_{1000 + number}"}),
        searchable(name, email),
    )


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return ".".join("".join(letter for letter in word if letter.isalnum()) for word in plain.split())


def _moment(year: int, month: int, day: int, hour: int, minute: int) -> int:
    return to_micros(datetime(year, month, day, hour, minute, tzinfo=timezone.utc))
