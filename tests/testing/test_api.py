"""Code that builds its own clients, and faults that never struck."""

import asyncio
import os
import warnings

import httpx
import pytest

import lomi
from lomi.testing import LomiTestCase, UnusedFaultWarning, api, sandbox


def checkout(name="Awa Diop"):
    """As a shop's own code does."""
    with lomi.LomiClient() as client:
        return client.customers.create(name=name)


def test_clients_that_are_built_within_use_the_sandbox():
    before = dict(os.environ)
    with sandbox() as box, api(box) as same:
        assert same is box
        assert checkout().name == "Awa Diop"
        assert os.environ["LOMI_API_KEY"] == box.api_key
        box.rate_limit(20)
        began = box.clock.now()
        checkout()
        assert (box.clock.now() - began).total_seconds() >= 20
    assert len(box.calls("POST /customers", status=201)) == 2
    assert dict(os.environ) == before
    with pytest.raises(lomi.LomiConfigurationError):
        lomi.LomiClient(api_key=None)


def test_asynchronous_clients_do_too():
    async def main():
        async with lomi.AsyncLomiClient(max_retries=3) as client:
            return (await client.customers.create(name="Awa")).name

    with sandbox() as box, api(box):
        assert asyncio.run(main()) == "Awa"


def test_a_client_with_an_http_client_of_its_own_is_left_alone():
    def respond(request):
        return httpx.Response(200, json={"customers": [], "pagination": {}})

    with sandbox() as box, api(box), httpx.Client(transport=httpx.MockTransport(respond)) as http:
        assert lomi.LomiClient(http_client=http).customers.list().customers == []
        assert box.requests == ()


def test_webhooks_while_an_asynchronous_client_waits():
    received = []

    async def main(box):
        loop = asyncio.get_running_loop()

        async def on_loop(body):
            received.append(body)

        def handler(body, headers):
            asyncio.run_coroutine_threadsafe(on_loop(body), loop).result(10)
            return 500 if len(received) == 1 else 200

        async with box.async_client() as client:
            customer = await client.customers.create(name="Awa")
            box.webhooks.add(handler)
            await asyncio.to_thread(box.pay, customer, 500)
            box.rate_limit(20)
            await client.customers.list()

    with sandbox() as box:
        asyncio.run(main(box))
        assert [each.status for each in box.deliveries] == ["retried", "delivered"]
    assert len(received) == 2


def test_nothing_is_sent_in_the_background():
    with sandbox(customers=2) as box:
        received = []
        box.webhooks.add(lambda body, headers: received.append(body))
        with box._engine.lock:
            record = box._engine.store.select("customers")[0]
            box._engine.emit("USAGE_RECORDED", record)
        assert received == []
        assert (box.deliver(), len(received)) == (1, 1)


def test_a_fault_that_never_struck_is_reported_by_a_plain_sandbox_too():
    with (
        pytest.warns(UnusedFaultWarning, match=r"^<Fault drop on DELETE, struck 0> was injected and affected nothing$"),
        sandbox() as box,
    ):
        box.drop(route="DELETE")
    with warnings.catch_warnings(), sandbox() as box:
        warnings.simplefilter("error")
        box.drop(route="DELETE", probability=0.5)
        box.drop(route="DELETE").cancel()
        box.close()


def test_a_failing_test_is_not_told_of_faults():
    def failing():
        with sandbox() as box:
            box.drop()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()


def test_the_fixture(run):
    result = run("""
        import lomi
        from lomi import AsyncLomiClient, LomiClient

        def test_it(lomi_api, lomi_sandbox):
            assert lomi_api is lomi_sandbox
            lomi_api.drop("after_commit", route="POST /customers")
            try:
                LomiClient().customers.create(name="Awa Diop", reference="order-1")
            except lomi.LomiConnectionError as error:
                assert LomiClient().customers.reconcile(error).name == "Awa Diop"
            assert len(lomi_api.calls("POST /customers", json={"name": "Awa Diop"})) == 1
            assert len(lomi_api.objects("customers")) == 1

        def test_marker(lomi_api):
            pass
    """)
    result.assert_outcomes(passed=2)


def test_a_fault_of_the_test_that_never_struck_is_warned_of(run):
    source = """
        import pytest

        @pytest.mark.lomi_faults("fail", status=503)
        def test_it(lomi_sandbox, lomi_client):
            lomi_client.customers.list()
            lomi_sandbox.drop(route="DELETE")
    """
    result = run(source, "-W", "default")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*PytestWarning: <Fault drop on DELETE, struck 0> was injected and affected nothing*"])


def test_a_failed_test_is_not_warned_of_its_faults(run):
    source = """
        import pytest

        @pytest.mark.lomi_faults("drop")
        def test_it(lomi_sandbox):
            lomi_sandbox.fail()
            assert 0
    """
    run(source).assert_outcomes(failed=1)


def test_xdist_and_the_api_fixture(run):
    source = """
        import pytest
        import lomi

        @pytest.mark.parametrize("turn", range(4))
        def test_it(lomi_api, turn):
            assert lomi.LomiClient().customers.create(name="Awa").id
            assert len(lomi_api.objects("customers")) == 1
    """
    run(source, "-n2", plugin="xdist").assert_outcomes(passed=4)


class Case(LomiTestCase):
    def look(self):
        with api(self.lomi_sandbox):
            assert checkout().name == "Awa Diop"


def test_in_a_case_of_unittest():
    import unittest

    result = unittest.TestResult()
    Case("look").run(result)
    assert result.wasSuccessful(), result.errors
