from __future__ import annotations

import asyncio
import functools
import json
import logging
import threading
import time
from typing import Any, Literal, cast

import pytest

from lomi import LomiConfigurationError
from lomi.webhooks import Event, PaymentSucceeded
from lomi.webhooks.receiver import Receiver, Reply

from .deliveries import SECRET, VECTOR, Shop, body, headers


def lowered(sent: bytes, **changes: str | None) -> dict[str, str]:
    fields: dict[str, str | None] = {name.lower(): value for name, value in headers(sent).items()}
    fields.update(
        {"content-length": str(len(sent)), **{name.replace("_", "-"): value for name, value in changes.items()}}
    )
    return {name: value for name, value in fields.items() if value is not None}


def post(receiver: Receiver, sent: bytes = VECTOR, method: str = "POST", **changes: str | None) -> Reply:
    """Both ways to handle a request respond alike."""
    fields = lowered(sent, **changes)
    reply = receiver.receive(method, fields, lambda limit: sent[:limit])

    async def read(limit: int) -> bytes:
        return sent[:limit]

    assert asyncio.run(receiver.areceive(method, fields, read)) == reply
    return reply


def outcome(reply: Reply) -> tuple[int, str | None]:
    return reply.status, json.loads(reply.body).get("error")


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def receiver(shop: Shop) -> Receiver:
    return Receiver(shop, secrets=SECRET)


def test_an_event_reaches_the_function(receiver: Receiver, shop: Shop) -> None:
    reply = post(receiver)
    assert reply == (200, b'{"received":true}', {"Content-Type": "application/json"})
    assert [each.raw for each in shop.events] == [VECTOR] * 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"method": "GET"}, (405, "method_not_allowed")),
        ({"method": "HEAD"}, (405, "method_not_allowed")),
        ({"content_encoding": "gzip"}, (415, "content_encoding")),
        ({"content_encoding": "Identity"}, (200, None)),
        ({"content_type": "text/plain"}, (415, "content_type")),
        ({"content_type": "application/x-www-form-urlencoded"}, (415, "content_type")),
        ({"content_type": "Application/JSON; charset=utf-8"}, (200, None)),
        ({"content_type": None}, (200, None)),
        ({"content_type": ""}, (200, None)),
        ({"content_length": "1048577"}, (413, "body_too_large")),
        ({"content_length": None}, (200, None)),
        ({"content_length": "many"}, (200, None)),
        ({"x_lomi_signature": None}, (401, "bad_signature")),
        ({"x_lomi_signature": "é"}, (401, "bad_signature")),
        ({"x_lomi_signature": "0" * 64}, (401, "bad_signature")),
        ({"sent": b"[]"}, (400, "bad_payload")),
        ({"sent": b""}, (400, "bad_payload")),
        ({"sent": b"", "content_length": "301"}, (503, "body_already_read")),
        ({"sent": b"", "content_length": None, "transfer_encoding": "chunked"}, (503, "body_already_read")),
        ({"sent": VECTOR[:100], "x_lomi_signature": headers(VECTOR)["X-Lomi-Signature"]}, (401, "bad_signature")),
        ({"sent": VECTOR.decode().encode("utf-16"), "x_lomi_signature": "0" * 64}, (401, "bad_signature")),
        ({"sent": b" " * (1024 * 1024 + 1), "content_length": None}, (413, "body_too_large")),
    ],
)
def test_what_is_refused(receiver: Receiver, shop: Shop, changes: dict[str, Any], expected: object) -> None:
    assert outcome(post(receiver, **changes)) == expected
    assert bool(shop.events) is (expected == (200, None))


def test_headers_of_refusals(receiver: Receiver) -> None:
    assert post(receiver, method="PUT").headers["Allow"] == "POST"
    assert post(receiver, x_lomi_signature=None).headers["WWW-Authenticate"] == "Lomi-Signature"


def test_a_body_is_not_read_before_its_headers_are_admitted(receiver: Receiver) -> None:
    def read(limit: int) -> bytes:
        raise AssertionError("read")

    assert receiver.receive("GET", {}, read).status == 405
    assert receiver.receive("POST", {"content-length": "9999999"}, read).status == 413


def test_a_limit_of_ones_own(shop: Shop) -> None:
    receiver = Receiver(shop, secrets=SECRET, max_body_size=301)
    assert post(receiver).status == 200
    assert post(receiver, body(more="x" * 300)).status == 413


def test_an_option_that_there_is_not_is_refused(shop: Shop) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'secret'"):
        Receiver(shop, secret=SECRET)  # type: ignore[call-arg]


def test_an_age_limit(shop: Shop) -> None:
    assert outcome(post(Receiver(shop, secrets=SECRET, max_age=1))) == (401, "bad_signature")


def test_a_refusal_costs_little(receiver: Receiver) -> None:
    sent = rb"\ud83d" * (1024 * 1024 // 6)
    fields = lowered(sent, x_lomi_signature="0" * 64)

    def cost() -> float:
        began = time.process_time()
        assert receiver.receive("POST", fields, lambda limit: sent[:limit]).status == 401
        return time.process_time() - began

    assert min(cost() for _ in range(5)) < 0.05


@pytest.mark.parametrize(
    ("environment", "key", "mark", "status"),
    [
        ("test", "", "test", 200),
        ("test", "", "live", 403),
        ("live", "", "live", 200),
        ("live", "", "test", 403),
        (None, "", "test", 200),
        (None, "", "live", 200),
        (None, "lomi_sk_test_x", "live", 403),
        (None, "lomi_sk_test_x", "test", 200),
        (None, "lomi_sk_live_x", "test", 403),
        (None, "other", "test", 200),
        ("test", "lomi_sk_live_x", "test", 200),
        ("test", "", None, 200),
        ("live", "", None, 200),
    ],
)
def test_an_event_of_the_other_environment(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    environment: Literal["test", "live"] | None,
    key: str,
    mark: str | None,
    status: int,
) -> None:
    monkeypatch.setenv("LOMI_API_KEY", key)
    sent = body(data={"transaction_id": "t1", "environment": mark})
    assert post(Receiver(shop, secrets=SECRET, environment=environment), sent).status == status
    assert bool(shop.events) is (status == 200)


def test_an_environment_that_there_is_not(shop: Shop) -> None:
    with pytest.raises(LomiConfigurationError, match='environment is neither "test" nor "live"'):
        Receiver(shop, secrets=SECRET, environment=cast("Any", "prod"))


def test_without_a_secret_the_sender_has_to_come_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Where URLs are set up without secrets, as in a build, nothing fails.
    monkeypatch.delenv("LOMI_WEBHOOK_SECRET", raising=False)
    receiver = Receiver(shop)
    assert outcome(post(receiver)) == (503, "not_configured")
    assert "LOMI_WEBHOOK_SECRET" in caplog.text
    monkeypatch.setenv("LOMI_WEBHOOK_SECRET", SECRET)
    assert post(receiver).status == 200


def test_a_function_that_fails_is_called_again_by_the_sender(
    receiver: Receiver, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.error = ValueError("no order of awa@example.com")
    sent = body(data={"transaction_id": "t1", "status": "completed", "customer_email": "awa@example.com"})
    with caplog.at_level(logging.INFO, "lomi.webhooks"):
        assert outcome(post(receiver, sent)) == (503, "try_again")
    assert "awa@example.com" not in caplog.text
    assert "PAYMENT_SUCCEEDED:t1:completed was not handled: ValueError at " in caplog.text
    assert "deliveries.py:" in caplog.text
    with caplog.at_level(logging.DEBUG, "lomi.webhooks"):
        post(receiver, sent)
    assert "no order of awa@example.com" in caplog.text  # for those who look for the cause


def test_refusals_are_logged_without_what_was_sent(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    post(receiver, body(data={"customer_email": "awa@example.com"}), x_lomi_signature="awa")
    assert "refused with 401: X-Lomi-Signature is not 64" in caplog.text
    assert "awa" not in caplog.text


def test_a_mapping_calls_the_function_of_the_event(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    paid: list[PaymentSucceeded] = []
    receiver = Receiver({"PAYMENT_SUCCEEDED": paid.append, "PAYMENT_FAILED": shop}, secrets=SECRET)
    assert post(receiver).status == 200
    assert [each.object.transaction_id for each in paid] == ["7d1c2b3a-4e5f-4a6b-8c7d-9e0f1a2b3c4d"] * 2
    assert post(receiver, body("REFUND_COMPLETED", {"refund_id": "r1"})).status == 200
    assert post(receiver, body("test.webhook", {})).status == 200
    assert (len(paid), shop.events, caplog.text) == (2, [], "")
    # Without the transaction's id there is nothing to fulfil, and no one is called with what they do not expect.
    assert post(receiver, body("PAYMENT_SUCCEEDED", {})).status == 200
    assert len(paid) == 2
    assert "PAYMENT_SUCCEEDED has no id of its object: ignored" in caplog.text


@pytest.mark.parametrize(
    ("on", "options", "problem"),
    [
        ("fulfil", {}, "on is neither a function nor a mapping of event names to functions but str"),
        ({"PAYMENT_SUCCEDED": print}, {}, "'PAYMENT_SUCCEDED' is not an event that this version knows"),
        ({1: print}, {}, "1 is not an event that this version knows"),
        ({"PAYMENT_SUCCEEDED": None}, {}, "what is to handle PAYMENT_SUCCEEDED is not a function"),
        (print, {"secrets": ""}, "no webhook secret"),
        (print, {"secrets": "whsec_x\n"}, "begins or ends with a space"),
        (None, {}, "pass either a function for the events or an inbox"),
        (print, {"inbox": Shop()}, "pass either a function for the events or an inbox"),
    ],
)
def test_a_mistake_is_found_when_the_endpoint_is_made(on: Any, options: Any, problem: str) -> None:
    with pytest.raises(LomiConfigurationError) as caught:
        Receiver(on, **options)
    assert problem in str(caught.value)


class Inbox:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.error: Exception | None = None
        self.threads: set[int] = set()

    def process(self, event: Event) -> str:
        self.events.append(event)
        self.threads.add(threading.get_ident())
        if self.error is not None:
            raise self.error
        return "done"


class AsyncInbox(Inbox):
    async def process(self, event: Event) -> str:  # type: ignore[override]
        return super().process(event)


def test_an_inbox_takes_the_events(caplog: pytest.LogCaptureFixture) -> None:
    inbox = Inbox()
    receiver = Receiver(None, inbox=inbox, secrets=SECRET)
    assert not receiver.is_async
    assert post(receiver).status == 200
    # What the inbox failed to handle and has stored is safe: it does not raise.
    inbox.error = OSError("disk full")
    assert outcome(post(receiver)) == (503, "try_again")
    assert "could not be stored: OSError" in caplog.text
    assert "disk full" not in caplog.text
    assert post(receiver, x_lomi_signature="0" * 64).status == 401
    assert len(inbox.events) == 4
    # In an event loop, what waits for a database runs in a thread.
    assert threading.get_ident() in inbox.threads
    assert len(inbox.threads) > 1


def areceived(receiver: Receiver) -> Reply:
    async def read(limit: int) -> bytes:
        return VECTOR[:limit]

    return asyncio.run(receiver.areceive("POST", lowered(VECTOR), read))


def test_an_async_inbox() -> None:
    inbox = AsyncInbox()
    receiver = Receiver(None, inbox=inbox, secrets=SECRET)
    assert receiver.is_async
    assert areceived(receiver).status == 200
    inbox.error = OSError()
    assert areceived(receiver).status == 503
    assert inbox.threads == {threading.get_ident()}


class AsyncCallable:
    def __init__(self) -> None:
        self.called = False

    async def __call__(self, event: Event) -> None:
        self.called = True


def test_async_functions() -> None:
    called: list[int] = []

    async def fulfil(event: Event) -> None:
        called.append(threading.get_ident())

    function, thing = functools.partial(fulfil), AsyncCallable()
    for on in (fulfil, function, thing, {"PAYMENT_SUCCEEDED": fulfil}):
        receiver = Receiver(on, secrets=SECRET)  # type: ignore[arg-type]
        assert receiver.is_async
        assert areceived(receiver).status == 200
        with pytest.raises(LomiConfigurationError, match="Flask calls functions that are not async"):
            receiver.require_sync("Flask")
    assert called == [threading.get_ident()] * 3
    assert thing.called


def test_a_coroutine_that_no_one_awaits_is_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    async def fulfil(event: Event) -> None:
        """Never runs."""

    receiver = Receiver(lambda event: fulfil(event), secrets=SECRET)
    assert not receiver.is_async
    assert post(receiver).status == 503
    assert "TypeError" in caplog.text
