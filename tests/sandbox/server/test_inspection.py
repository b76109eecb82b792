"""What a test looks at, and what is not built."""

import pytest

from lomi.sandbox import Sandbox
from lomi.sandbox.faults import FAULTS, NAMES
from lomi.sandbox.injection import FaultInjection
from lomi.sandbox.operations import OPERATIONS
from lomi.sandbox.resources import RESOURCES

from .conftest import UNKNOWN


class Unfinished(Sandbox):
    """A sandbox as it is before most of its resources are built."""

    _resources = tuple(each for each in RESOURCES if each.type in {"merchants", "accounts", "keys", "webhooks"})


@pytest.mark.parametrize("dialect", ["server", "docs"])
def test_what_is_not_built_says_so_with_its_name(dialect, asker):
    with Unfinished(dialect, customers=0) as sandbox:
        ask = asker(sandbox)
        unbuilt = {route: name for route, name in OPERATIONS.items() if route not in sandbox.routes}
        assert len(OPERATIONS) == 73
        assert len(unbuilt) > 50
        for route, name in unbuilt.items():
            method, path = route.split()
            answer = ask(path.replace("{", "").replace("}", ""), method, key=None)
            assert (answer.status, answer.error["code"].lower()) == (501, "not_implemented")
            assert answer.error["message"] == f"{name} ({route}) is not in this sandbox"
        assert ask("/refunds", "HEAD").status == 501
        assert ask("/nowhere").status == 404
        assert sandbox.requests[0].operation == next(iter(unbuilt.values()))


def test_a_fault_strikes_what_is_not_built(asker):
    with Unfinished(customers=0) as sandbox:
        ask = asker(sandbox)
        sandbox.fail(500, route="POST /refunds")
        assert [ask("/refunds", "POST").status for _ in range(2)] == [500, 501]


def test_calls(ask):
    sandbox = ask.sandbox
    identifier = ask.id(name="Awa Diop", city="Dakar")
    ask.post({"name": "Koffi"})
    ask.post([])
    ask(f"/customers/{identifier}")
    ask("/customers", "HEAD")
    assert [each.json for each in sandbox.calls("POST /customers")][:1] == [{"name": "Awa Diop", "city": "Dakar"}]
    assert len(sandbox.calls("POST /customers", json={"name": "Awa Diop"})) == 1
    assert sandbox.calls("POST /customers", json={"name": "Awa"}) == ()
    assert [each.route for each in sandbox.calls("GET")] == ["GET /customers/{id}"]
    assert [each.method for each in sandbox.calls("/customers")] == ["POST", "POST", "POST", "HEAD"]
    assert len(sandbox.calls(status=201)) == 2
    assert sandbox.calls() == sandbox.requests
    assert sandbox.calls("POST /refunds") == ()
    assert sandbox.calls("/customers/{id}")[0].operation == "customers.get"
    for wrong in ("POST /customer", "post /customers", "/nowhere"):
        with pytest.raises(ValueError, match="no route is called"):
            sandbox.calls(wrong)


def test_clear_log_keeps_the_data(ask):
    ask.customer()
    ask.sandbox.clear_log()
    assert ask.sandbox.requests == ()
    assert len(ask.sandbox.objects("customers")) == 151


def test_objects_are_read_without_a_trace(either, asker):
    either.drop(times=None)
    first = either.objects("customers", name="Amadou Ba")
    assert first[0].get("id", first[0].get("customer_id")) in {"cus_abc123...", "abc12300-0000-4000-8000-000000000001"}
    assert len(either.objects("transactions", status="completed")) > 100
    assert either.objects("transactions")[0]["customer_id"] == (first[0].get("id") or first[0]["customer_id"])
    assert either.requests == ()
    assert either.faults[0].struck == 0
    with pytest.raises(ValueError, match=r"^no objects are called 'parcels'; there are merchants, customers, "):
        either.objects("parcels")


# Faults of the table


def test_every_kind_has_a_method_of_its_signature(pages):
    import inspect

    for name, kind in FAULTS.items():
        signature = inspect.signature(getattr(FaultInjection, name))
        parameters = {each.name: each.default for each in signature.parameters.values()}
        del parameters["self"], parameters["filters"]
        assert parameters == {
            each.name: inspect.Parameter.empty if each.default is ... else each.default for each in kind.parameters
        }, name
        assert getattr(FaultInjection, name).__doc__


def test_inject_by_name(pages):
    fault = pages.inject("drop", when="after_commit", route="POST /customers", times=2)
    assert (fault.kind, fault.route, fault.left) == ("drop", "POST /customers", 2)
    with pytest.raises(ValueError, match="no fault is called 'dorp'; there are drop, fail, "):
        pages.inject("dorp")
    with pytest.raises(TypeError, match=r"drop.. takes no 'seconds'"):
        pages.inject("drop", seconds=1)
    with pytest.raises(TypeError, match=r"delay.. needs 'seconds'"):
        pages.inject("delay")
    with pytest.raises(TypeError, match=r"drop.. takes no 'event'"):
        pages.inject("drop", event="PAYMENT_FAILED")
    assert len(pages.faults) == 1
    assert NAMES["drop_after_commit"] == ("drop", {"when": "after_commit"})


def test_unauthorized_passes_the_next_time(either, asker):
    either.unauthorized()
    assert [asker(either)("/me").status for _ in range(2)] == [401, 200]


def test_outage_as_404_strikes_where_an_outage_looks_like_a_404(ask):
    fault = ask.sandbox.outage_as_404()
    assert ask("/customers").status == 200
    answer = ask(f"/merchants/{ask.sandbox.merchant_id}")
    assert (answer.status, answer.error["message"]) == (404, "canceling statement due to statement timeout")
    assert (fault.struck, ask(f"/merchants/{ask.sandbox.merchant_id}").status) == (1, 200)


def test_stale_read(ask):
    target = f"/customers/{ask.id(city='Dakar')}"
    fault = ask.sandbox.stale_read()
    assert ask(target).json["city"] == "Dakar"
    ask.patch(target, {"city": "Thiès"})
    assert fault.struck == 0
    assert [ask(target).json["city"] for _ in range(2)] == ["Dakar", "Thiès"]


def test_two_concurrent_updates_of_which_one_is_lost(ask):
    target = f"/customers/{ask.id(email='old@example.com', city='Old')}"
    ask.patch(target, {"email": "new@example.com"})
    ask.sandbox.lose_update()
    assert ask.patch(target, {"city": "New"}).json["email"] == "old@example.com"


def test_faults_that_never_struck(ask):
    sandbox = ask.sandbox
    struck, unstruck = sandbox.drop(route="GET /me"), sandbox.drop(route="DELETE")
    sandbox.drop(route="DELETE", probability=0.5)
    with sandbox.drop(route="PATCH") as within:
        ask("/me")
    sandbox.drop(route="PUT").cancel()
    assert struck.struck == 1
    assert sandbox.unused_faults == (unstruck, within)
    sandbox.clear_faults()
    assert unstruck not in sandbox.unused_faults


def test_unknown_ids_are_404_in_every_sub_resource(ask):
    assert ask(f"/customers/{UNKNOWN}/portal-audit").status == 404
