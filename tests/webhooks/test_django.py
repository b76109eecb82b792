from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import django
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, UnreadablePostError
from django.test import AsyncClient, Client
from django.test.utils import override_settings
from django.urls import path

from lomi.webhooks import Event
from lomi.webhooks.django import webhook

from .deliveries import SECRET, VECTOR, Shop, headers

if not settings.configured:
    settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
    django.setup()

CSRF = "django.middleware.csrf.CsrfViewMiddleware"


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def urls(shop: Shop) -> Iterator[ModuleType]:
    module = ModuleType("webhook_test_urls")
    module.urlpatterns = [path("webhooks/lomi", webhook(shop, secrets=SECRET))]  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    with override_settings(ROOT_URLCONF=module.__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=[CSRF]):
        yield module
    del sys.modules[module.__name__]


@pytest.fixture
def orders(urls: ModuleType) -> Iterator[Any]:
    """A table, and a function that writes into it and fails."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE webhook_test_orders (number TEXT)")
        yield cursor
        cursor.execute("DROP TABLE webhook_test_orders")


def post(sent: bytes = VECTOR, **changes: str) -> Any:
    fields = {**headers(VECTOR), **{name.replace("_", "-"): value for name, value in changes.items()}}
    fields = {name.lower(): value for name, value in fields.items()}
    kind = fields.pop("content-type")
    client = Client(enforce_csrf_checks=True)
    return client.post("/webhooks/lomi", data=sent, content_type=kind, headers=fields)


@pytest.mark.usefixtures("urls")
def test_one_line_in_urls(shop: Shop) -> None:
    response = post()
    assert (response.status_code, response.json()) == (200, {"received": True})
    assert shop.events[0].raw == VECTOR
    assert post(x_lomi_signature="0" * 64).status_code == 401
    assert Client().get("/webhooks/lomi").status_code == 405
    assert post(content_type="application/x-www-form-urlencoded").status_code == 415
    assert len(shop.events) == 1


@pytest.mark.usefixtures("urls")
def test_the_limit_is_that_of_the_endpoint(shop: Shop) -> None:
    assert post(b"x" * 2_000_000).status_code == 413
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
        assert post().status_code == 200


class ReadsBody:
    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        assert request.body == VECTOR
        return self.get_response(request)


class ReadsStream(ReadsBody):
    def __call__(self, request: HttpRequest) -> Any:
        request.read()
        return self.get_response(request)


@pytest.mark.usefixtures("urls")
def test_a_middleware_that_reads_the_body(shop: Shop) -> None:
    with override_settings(MIDDLEWARE=[f"{__name__}.ReadsBody"]):
        assert post().status_code == 200
    with override_settings(MIDDLEWARE=[f"{__name__}.ReadsStream"]):
        assert post().status_code == 503
    assert len(shop.events) == 1


@pytest.mark.usefixtures("urls")
def test_a_client_that_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(self: HttpRequest, *args: object) -> bytes:
        raise UnreadablePostError

    monkeypatch.setattr(HttpRequest, "read", read)
    assert post().status_code == 400


@pytest.mark.parametrize(("atomic", "kept"), [(True, 0), (False, 1)])
def test_what_a_function_wrote_before_it_failed(
    urls: ModuleType, orders: Any, monkeypatch: pytest.MonkeyPatch, atomic: bool, kept: int
) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic)

    def fulfil(event: Event) -> None:
        assert connection.in_atomic_block is atomic
        orders.execute("INSERT INTO webhook_test_orders VALUES ('1')")
        raise ValueError

    urls.urlpatterns[:] = [path("webhooks/lomi", webhook(fulfil, secrets=SECRET))]
    with override_settings(ROOT_URLCONF=urls.__name__):
        assert post().status_code == 503
    orders.execute("SELECT count(*) FROM webhook_test_orders")
    assert orders.fetchone()[0] == kept


def test_an_inbox_has_transactions_of_its_own(urls: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    inside: list[bool] = []

    class Inbox:
        def process(self, event: Event) -> None:
            inside.append(connection.in_atomic_block)
            with transaction.atomic():
                inside.append(connection.in_atomic_block)

    urls.urlpatterns[:] = [path("webhooks/lomi", webhook(inbox=Inbox(), secrets=SECRET))]
    assert post().status_code == 200
    assert inside == [False, True]


def test_async_functions_and_others_beside_them(urls: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    import anyio

    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", False)
    events: list[Event] = []

    async def fulfil(event: Event) -> None:
        events.append(event)

    def refund(event: Event) -> None:
        with connection.cursor() as cursor:  # refused in an event loop
            cursor.execute("SELECT 1")
        events.append(event)

    from .deliveries import body

    on: Any = {"PAYMENT_SUCCEEDED": fulfil, "REFUND_COMPLETED": refund}
    urls.urlpatterns[:] = [path("webhooks/lomi", webhook(on, secrets=SECRET))]

    async def run() -> list[int]:
        statuses = []
        for sent in (VECTOR, body("REFUND_COMPLETED", {"refund_id": "r1"}), b"{}"):
            fields = {"x-lomi-signature": headers(sent)["X-Lomi-Signature"]}
            response = await AsyncClient(enforce_csrf_checks=True).post(
                "/webhooks/lomi", data=sent, content_type="application/json", headers=fields
            )
            statuses.append(response.status_code)
        return statuses

    with override_settings(ROOT_URLCONF=urls.__name__):
        assert anyio.run(run) == [200, 200, 400]
    assert [each.event for each in events] == ["PAYMENT_SUCCEEDED", "REFUND_COMPLETED"]
