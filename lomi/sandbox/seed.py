"""The data that a sandbox starts with, and more of its kind. The same in every sandbox, but for ids and times."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Final

from .amounts import exact, to_major
from .clock import HOUR, to_micros
from .engine import Engine
from .ledger import Book, balance, capture, open_account, open_with
from .paying import transaction_body
from .store import Record, Values, by
from .wire import EXAMPLE_UUID

MERCHANT_ID: Final = "904d003c-3736-41d4-90a5-9de74d404fd7"
ORGANIZATION_ID: Final = "3f2a7c51-8d0e-4b63-9a1f-5c6e2d4b8a90"
DEFAULT_API_KEY: Final = "lomi_sk_test_sandbox"
CUSTOMERS: Final = 150
TRANSACTIONS: Final = 240
BALANCES: Final = {"XOF": 250_000, "USD": 105_000, "EUR": 48_250}

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
STATUSES: Final = (*("completed",) * 4, "failed", "completed", "pending", "refunded")
METHODS: Final = (("WAVE", "WAVE"), ("ORANGE_MONEY", "ORANGE"), ("MTN_MOMO", "MTN"), ("CARDS", "STRIPE"))
CURRENCIES: Final = (*("XOF",) * 6, "USD", "EUR")


def plant(engine: Engine, api_key: str, customers: int) -> None:
    """Add the merchant of the vendor's page, with its figures, its customers and what some of them paid."""
    now = engine.now
    created, updated = _moment(2023, 1, 15, 10, 30), _moment(2023, 2, 20, 14, 45)
    merchant: Values = {
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
        "metadata": {"industry": "e-commerce"},
    }
    add(engine, "merchants", 1, MERCHANT_ID, MERCHANT_ID, "test", merchant, created, updated)
    engine.create("keys", {}, owner=MERCHANT_ID, id=api_key)
    books = {Book(MERCHANT_ID, "test", currency): held for currency, held in BALANCES.items()}
    for book in books:
        open_account(engine, book)
    if customers:
        _plant_customers(engine, now, customers)
    for book, amount in books.items():
        # What makes the balance the one of the page, whatever the planted payments came to.
        opening = exact(to_major(amount, book.currency_code), book.currency_code)
        open_with(engine, book, opening - balance(engine.store, book))


def _plant_customers(engine: Engine, now: int, customers: int) -> None:
    _plant_example(engine, now)
    # One customer every nine hours or so, up to yesterday.
    planted = [EXAMPLE_UUID]
    planted += add_customers(engine, MERCHANT_ID, "test", customers - 1, now - 24 * HOUR, 9 * HOUR)
    # Two in three have paid; the others are the inactive ones.
    paying = [identifier for position, identifier in enumerate(planted) if position % 3 != 2]
    add_transactions(engine, MERCHANT_ID, "test", TRANSACTIONS * customers // CUSTOMERS, paying, now - HOUR, HOUR)
    for each in engine.store.select("transactions", *by(status="completed")):
        capture(engine, each)
        engine.store.save(each)


def add_customers(engine: Engine, merchant_id: str, environment: str, count: int, newest: int, step: int) -> list[str]:
    """Add customers, `step` microseconds apart; return their ids, the oldest first."""
    first = engine.store.next_number("customers")
    identifiers = [engine.ids.make("customer", number) for number in range(first, first + count)]
    search = engine.kinds["customers"].search

    def made(position: int, identifier: str) -> Record:
        person = _person(first + position)
        created = newest - (count - 1 - position) * step
        return Record(
            *("customers", first + position, identifier, merchant_id, environment, None, person),
            *(created, created, created),
            search=search(person),
        )

    engine.store.add(made(position, identifier) for position, identifier in enumerate(identifiers))
    return identifiers


def add_transactions(
    engine: Engine, merchant_id: str, environment: str, count: int, customers: Sequence[str], newest: int, step: int
) -> list[Record]:
    """Add transactions, one customer after the other, `step` microseconds apart; return them."""
    first = engine.store.next_number("transactions")
    records: list[Record] = []
    for number in range(first, first + count):
        method, provider = METHODS[number % len(METHODS)]
        amount, created = 500 * (1 + number * 7919 % 180), newest - (first + count - 1 - number) * step
        currency = CURRENCIES[number * 5 % len(CURRENCIES)]
        body = transaction_body(
            *(customers[(number - first) % len(customers)], to_major(amount, currency), currency, provider, method),
            description=f"Order {1000 + number}",
        )
        identifier, status = engine.ids.make("transaction", number), STATUSES[number % len(STATUSES)]
        records.append(
            Record(
                *("transactions", number, identifier, merchant_id, environment, status, body),
                *(created, created, created),
            )
        )
    engine.store.add(records)
    return records


def add(
    engine: Engine,
    type: str,
    number: int,
    id: str,
    owner: str,
    environment: str,
    body: Values,
    created: int,
    updated: int | None = None,
    status: str | None = None,
) -> None:
    """Add an object as it would have become: without a step, an effect or an event."""
    search = engine.kinds[type].search(body)
    times = (created, created if updated is None else updated, created)
    engine.store.add([Record(type, number, id, owner, environment, status, body, *times, search=search)])


def _plant_example(engine: Engine, now: int) -> None:
    """Add the customer of the page's examples, with the payments that the page shows."""
    created = min(_moment(2024, 1, 10, 9, 0), now)
    person: Values = {
        "name": "Amadou Ba",
        "email": "amadou.ba@example.com",
        "phone_number": "+221771234567",
        "country": "Senegal",
        "city": "Dakar",
        "address": "12 Rue Carnot",
        "postal_code": "11000",
        "is_business": False,
        "metadata": {"internal_id": "USER_123"},
    }
    add(engine, "customers", 1, EXAMPLE_UUID, MERCHANT_ID, "test", person, created)
    payments = (("Payment for Product A", 10_000, 15), ("Payment for Product B", 25_000, 22))
    for number, (description, amount, day) in enumerate(payments, 1):
        add(
            *(engine, "transactions", number, engine.ids.make("transaction", number), MERCHANT_ID, "test"),
            transaction_body(EXAMPLE_UUID, amount, "XOF", "WAVE", "WAVE", description=description),
            _moment(2024, 1, day, 10, 30),
            status="completed",
        )


def _person(number: int) -> Values:
    """Return the customer with this number; every fifth is a business."""
    business = number % 5 == 0
    family = FAMILY_NAMES[number * 7 % len(FAMILY_NAMES)]
    country, calling, prefix, digits, postal_code, cities = PLACES[number % len(PLACES)]
    name = (
        f"{TRADES[number // 5 % len(TRADES)]} {family}"
        if business
        else f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {family}"
    )
    phone = f"{calling}{prefix}{number * 104_729 % 10**digits:0{digits}}"
    return {
        "name": name,
        "email": f"{_slug(name)}.{number}@example.com",
        "phone_number": phone,
        "whatsapp_number": phone if number % 2 else None,
        "country": country,
        "city": cities[number // len(PLACES) % len(cities)],
        "address": f"{1 + number % 98} Avenue de l'Indépendance",
        "postal_code": postal_code,
        "is_business": business,
        "metadata": {"internal_id": f"USER_{1000 + number}"},
    }


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return ".".join("".join(letter for letter in word if letter.isalnum()) for word in plain.split())


def _moment(year: int, month: int, day: int, hour: int, minute: int) -> int:
    return to_micros(datetime(year, month, day, hour, minute, tzinfo=timezone.utc))
