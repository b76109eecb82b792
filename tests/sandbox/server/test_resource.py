"""A resource that was invented here: declared, and then all that a declaration brings about."""

import inspect
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest

from lomi.sandbox import Sandbox
from lomi.sandbox.behaviours import (
    Create,
    Delete,
    Filter,
    Get,
    List,
    Update,
    date_filters,
    field_filter,
    flag_filter,
    status_filter,
)
from lomi.sandbox.clock import DAY, MINUTE
from lomi.sandbox.engine import StateError
from lomi.sandbox.http import ApiError, DatabaseError, Reply
from lomi.sandbox.resource import Call, DatabaseErrors, Field, Operation, Resource, Shape, Step
from lomi.sandbox.resources import RESOURCES

from .conftest import Asker


def count_trips(engine, record):
    record.body["trips"] = (record["trips"] or 0) + 1
    record.body["next_at"] = engine.now + DAY


def send(call):
    made = call.find()
    try:
        call.engine.step(made, "sent", tags=call.sent)
    except StateError:
        raise ApiError(400, "Only packed parcels can be sent") from None
    return Reply(201, call.show(made))


# From here
PARCELS = Resource(
    "parcels",
    key="parcel_id",
    prefix="par",
    noun="Parcel",
    fields=(
        Field("address", required=True),
        Field("size", choices=("small", "large"), absent="small"),
        Field("weight", "number", keeps_falsy=True),
        Field("pieces", "integer", absent=1),
        Field("customer_id", "uuid", prefix="cus"),
        Field("fragile", "boolean", absent=False),
        Field("expires_at", "time"),
        Field("tags", "json"),
        Field("metadata", "metadata"),
    ),
    shape=Shape(
        "parcel_id organization_id address size weight pieces customer_id fragile expires_at tags trips status metadata"
        " environment created_at updated_at"
    ),
    indexed=("customer_id",),
    steps=(
        Step(None, "packed"),
        Step("packed", "sent", event="PARCEL_SENT", effect=count_trips),
        Step("packed", "lost", after=timedelta(days=3), event="PARCEL_LOST"),
        Step("packed", "expired", at="expires_at"),
        Step("sent", "sent", at="next_at", effect=count_trips, when=lambda record: (record["trips"] or 0) < 3),
        Step("sent", "arrived", at="next_at", event="PARCEL_ARRIVED"),
    ),
    operations=(
        Operation("POST", "/parcels", Create(), account="parcel.write", idempotent=True, limit=(3, 60)),
        Operation(
            *("GET", "/parcels"),
            List(
                *("counted", "data", "window", 20),
                filters=(
                    status_filter("packed", "sent", "lost", several=True),
                    flag_filter("isFragile", "fragile"),
                    field_filter("size", "size", ("small", "large")),
                    *date_filters(),
                ),
            ),
            errors=DatabaseErrors(500, "Failed to fetch parcels: {text}"),
        ),
        Operation("GET", "/parcels/wrapped", List("wrapped", paging="page", size=2)),
        Operation(
            *("GET", "/parcels/{id}", Get(wrapped=True)),
            errors=DatabaseErrors(404, "Parcel with ID {id} not found or access denied"),
        ),
        Operation("PATCH", "/parcels/{id}", Update(only=("address",)), errors=DatabaseErrors(400, "{text}")),
        Operation("DELETE", "/parcels/{id}", Delete()),
        Operation(
            *("POST", "/parcels/{id}/send", send),
        ),
    ),
)
# to here: that is all.
LINES = inspect.getsource(inspect.getmodule(count_trips)).split("# From here\n")[1].split("# to here")[0].count("\n")


class Post(Sandbox):
    _resources = (*RESOURCES, PARCELS)


@pytest.fixture
def post():
    with Post(seed=1, customers=2) as sandbox:
        yield sandbox


@pytest.fixture
def ask(post):
    return Asker(post)


def parcel(ask, **fields):
    created = ask.post({"address": "12 Rue Carnot", **fields}, "/parcels")
    assert created.status == 201, created
    return created.json


def state(ask, made):
    return ask(f"/parcels/{made['parcel_id']}").json["data"]["status"]


def test_it_took_few_lines():
    assert LINES <= 66


def test_it_is_created_listed_read_changed_and_deleted(ask):
    made = parcel(ask, weight=0, tags=[1], metadata={"order": 7})
    assert list(made) == PARCELS.shape.server.split()
    assert (made["status"], made["size"], made["weight"], made["pieces"]) == ("packed", "small", 0, 1)
    assert (made["fragile"], made["tags"], made["metadata"], made["environment"]) == (False, [1], {"order": 7}, "test")
    target = f"/parcels/{made['parcel_id']}"
    assert ask(target).json == {"success": True, "data": made}
    assert ask("/parcels").json == {"data": [made], "total": 1, "limit": 20, "offset": 0}
    assert ask.patch(target, {"address": "Elsewhere", "weight": 9}).json["address"] == "Elsewhere"
    assert ask(target).json["data"]["weight"] == 0
    assert ask(target, "DELETE").json == {"deleted": True}
    assert ask(target).status == 404


def test_each_kind_of_field_is_cast_as_the_database_does(ask, post):
    customer = post.objects("customers")[0]["customer_id"]
    made = parcel(ask, weight="1.50", pieces="3", customer_id=customer.upper(), fragile="yes", size="large")
    assert (made["weight"], made["pieces"], made["customer_id"], made["fragile"]) == (1.5, 3, customer, True)
    moments = ("2026-02-01T00:00:00Z", "2026-02-01T00:00:00+00:00", "2026-02-01T00:00:00")
    assert {parcel(ask, expires_at=each)["expires_at"] for each in moments[:2]} == {moments[1]}
    post.throttle()
    assert parcel(ask, expires_at=moments[2])["expires_at"] == moments[1]


@pytest.mark.parametrize(
    "wrong",
    [
        *({"weight": each} for each in ("heavy", "nan", "inf")),
        *({"pieces": each} for each in (1.5, "x")),
        *({name: "x"} for name in ("size", "customer_id", "fragile", "expires_at")),
    ],
)
def test_what_the_database_refuses(ask, post, wrong):
    assert ask.post({"address": "x", **wrong}, "/parcels").status == 500
    post.dialect = "docs"
    assert ask.post({"address": "x", **wrong}, "/parcels").status == 400
    assert post.objects("parcels") == ()


def test_the_docs_dialect_follows_from_the_declaration(ask, post):
    post.dialect = "docs"
    customer = post.objects("customers")[0]["id"]
    fields = {"weight": 1.5, "pieces": 2, "fragile": True, "size": "large", "tags": 0, "customer_id": customer}
    made = parcel(ask, expires_at="2026-02-01T00:00:00Z", **fields)
    assert {name: made[name] for name in fields} == fields
    assert made["id"].startswith("par_")
    assert "environment" not in made
    assert ask("/parcels/wrapped").json == {"data": [made]}
    assert ask("/parcels?status=sent").json["data"] == []
    assert ask("/parcels?status=all&limit=5&offset=0").json["total"] == 1
    for query in ("status=x", "limit=0", "offset=-1", "isFragile=maybe", "size=small&size=large"):
        assert ask(f"/parcels?{query}").status == 400
    assert ask.post({"address": "x", "size": 1, "pieces": 1.5}, "/parcels").error["details"] == {
        "size": "must be one of small, large",
        "pieces": "must be a whole number",
    }
    with pytest.raises(LookupError):
        post.pay(f"{customer}x", 1)


def test_lists_filter_and_page(ask, post):
    first, second = parcel(ask), parcel(ask, fragile=True, size="large")
    ask.post({}, f"/parcels/{first['parcel_id']}/send")

    def listed(query):
        return [each["parcel_id"] for each in ask(f"/parcels?{query}").json["data"]]

    ids = [second["parcel_id"], first["parcel_id"]]
    assert listed("") == listed("status=packed,sent") == listed("isFragile=maybe") == ids
    assert listed("status=sent") == listed("isFragile=false") == listed("size=small") == ids[1:]
    assert listed("limit=1") == ids[:1]
    assert listed("limit=1&offset=1") == ids[1:]
    assert listed("startDate=2026-01-15&endDate=2027-01-01") == ids
    assert listed("startDate=2027-01-01") == listed("limit=0") == []
    for query in ("status=x", "startDate=x", "limit=-1", "status=sent&status=packed"):
        answer = ask(f"/parcels?{query}")
        assert (answer.status, answer.error["details"]) == (500, "Internal Server Error")
        assert answer.error["message"].startswith("Failed to fetch parcels: ")
    assert ask("/parcels?limit=x").status == 400
    assert len(ask("/parcels/wrapped?pageSize=1").json["data"]) == 1
    post.repeat_page(route="GET /parcels")
    assert listed("limit=1&offset=1") == ids[:1]


def test_a_malformed_id_is_what_the_operation_makes_of_it(ask):
    assert ask("/parcels/x").error["message"] == "Parcel with ID x not found or access denied"
    assert ask.patch("/parcels/x", {}).error["message"] == 'invalid input syntax for type uuid: "x"'
    assert ask("/parcels/x", "DELETE").status == 500


def test_its_own_rate_limit(ask, post):
    statuses = [ask.post({"address": "x"}, "/parcels").status for _ in range(4)]
    assert statuses == [201, 201, 201, 429]
    answer = ask.post({"address": "x"}, "/parcels")
    assert (answer.headers["retry-after"], answer.headers["x-ratelimit-limit"]) == ("60", "3")
    post.clock.advance(seconds=61)
    assert ask.post({"address": "x"}, "/parcels").headers["x-ratelimit-remaining"] == "2"


def test_idempotency(ask, post):
    def send(body, key="one", **headers):
        return ask.post(body, "/parcels", headers={"Idempotency-Key": key, **headers})

    first = send({"address": "x", "weight": 1})
    again = send({"weight": 1, "address": "x"}, " one ")
    assert (again.status, again.json) == (201, first.json)
    other = send({"address": "y"})
    assert (other.status, other.error["code"]) == (409, "conflict")
    assert other.error["message"] == "Idempotency-Key was reused with a different request payload"
    post.clock.advance(minutes=2)
    assert [send({"address": "y"}, key).status for key in (" ", "")] == [201, 201]
    post.clock.advance(minutes=2)
    long = "k" * 300
    post.clock.advance(minutes=2)
    assert send({"address": "z"}, long).json == send({"address": "z"}, long[:260]).json
    post.clock.advance(minutes=2)
    member = post.merchant(account_of=post.merchant_id, capabilities=["parcel.write"])
    theirs = ask.post({"address": "y"}, "/parcels", headers={"Idempotency-Key": "one", "Lomi-Account": member.account})
    assert theirs.status == 201
    post.clock.advance(minutes=2)
    failed = ask.post([], "/parcels", headers={"Idempotency-Key": "two"})
    assert failed.status == 500
    assert send({"address": "x"}, "two").status == 201
    refused = ask("/parcels", "POST", body=b"x", headers={"Idempotency-Key": "three"})
    assert refused.status == 500


def test_states(ask):
    made = parcel(ask)
    target = f"/parcels/{made['parcel_id']}"
    sent = ask.post({"by": "sea"}, f"{target}/send")
    assert (sent.status, sent.json["status"], sent.json["tags"]) == (201, "sent", {"by": "sea"})
    again = ask.post({}, f"{target}/send")
    # "sent" to "sent" is a step of its own, so that it is only refused from "arrived".
    assert again.status == 201
    ask.sandbox.clock.advance(days=9)
    refused = ask.post({}, f"{target}/send")
    assert (refused.status, refused.error["message"]) == (400, "Only packed parcels can be sent")


def test_what_falls_due_happens_in_its_order_and_at_its_moment(ask, post):
    seen = []
    post.webhooks.add(lambda body, headers: seen.append((headers["X-Lomi-Event"], post.clock.now().isoformat())))
    begun = post.clock.now()
    lost, expires = parcel(ask), parcel(ask, expires_at="2026-01-16T00:00:00Z")
    travels = parcel(ask)
    ask.post({}, f"/parcels/{travels['parcel_id']}/send")
    post.clock.advance(days=10)
    assert [state(ask, each) for each in (lost, expires, travels)] == ["lost", "expired", "arrived"]
    assert [event for event, _ in seen] == ["PARCEL_SENT", "PARCEL_LOST", "PARCEL_ARRIVED"]
    assert [moment[:10] for _, moment in seen] == ["2026-01-15", "2026-01-18", "2026-01-18"]
    assert seen[0][1] < seen[1][1] < seen[2][1]
    data = ask(f"/parcels/{lost['parcel_id']}").json["data"]
    assert datetime.fromisoformat(data["updated_at"]) == begun + timedelta(days=3, milliseconds=1)
    assert ask(f"/parcels/{travels['parcel_id']}").json["data"]["trips"] == 3


def test_a_request_finds_what_fell_due_before_it(ask, post, monkeypatch):
    made = parcel(ask)
    post.clock.run()
    machine = time.time_ns()
    monkeypatch.setattr("time.time_ns", lambda: machine + 4 * DAY * 1000)
    assert state(ask, made) == "lost"
    assert post.objects("parcels", status="lost")[0]["parcel_id"] == made["parcel_id"]


def test_what_is_due_may_be_moved_or_called_off(ask, post):
    made = parcel(ask, expires_at="2026-01-16T00:00:00Z")
    engine = post._engine
    with engine.lock:
        record = engine.store.find("parcels", made["parcel_id"])
        record.body["expires_at"] += DAY
        engine.save(record)
    post.clock.advance(hours=20)
    assert state(ask, made) == "packed"
    ask(f"/parcels/{made['parcel_id']}", "DELETE")
    post.clock.advance(days=9)
    assert post.objects("parcels") == ()


def test_a_step_that_does_not_apply_any_more_is_left_out(ask, post):
    made = parcel(ask)
    with post._engine.lock:
        record = post._engine.store.find("parcels", made["parcel_id"])
        record.status, record.due_at = "arrived", record.created_at + MINUTE
        post._engine.store.save(record)
    post.clock.advance(days=9)
    assert state(ask, made) == "arrived"


def test_an_object_that_is_always_due_is_an_error():
    stuck = Resource(
        *("loops", "loop_id"), shape=Shape("loop_id"), steps=(Step(None, "on"), Step("on", "on", at="begun"))
    )

    class Stuck(Sandbox):
        _background = False
        _resources = (*RESOURCES, stuck)

    with Stuck(seed=1, customers=0) as sandbox:
        sandbox._engine.create("loops", {"begun": sandbox._engine.now + 1}, owner=sandbox.merchant_id)
        with pytest.raises(RuntimeError, match="falls due again at the moment that it fell due"):
            sandbox.clock.advance(days=1)


def test_the_engine_refuses_what_is_no_step(post):
    made = post._engine.create("parcels", {"address": "x"}, owner=post.merchant_id)
    assert post._engine.step(made, "sent", weight=3)["weight"] == 3
    with pytest.raises(StateError, match=r"^parcel .* cannot go from sent to packed$"):
        post._engine.step(made, "packed")
    with pytest.raises(StateError, match="cannot go from None to sent"):
        post._engine.create("parcels", {}, owner=post.merchant_id, status="sent")
    assert len(post.objects("parcels")) == 1


def test_a_kind_says_what_its_events_carry(post):
    from lomi.sandbox.engine import Kind

    with pytest.raises(NotImplementedError):
        Kind().event_data(post._engine, None)
    made = post._engine.create("parcels", {"address": "x"}, owner="nobody")
    assert PARCELS.event_data(post._engine, made)["organization_id"] == ""


def test_a_filter_of_ones_own_and_a_call_without_an_id(post):
    assert Filter("a", "b = ?").choices == ()
    call = Call(*(None,) * 5, params={}, body=[], caller=None, faults=None)
    assert (call.id, call.sent) == ("", {})
    assert str(DatabaseError("text")) == "text"


# The clock


def test_advance_to(post):
    moment = datetime(2026, 2, 1, tzinfo=timezone.utc)
    assert post.clock.advance_to(moment) == post.clock.now() == moment
    with pytest.raises(ValueError, match="only goes forward"):
        post.clock.advance_to(moment - timedelta(seconds=1))
    for wrong in (datetime(2027, 1, 1), "2027-01-01", None):
        with pytest.raises(ValueError, match="moment is an aware datetime"):
            post.clock.advance_to(wrong)


def test_freeze_and_run(monkeypatch):
    machine = [1_800_000_000_000_000_000]
    monkeypatch.setattr("time.time_ns", lambda: machine[0])
    with Sandbox(customers=0) as sandbox:
        clock = sandbox.clock
        assert (clock.speed, clock.frozen) == (1, False)
        clock.freeze()
        frozen = clock.now()
        machine[0] += 10**9
        assert clock.now() == frozen
        clock.run(speed=60)
        machine[0] += 10**9
        assert (clock.now() - frozen, clock.speed) == (timedelta(minutes=1), 60)
        clock.run()
        machine[0] += 10**9
        assert clock.now() - frozen == timedelta(seconds=61)
        for wrong in (0, -1, float("nan"), 10**7, "1", True):
            with pytest.raises(ValueError, match=r"^speed is above 0"):
                clock.run(wrong)


def test_a_file_keeps_the_time_of_its_clock(tmp_path):
    with Sandbox(data=tmp_path / "a", seed=1) as sandbox:
        sandbox.clock.advance(days=40)
        later = sandbox.clock.now()
    with Sandbox(data=tmp_path / "a", seed=1) as sandbox:
        assert sandbox.clock.now() == later


def test_a_resource_without_metadata():
    notes = Resource(
        *("notes", "note_id"),
        fields=(Field("text"),),
        shape=Shape("note_id text"),
        operations=(Operation("POST", "/notes", Create()),),
    )

    class Notes(Sandbox):
        _resources = (*RESOURCES, notes)

    with Notes(seed=1, customers=0) as sandbox:
        answer = Asker(sandbox).post({"text": "x", "metadata": {"a": 1}}, "/notes")
        assert (answer.status, answer.json["text"], len(answer.json)) == (201, "x", 2)
        assert len(sandbox.calls("POST /notes")) == 1


def test_the_worker_does_nothing_while_it_is_held(post):
    with post._engine.worker_held():
        assert post._engine.run_due() == threading.TIMEOUT_MAX
    assert post._engine.run_due() is None


def test_a_worker_that_wakes_after_the_end_carries_nothing_out():
    sandbox = Sandbox(customers=0)
    sandbox.close()
    assert sandbox._engine.run_due() is None
