"""Options on the wire: a key that is asked for, extras, the application's name, and a gateway in between."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

import lomi
from lomi import LomiClient
from tests.behaviour._sync.doubles import Clock, Network
from tests.fire.server import FaultServer, Received, Wire, answer, each_request
from tests.wire import BASE_URL, LIVE_KEY, TEST_KEY

pytestmark = pytest.mark.anyio
ME = lomi.Request("GET", lomi.path("/me"), dict)
CREATE = lomi.Request("POST", lomi.path("/customers"), dict, body={"name": "A"}, idempotency_key="k-1")


def test_the_key_is_asked_for_at_each_attempt() -> None:
    numbers = itertools.count(1)
    network = Network(503, 503, 200, 200)
    client = LomiClient(lambda: f"{TEST_KEY}{next(numbers)}", environment="test", http_client=network.http_client)
    Clock(client)
    client.send(ME)
    client.with_options(timeout=5).send(ME)
    assert [each.headers["X-API-KEY"] for each in network.requests] == [f"{TEST_KEY}{n}" for n in (1, 2, 3, 4)]
    assert client.base_url == BASE_URL
    assert TEST_KEY not in repr(client) + repr(vars(client))


def test_the_key_may_be_waited_for() -> None:
    def provide() -> str:
        return TEST_KEY

    network = Network(200)
    client = LomiClient(provide, environment="test", http_client=network.http_client)
    client.send(ME)
    assert network.requests[0].headers["X-API-KEY"] == TEST_KEY


def broken() -> str:
    raise LookupError("the vault is sealed")


WRONG: dict[str, tuple[Any, str]] = {
    "another environment's": (lambda: LIVE_KEY, "live key"),
    "nothing": (lambda: None, "is not a string"),
    "two lines": (lambda: f"{TEST_KEY}\nX: y", "newline"),
    "an error": (broken, "raised LookupError"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_key_that_cannot_be_one(name: str) -> None:
    provide, text = WRONG[name]
    network = Network()
    client = LomiClient(provide, environment="test", http_client=network.http_client)
    with pytest.raises(lomi.LomiConfigurationError, match=text) as caught:
        client.send(CREATE)
    assert (caught.value.outcome, caught.value.attempts, network.requests) == ("not_sent", 1, [])
    assert isinstance(caught.value.__cause__, LookupError if provide is broken else type(None))
    assert LIVE_KEY not in str(caught.value)


def test_a_key_that_fails_after_an_unknown_attempt_stays_unknown() -> None:
    keys = iter([TEST_KEY])
    network = Network(503)
    client = LomiClient(lambda: next(keys, ""), environment="test", http_client=network.http_client)
    Clock(client)
    with pytest.raises(lomi.LomiConfigurationError) as caught:
        client.send(CREATE)
    assert (caught.value.outcome, caught.value.attempts) == ("unknown", 2)


def test_a_function_needs_the_environment() -> None:
    with pytest.raises(lomi.LomiConfigurationError, match="environment"):
        LomiClient(lambda: TEST_KEY)
    with pytest.raises(lomi.LomiConfigurationError, match="lomi_sk_test_"):
        LomiClient("sk_unknown_prefix")
    assert LomiClient("sk_unknown_prefix", environment="test").base_url == BASE_URL


def test_extras_on_the_wire() -> None:
    seen: list[Received] = []

    def serve(wire: Wire, received: Received) -> None:
        seen.append(received)
        wire.send(answer(200, {"id": "c", "customer_id": "c"}))

    with FaultServer(each_request(serve)) as server:
        with LomiClient(TEST_KEY, base_url=server.url, app_info=("MyShop", "1.2")) as client:
            extra = client.with_options(
                extra_headers={"Lomi-Preview": "2027-01"}, extra_query={"expand": "a b"}, extra_body={"tier": 2}
            )
            extra.customers.create(name="A")
            extra.customers.get("c")
            client.customers.get("c")
            with pytest.raises(lomi.LomiValidationError, match="extra_body"):
                client.with_options(extra_body={"name": "B"}).send(CREATE)
            with pytest.raises(lomi.LomiConfigurationError):
                client.with_options(extra_headers={"X-API-KEY": "mine"})
            with pytest.raises(lomi.LomiConfigurationError):
                client.with_options(extra_headers={"X-A": "a\r\nX-B: c"})
    assert [each.target for each in seen] == ["/customers?expand=a+b", "/customers/c?expand=a+b", "/customers/c"]
    assert json.loads(seen[0].body) == {"name": "A", "tier": 2}
    assert seen[1].body == b""
    assert [each.headers.get("lomi-preview") for each in seen] == ["2027-01", "2027-01", None]
    for each in seen:
        assert each.headers["x-api-key"] == TEST_KEY
        assert each.headers["user-agent"].endswith("MyShop/1.2")


class Gateway:
    """Answers 504 to the first update and lets the origin go on: it arrives when a later one has been made."""

    def __init__(self) -> None:
        self.updates: list[str] = []
        self.late: list[str] = []
        self.city = ""

    def __call__(self, wire: Wire, received: Received) -> None:
        if received.method == "PATCH":
            city = received.json["city"]
            self.updates.append(city)
            if len(self.updates) == 1:
                self.late.append(city)
                wire.send(answer(504, b"<html>", {"Content-Type": "text/html"}))
                return
            self.city = city
        wire.send(answer(200, {"id": "c", "customer_id": "c", "city": self.city}))


def test_an_update_behind_a_gateway_that_gave_up_is_not_repeated() -> None:
    gateway = Gateway()
    with FaultServer(each_request(gateway)) as server:
        with LomiClient(TEST_KEY, base_url=server.url) as client:
            with pytest.raises(lomi.LomiServerError) as caught:
                client.customers.update("c", city="Dakar")
            # The caller knows that it may still arrive, and no attempt of ours can undo what follows.
            assert (caught.value.outcome, caught.value.attempts) == ("unknown", 1)
            assert (client.customers.update("c", city="Thies")).city == "Thies"
    assert gateway.updates == ["Dakar", "Thies"]


def test_a_closed_client_counts_as_such_for_its_clones() -> None:
    network = Network(200)
    client = network.client()
    clone = client.with_options(timeout=1)
    client.close()
    # Its transport is the caller's own, and stays.
    assert clone.send(ME) == {}
    assert client.clock_offset() is None
