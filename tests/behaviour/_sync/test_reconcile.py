"""Did it happen? Creates whose answers are lost, and what is found out about them afterwards."""

from __future__ import annotations

import pickle
from typing import Any

import httpx
import pytest

import lomi
from lomi.sandbox import Sandbox

from .doubles import Clock, Network

pytestmark = pytest.mark.anyio
DIALECTS = pytest.mark.parametrize("dialect", ["docs", "server"])


def lost(client: Any, **fields: Any) -> lomi.LomiError:
    """Create a customer, and return the error that it ended with, as another process gets it."""
    with pytest.raises(lomi.LomiError) as caught:
        client.customers.create(name="Awa Diop", **fields)
    return pickle.loads(pickle.dumps(caught.value))


@DIALECTS
@pytest.mark.parametrize("fields", [{}, {"email": "awa@example.com", "metadata": {"a": [1.0]}}, {"reference": "r-1"}])
def test_a_create_that_happened_is_found_at_once(dialect, fields):
    sandbox = Sandbox(dialect)
    client = sandbox.client()
    clock = Clock(client)
    sandbox.drop("after_commit")
    error = lost(client, **fields)
    found = client.customers.reconcile(error)
    assert found is not None
    assert found.name == "Awa Diop"
    assert found.metadata == (client.customers.get(found.id)).metadata
    assert clock.slept == []
    assert error.outcome == "unknown"


@DIALECTS
def test_a_create_that_did_not_happen_is_none_after_the_settling_time(dialect):
    sandbox = Sandbox(dialect)
    client = sandbox.client()
    clock = Clock(client)
    sandbox.drop()
    error = lost(client)
    clock.now += 2
    assert client.customers.reconcile(error) is None
    assert clock.slept == [3.0]
    assert client.customers.reconcile(error) is None
    assert client.customers.reconcile(error, grace_period=1) is None
    assert clock.slept == [3.0]


def test_a_create_that_happens_late_is_found_after_the_settling_time():
    sandbox = Sandbox()
    client = sandbox.client()
    other = sandbox.client()
    Clock(client, lambda: other.customers.create(name="Awa Diop", reference="r-2"))
    sandbox.drop()
    error = lost(client, reference="r-2")
    found = client.customers.reconcile(error)
    assert found is not None
    assert found.metadata == {"lomi_reference": "r-2"}


def test_one_of_two_that_are_the_same_cannot_be_told():
    sandbox = Sandbox()
    client = sandbox.client()
    Clock(client)
    client.customers.create(name="Awa Diop")
    sandbox.drop("after_commit")
    error = lost(client)
    with pytest.raises(lomi.LomiReconcileError, match="2 customers") as caught:
        client.customers.reconcile(error)
    assert len(caught.value.candidate_ids) == 2
    assert "Awa" not in repr(caught.value) + repr(vars(caught.value))
    assert pickle.loads(pickle.dumps(caught.value)).candidate_ids == caught.value.candidate_ids


def test_one_that_lost_its_metadata_cannot_be_told():
    sandbox = Sandbox()
    client = sandbox.client()
    Clock(client)
    sandbox.lose_metadata()
    sandbox.drop("after_commit")
    error = lost(client, reference="r-3")
    with pytest.raises(lomi.LomiReconcileError, match="1 customer may be"):
        client.customers.reconcile(error)


def test_a_candidate_that_is_deleted_meanwhile_is_none():
    sandbox = Sandbox()
    client = sandbox.client()
    Clock(client)
    sandbox.drop("after_commit")
    error = lost(client)
    sandbox.fail(404, route="GET /customers/{id}", times=None)
    assert client.customers.reconcile(error) is None


@DIALECTS
def test_a_create_that_was_rejected_is_none_without_looking(dialect):
    sandbox = Sandbox(dialect)
    client = sandbox.client()
    sandbox.fail(403)
    error = lost(client)
    count = len(sandbox.requests)
    assert error.outcome == "rejected"
    assert client.customers.reconcile(error) is None
    assert len(sandbox.requests) == count


def test_the_servers_time_is_taken_from_the_answer_that_failed():
    sandbox = Sandbox()
    client = sandbox.client()
    clock = Clock(client)
    clock.now -= 7 * 86400
    sandbox.fail(500, when="after_commit")
    error = lost(client)
    assert client.customers.reconcile(error) is not None
    sandbox.drop("after_commit")
    error = lost(client, email="awa@example.com")
    # A search is answered with the server's time as well.
    assert client.customers.reconcile(error) is not None


def test_the_same_customer_of_another_day_is_not_the_one():
    sandbox = Sandbox()
    client = sandbox.client()
    clock = Clock(client)
    earlier = client.customers.create(name="Awa Diop", email="awa@example.com")
    clock.now += 86400
    sandbox.clock.advance(days=1)
    sandbox.drop()
    error = lost(client, email="awa@example.com")
    assert client.customers.reconcile(error) is None
    sandbox.drop("after_commit")
    found = client.customers.reconcile(lost(client, email="awa@example.com"))
    assert found is not None
    assert found.id != earlier.id


def test_a_deadline_around_it_ends_the_settling_too():
    sandbox = Sandbox()
    client = sandbox.client()
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)

    client.backend.sleep = sleep
    sandbox.drop()
    error = lost(client)
    with lomi.deadline(3):
        assert client.customers.reconcile(error) is None
    assert len(slept) == 1
    assert 0 <= slept[0] <= 3


@DIALECTS
def test_metadata_that_the_api_lost_is_written_again(dialect):
    sandbox = Sandbox(dialect)
    client = sandbox.client(timeout=None)
    sandbox.lose_metadata()
    customer = client.customers.create({"name": "Awa", "metadata": {"a": 1}}, reference="r-4")
    assert customer.metadata == {"a": 1, "lomi_reference": "r-4"}
    assert [each.method for each in sandbox.requests] == ["POST", "PATCH"]


@DIALECTS
def test_metadata_that_cannot_be_written_again_is_a_partial_write(dialect):
    sandbox = Sandbox(dialect)
    client = sandbox.client(max_retries=0)
    sandbox.lose_metadata(times=None)
    with pytest.raises(lomi.LomiPartialWriteError) as caught:
        client.customers.create(name="Awa Diop", metadata={"a": 1})
    error = caught.value
    assert error.customer_id is not None
    assert (error.outcome, error.attempts, error.method, error.path) == ("unknown", 2, "POST", "/customers")
    assert isinstance(error.__cause__, lomi.LomiServerError if dialect == "server" else type(None))
    assert "Awa" not in f"{error!r} {error} {vars(error)!r}"
    again = pickle.loads(pickle.dumps(error))
    assert again.customer_id == error.customer_id
    found = client.customers.reconcile(again)
    assert found is not None
    assert (found.id, found.name, found.metadata) == (error.customer_id, "Awa Diop", None)
    client.customers.delete(found.id)
    assert client.customers.reconcile(again) is None


def test_whatever_keeps_metadata_from_being_written_again_the_customer_is_told():
    problem = RuntimeError("a bug of the owner")
    sandbox = Sandbox()
    client = sandbox.client()
    sandbox.lose_metadata()
    sandbox.fail(429, route="PATCH /customers/{id}", retry_after=1)

    def fail(_seconds: float) -> None:
        raise problem

    client.backend.sleep = fail
    with pytest.raises(lomi.LomiPartialWriteError) as caught:
        client.customers.create(name="Awa", metadata={"a": 1})
    assert caught.value.customer_id
    assert caught.value.outcome == "unknown"
    assert caught.value.__cause__ is problem


def test_a_customer_without_an_id_is_told_when_its_metadata_is_lost():
    network = Network(httpx.Response(201, json={"id": "", "name": "Awa"}))
    with pytest.raises(lomi.LomiPartialWriteError) as caught:
        network.client().customers.create(name="Awa", metadata={"a": 1})
    assert caught.value.outcome == "unknown"


def test_writing_metadata_again_has_what_is_left_of_the_time():
    sandbox = Sandbox()
    seen: list[float] = []

    class Slow(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            seen.append(request.extensions["timeout"]["read"])
            response = inner.handle_request(request)
            clock.now += 7 if request.method == "POST" else 0
            return response

    inner: Any = sandbox.client().transport
    client = lomi.LomiClient(sandbox.api_key, base_url=sandbox.base_url, transport=Slow(), timeout=10)
    clock = Clock(client)
    sandbox.lose_metadata()
    customer = client.customers.create(name="Awa", metadata={"a": 1})
    assert customer.metadata == {"a": 1}
    assert seen == [pytest.approx(10), pytest.approx(3)]


def test_a_name_with_a_backslash_is_searched_for_by_its_longest_part_without_one():
    # To ILIKE, which the server searches with, a backslash is an escape: the whole name would find nothing.
    sandbox = Sandbox()
    client = sandbox.client()
    Clock(client)
    sandbox.drop("after_commit")
    with pytest.raises(lomi.LomiError) as caught:
        client.customers.create(name="Awa\\Boulangerie % Fils")
    found = client.customers.reconcile(caught.value)
    assert found is not None
    assert found.name == "Awa\\Boulangerie % Fils"
    searches = [each.query["search"] for each in sandbox.requests if each.route == "GET /customers" and each.query]
    assert searches[0] == ["Boulangerie % Fils"]
