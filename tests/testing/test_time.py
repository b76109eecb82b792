"""Nobody waits in a sandbox for tests, and the time that was saved is gone all the same."""

import asyncio
import contextvars
import gc
import threading
import time
from datetime import datetime, timedelta, timezone

import anyio
import httpx
import pytest

import lomi
from lomi.testing import _current, sandbox


@pytest.fixture
def box(monkeypatch):
    with sandbox() as box:
        yield box


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch):
    async def sleep(seconds):
        raise AssertionError(f"slept for {seconds} seconds")

    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail(f"slept for {seconds} seconds"))
    monkeypatch.setattr(anyio, "sleep", sleep)
    monkeypatch.setattr("lomi.sandbox.transport.sleep", time.sleep)
    monkeypatch.setattr("lomi.sandbox.transport.async_sleep", sleep)


def passed(box, since):
    return (box.clock.now() - since).total_seconds()


def test_back_off_moves_both_clocks(box):
    client, began, client_began = box.client(), box.clock.now(), box.client().backend.monotonic()
    box.rate_limit(20, times=2)
    client.customers.list()
    assert 40 <= passed(box, began) < 50
    assert 40 <= client.backend.monotonic() - client_began < 50
    assert 39 <= client.backend.time() - time.time() < 50


def test_back_off_counts_against_the_timeout(box):
    box.rate_limit(20, times=None)
    with pytest.raises(lomi.LomiRateLimitError) as caught:
        box.client(timeout=30).customers.list()
    assert caught.value.attempts == 2


def test_back_off_counts_against_a_deadline_that_is_opened_late(box):
    client = box.client()
    with lomi.deadline(50):
        box.rate_limit(20, times=2)
        client.customers.list()
        box.rate_limit(20, times=2)
        with pytest.raises(lomi.LomiRateLimitError) as caught:
            client.customers.list()
    assert caught.value.attempts == 1
    box.clear_faults()
    with lomi.deadline(0.5):
        client.customers.list()


def test_delay_passes_at_once(box):
    began = box.clock.now()
    box.delay(30)
    box.client().customers.list()
    assert 30 <= passed(box, began) < 40


def test_delay_beyond_the_timeout_times_out(box):
    began = box.clock.now()
    box.delay(90)
    with pytest.raises(lomi.LomiTimeoutError):
        box.client(timeout=60).customers.create(name="Awa Diop")
    assert 59 <= passed(box, began) < 70
    assert len(box.requests) == 1


def test_answer_byte_by_byte_takes_its_time_at_once(box):
    client, began = box.client(timeout=None), box.clock.now()
    box.drip(1)
    client.customers.list()
    assert passed(box, began) > 80
    box.drip(1)
    with pytest.raises(lomi.LomiTimeoutError):
        client.with_options(timeout=10, max_retries=0).customers.list()


def test_asynchronous_answer_byte_by_byte(box):
    async def main():
        began = box.clock.now()
        box.drip(1)
        async with box.async_client(timeout=None) as client:
            await client.customers.list()
        return passed(box, began)

    assert asyncio.run(main()) > 80


def test_http_client_of_one_s_own_does_not_wait_for_a_delay(box):
    box.delay(30)
    with httpx.Client(transport=box.transport(), headers={"X-API-KEY": box.api_key}) as http:
        assert http.get("http://anywhere/customers", timeout=60).status_code == 200


def test_asynchronous_back_off_and_delay(box):
    async def main():
        began = box.clock.now()
        box.rate_limit(20)
        box.delay(30)
        async with box.async_client() as client:
            await client.customers.list()
        return passed(box, began)

    assert 50 <= asyncio.run(main()) < 60


def test_other_tasks_run_while_one_waits(box):
    order = []

    async def ask(client, name):
        order.append(f"{name} asks")
        await client.customers.list()
        order.append(f"{name} is answered")

    async def main():
        async with box.async_client() as client:
            await asyncio.gather(ask(client, "first"), ask(client, "second"))

    asyncio.run(main())
    assert order[:2] == ["first asks", "second asks"]


def test_tasks_side_by_side_do_not_use_up_each_other_s_time(box):
    box.rate_limit(20, times=10)

    async def main():
        async with box.async_client(timeout=50) as client:
            await asyncio.gather(*(client.customers.list() for _ in range(10)))

    asyncio.run(main())


def test_thread_begins_with_the_present(box):
    client = box.client()
    box.rate_limit(20)
    client.customers.list()
    measured = []
    thread = threading.Thread(target=lambda: measured.append(client.backend.monotonic() - time.monotonic()))
    thread.start()
    thread.join()
    assert abs(measured[0]) < 1


def test_throttled_client_gets_through_when_the_window_is_over(box):
    box.throttle(limit=1, window=20)
    client = box.client()
    client.customers.list()
    client.customers.list()
    assert [request.status for request in box.requests] == [200, 429, 200]


def test_retry_after_may_be_a_date_of_the_sandbox_s_time(box):
    box.clock.advance(days=31)
    when = box.clock.now() + timedelta(seconds=10)
    box.rate_limit(when.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    began = box.clock.now()
    box.client().customers.list()
    assert 9 <= passed(box, began) < 20


def test_lost_create_is_found_out(box):
    client = box.client()
    box.drop("after_commit", route="POST /customers")
    with pytest.raises(lomi.LomiConnectionError) as lost:
        client.customers.create(name="Awa Diop", reference="order-1")
    assert client.customers.reconcile(lost.value).name == "Awa Diop"
    box.drop("before", route="POST /customers")
    with pytest.raises(lomi.LomiConnectionError) as never:
        client.customers.create(name="Moussa Ba", reference="order-2")
    began = box.clock.now()
    assert client.customers.reconcile(never.value, grace_period=600) is None
    assert 590 < passed(box, began) < 660


def test_now_is_now(box):
    created = box.client().customers.create(name="Awa Diop")
    assert abs(created.created_at - datetime.now(timezone.utc)) < timedelta(minutes=1)


def test_real_time_is_back_when_the_sandbox_is_closed():
    def in_a_test():
        with sandbox() as first:
            first.rate_limit(20)
            first.client().customers.list()
        with sandbox() as second:
            runtime = second.client().backend
            return runtime.monotonic() - time.monotonic()

    assert abs(contextvars.copy_context().run(in_a_test)) < 1


def test_real_time_is_back_when_the_sandbox_is_forgotten(monkeypatch):
    # The plugin keeps what a test opened, to tell what it received should the test fail.
    monkeypatch.setattr(_current, "runs", [])

    def in_a_test():
        box = sandbox()
        box.rate_limit(20)
        box.client().customers.list()
        del box
        gc.collect()
        with sandbox() as second:
            return second.client().backend.monotonic() - time.monotonic()

    assert abs(contextvars.copy_context().run(in_a_test)) < 1


def test_a_deadline_outlives_a_frozen_clock(box, monkeypatch):
    """As libraries that freeze time replace the function wherever a module holds it."""
    client = box.client()
    box.rate_limit(20)
    client.customers.list()
    with lomi.deadline(100):
        with monkeypatch.context() as patch:
            patch.setattr(time, "monotonic", lambda: 2e9)
            box.rate_limit(20)
            client.customers.list()
        client.customers.list()
        box.delay(90)
        with pytest.raises(lomi.LomiTimeoutError):
            client.customers.list()


def test_back_off_is_the_same_in_every_run():
    def waited(test):
        with sandbox(test=test) as box:
            box.drop(times=2)
            began = box.client().backend.monotonic()
            client = box.client()
            client.customers.list()
            return round(client.backend.monotonic() - began, 1), client.backend.random()

    assert waited("a")[1] == waited("a")[1] != waited("b")[1]
