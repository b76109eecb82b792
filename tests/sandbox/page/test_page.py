"""What the page is told and what its switches do, without a browser."""

import json
import re
import threading
from datetime import timedelta

import pytest

from lomi.sandbox import Sandbox
from lomi.sandbox.behaviours import Create, Get, List, Update, date_filters, field_filter
from lomi.sandbox.dashboard.overview import ROWS
from lomi.sandbox.dashboard.pages import ORDERS
from lomi.sandbox.dashboard.timeline import LENGTH
from lomi.sandbox.faults import FAULTS
from lomi.sandbox.resource import Field, Operation, Resource, Shape, Step
from lomi.sandbox.resources import RESOURCES

from .conftest import FILES, Page

HTML = (FILES / "index.html").read_text("utf-8")
SCRIPT = (FILES / "page.js").read_text("utf-8")
STYLE = (FILES / "page.css").read_text("utf-8")


# Files


def test_the_page_without_its_slash(page):
    answer = page("")
    assert answer.status == 308
    assert ("Location", "/_sandbox/") in answer.headers


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript"), ("/icon.svg", "image/svg+xml")],
)
def test_files(page, path, kind):
    answer = page(path)
    assert answer.status == 200
    headers = dict(answer.headers)
    assert headers["Content-Type"].startswith(kind)
    assert headers["Content-Length"] == str(len(answer.body))


@pytest.mark.parametrize(
    "path",
    [
        *("/words.json", "/index.html", "/../_page.py", "/%2e%2e/_page.py", "/page.css/", "/api", "/api/"),
        *("/api/nothing", "/api/requests/", "/api/requests/x", "/api/tables/nothing", "/api/tables/keys"),
    ],
)
def test_nothing_else(page, path):
    assert page(path).status == 404


@pytest.mark.parametrize(("path", "method"), [("/", "POST"), ("/api/state", "DELETE"), ("/page.js", "PUT")])
def test_methods(page, path, method):
    answer = page(path, method)
    assert (answer.status, dict(answer.headers)["Allow"]) == (405, "GET, HEAD")


def test_nothing_comes_from_elsewhere():
    for text in (HTML, SCRIPT, STYLE):
        assert re.findall(r"https?://[\w./-]+", text) == []
    assert re.findall(r'(?:src|href)="([^"?#]+)"', HTML) == ["icon.svg", "page.css", "page.js"]
    assert "//" not in "".join(re.findall(r"url\(([^)]*)\)", STYLE))


def test_text_is_never_made_markup():
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|DOMParser|\beval\b|Function\(", SCRIPT)
    assert not re.findall(r"\son\w+=|style=|javascript:|<script(?! type=\"module\" src=\")", HTML)


def test_no_resource_is_known_to_the_script():
    for resource in RESOURCES:
        if resource.shape.server and resource.type != "merchants":  # whose data a table shows, not a table
            assert not re.findall(rf'["`.]({resource.type}|{resource.key})\b', SCRIPT), resource.type


def test_a_closed_sandbox(page, sandbox):
    sandbox.close()
    assert page("/api/state").status == 503


# Words


def test_both_languages_have_every_word(words):
    assert [name for name, said in words.items() if sorted(said) != ["en", "fr"] or not all(said.values())] == []
    for name, said in words.items():
        assert sorted(re.findall(r"\{\w+\}", said["en"])) == sorted(re.findall(r"\{\w+\}", said["fr"])), name


def test_every_word_is_used_and_every_used_word_is_there(words):
    used = set(re.findall(r"\{\{(\w+)\}\}", HTML)) - {"lang", "theme"}
    used |= {name for name in words if re.search(rf'["`]{name}["`]', SCRIPT)}
    for name in re.findall(r'counted\("(\w+)"', SCRIPT):
        used |= {f"{name}_one", f"{name}_other"}
    for kind in FAULTS.values():
        asked = [each.name for each in kind.parameters if each.form]
        timed = any(each.name == "when" for each in kind.parameters)
        used |= {f"fault_{kind.name}", f"fault_{kind.name}_hint", *(f"option_{name}" for name in asked)}
        used |= {f"unit_{name}" for name in asked if name != "status"} | ({f"after_{kind.name}"} if timed else set())
    used |= {"copy_curl", "copy_pytest", "by_time", "by_call"}
    assert used == set(words)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_is_filled_in_and_escaped(page, words, language):
    text = page(f"/?lang={language}").body.decode()
    assert f'<html lang="{language}"' in text
    assert "{{" not in text
    assert f"<title>{words['title'][language]}</title>" in text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CI,fr;q=0.9,en;q=0.8", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.5", "en"),
        ("de, fr;q=0.3", "fr"),
        ("de,en;q=0.2,fr;q=0.7", "fr"),
        ("FR-SN", "fr"),
        ("*", "en"),
        ("fr;q=x, ;;;,", "en"),
        ("fr;q=0", "en"),
    ],
)
def test_the_language_of_the_browser(page, accepted, language):
    answer = page("/", accept_language=accepted)
    assert f'<html lang="{language}"' in answer.body.decode()
    assert ("Vary", "Accept-Language") in answer.headers


def test_the_address_decides_language_and_theme(page):
    text = page("/?lang=fr&theme=dark", accept_language="en").body.decode()
    assert '<html lang="fr" data-theme="dark">' in text
    text = page('/?lang=xx&theme="><script>', accept_language="en").body.decode()
    assert '<html lang="en" data-theme="auto">' in text


# What is declared

PARCELS = Resource(
    "parcels",
    key="parcel_id",
    prefix="par",
    noun="Parcel",
    fields=(Field("label", required=True), Field("weight", "number"), Field("size", choices=("s", "l"))),
    shape=Shape("parcel_id label weight size secret status created_at"),
    steps=(Step(None, "packed"), Step("packed", "sent", event="PARCEL_SENT")),
    searched=("label",),
    operations=(
        Operation("POST", "/parcels", Create()),
        Operation(
            "GET", "/parcels", List("array", filters=(*date_filters(), field_filter("size", "size", ("s", "l"))))
        ),
        Operation("GET", "/parcels/{id}", Get()),
        Operation("PATCH", "/parcels/{id}", Update(only=("label",))),
    ),
)


class WithParcels(Sandbox):
    _resources = (*RESOURCES, PARCELS)


@pytest.fixture
def parcels():
    with WithParcels(seed=1, customers=1) as sandbox:
        for label, size in (("Awa", "s"), ("Moussa", "l")):
            body = {"label": label, "size": size, "secret": "whsec_abc"}
            sandbox._engine.create("parcels", body, owner=sandbox.merchant_id)
        yield Page(sandbox)


def test_a_new_resource_needs_no_more_than_its_declaration(parcels):
    about = parcels.json("about")
    told = next(each for each in about["resources"] if each["type"] == "parcels")
    assert (told["search"], told["states"], told["pay"]) == (True, ["packed", "sent"], None)
    assert told["steps"] == [{"source": "packed", "target": "sent", "event": "PARCEL_SENT"}]
    assert [(each["name"], each["choices"], each["date"]) for each in told["filters"]] == [
        ("startDate", [], True),
        ("endDate", [], True),
        ("size", ["s", "l"], False),
        ("status", ["packed", "sent"], False),
    ]
    create, listed, _, update = told["operations"]
    assert (create["method"], create["path"], create["required"]) == ("POST", "/parcels", True)
    assert create["fields"][0] == {"name": "label", "kind": "text", "required": True, "choices": []}
    assert listed["fields"] is None
    assert [each["name"] for each in update["fields"]] == ["label"]
    assert "PARCEL_SENT" in about["events"]


def test_its_table_is_filtered_searched_and_holds_no_secret(parcels):
    def labels(query):
        return [row["values"]["label"] for row in parcels.json(f"tables/parcels?{query}")["rows"]]

    assert labels("") == ["Moussa", "Awa"]
    assert (labels("size=s"), labels("size=xl"), labels("search=MOU"), labels("status=sent")) == (
        ["Awa"],
        ["Moussa", "Awa"],
        ["Moussa"],
        [],
    )
    assert labels("startDate=2026-01-01T00:00:00Z") == ["Moussa", "Awa"]
    assert labels("endDate=2026-01-01T00:00:00Z&merchant=nobody") == []
    told = parcels.json("tables/parcels")
    assert (told["key"], told["columns"][0]) == ("parcel_id", "parcel_id")
    assert told["rows"][0]["values"]["secret"] == "****"
    answer = parcels("/api/tables/parcels?startDate=yesterday")
    assert (answer.status, "timestamp" in json.loads(answer.body)["problem"]) == (400, True)


def test_its_steps_can_be_taken(parcels):
    row = parcels.json("tables/parcels")["rows"][0]
    assert parcels.order("step", type="parcels", id=row["id"], target="sent") == {}
    assert parcels.json("tables/parcels")["rows"][0]["status"] == "sent"
    again = parcels.order("step", type="parcels", id=row["id"], target="sent")
    assert "cannot go from sent to sent" in again["problem"]
    assert parcels.order("step", type="parcels", id="x", target="sent") == {"problem": "there is no such object"}
    change = parcels.json("state")["timeline"][0]["changes"][-1]
    assert (change["type"], change["source"], change["target"]) == ("parcel", "packed", "sent")
    assert change["events"] == [{"event": "PARCEL_SENT", "attempts": []}]


def test_about(page, sandbox, words):
    told = page.json("about?lang=fr")
    assert told["words"] == {name: texts["fr"] for name, texts in words.items()}
    assert told["key"] == "lomi_sk_test_****"
    assert "POST /customers" in told["routes"]
    assert sandbox.api_key not in json.dumps(told)
    assert [each["kind"] for each in told["faults"]] == list(FAULTS)
    assert told["faults"][1]["parameters"] == [{"name": "status", "min": 400, "max": 599, "step": 1, "start": 503}]


def test_pages_of_a_table(page, sandbox):
    first = page.json("tables/customers")
    assert (first["total"], first["page"], first["pages"], len(first["rows"]), first["key"]) == (150, 1, 15, ROWS, "id")
    assert page.json("tables/customers?page=99")["page"] == 15
    assert page.json("tables/customers?search=nobody-like-this")["pages"] == 1
    assert page.json("tables/customers?status=inactive")["total"] < 150
    assert page("/api/tables/customers?page=x").status == 400
    sandbox.merchant("Boutique")
    assert page.json("tables/merchants")["total"] == 2
    assert [each["name"] for each in page.json("state")["merchants"]] == ["Test Merchant", "Boutique"]


# What happened


def test_state_of_a_new_sandbox(page, sandbox):
    state = page.json("state")
    assert state["now"] == sandbox.clock.now().timestamp() * 1000
    assert (state["speed"], state["dialect"], state["faults"], state["due"]) == (0, "docs", [], None)
    assert state["timeline"] == []
    assert "timeline" not in page.json(f"state?revision={state['revision']}")


def test_the_timeline_nests_what_followed(page, sandbox, send):
    sandbox.webhooks.add(lambda body, headers: 503)
    send("POST", "/customers", {"name": "Awa"})
    customer = page.json("tables/customers")["rows"][0]["id"]
    sandbox.pay(customer, 700)
    state = page.json("state")
    paid, request, _ = state["timeline"]
    assert (request["method"], request["path"], request["status"], request["number"]) == ("POST", "/customers", 201, 1)
    assert [(each["type"], each["target"], each["changed"]) for each in request["changes"]] == [
        ("customer", None, True)
    ]
    assert request["changes"][0]["id"].startswith("cus_")
    assert paid["kind"] == "call"
    transaction = paid["changes"][0]
    assert (transaction["source"], transaction["target"]) == (None, "completed")
    first, second = transaction["events"][0]["attempts"]
    assert (first["status"], first["response_status"], second["status"]) == ("retried", 503, "waiting")
    assert re.fullmatch(r"[0-9a-f]{64}", first["signature"])
    assert json.loads(first["request"])["event"] == "PAYMENT_SUCCEEDED"
    assert state["due"]["what"] == "webhook"
    # Neither keys nor balances, which are no resources, show.
    assert "keys" not in json.dumps(state)

    assert page.order("resend", number=first["number"]) == {}
    attempts = page.json("state")["timeline"][0]["changes"][0]["events"][0]["attempts"]
    assert [each["attempt"] for each in attempts][:3] == [1, 2, 2]


JOBS = Resource(
    "jobs",
    key="job_id",
    shape=Shape("job_id status"),
    steps=(Step(None, "waiting"), Step("waiting", "done", after=timedelta(minutes=42))),
)


class WithJobs(Sandbox):
    _resources = (*RESOURCES, JOBS)
    # Nothing happens but what the test asks for.
    _background = False


def test_what_falls_due_by_itself_is_the_clocks():
    with WithJobs(seed=1, customers=0) as hasty:
        told = Page(hasty)
        hasty._engine.create("jobs", {}, owner=hasty.merchant_id)
        due = told.json("state")["due"]
        assert (due["what"], due["at"]) == ("jobs waiting → done", told.json("state")["now"] + 42 * 60_000)
        assert told.order("clock", to=due["micros"]) == {}
        after = told.json("state")
        assert (after["due"], after["timeline"][0]["kind"], after["now"]) == (None, "time", due["at"])
        assert after["timeline"][0]["changes"][0]["target"] == "done"


def test_the_timeline_is_bounded_and_starts_over(page, sandbox, send):
    for _ in range(LENGTH + 5):
        send("GET", "/me")
    numbers = [entry["number"] for entry in page.json("state")["timeline"]]
    assert (len(numbers), numbers[0]) == (LENGTH, LENGTH + 5)
    before = page.json("state")["revision"]
    sandbox.clear_log()
    assert page.json(f"state?revision={before}")["timeline"] == []


def test_looking_is_not_logged(page, sandbox):
    for path in ("state", "tables/customers", "about"):
        page.json(path)
    assert sandbox.requests == ()


def test_a_request_in_full(page, send, sandbox):
    send("POST", "/customers", {"name": "Awa"})
    told = page.json("requests/1")
    assert (told["body"], told["response"]["name"]) == ({"name": "Awa"}, "Awa")
    assert told["headers"]["x-api-key"] == "lomi_sk_test_****"
    send("POST", "/customers", b"name=\xffAwa")
    assert page.json("requests/2")["body"] == "name=\ufffdAwa"
    assert json.loads(page("/api/requests/9").body) == {"problem": "that request is forgotten"}


def test_tokens_and_keys_stay_in_the_sandbox(page, send, sandbox):
    customer = sandbox.seed(customers=1)[0]
    send("POST", f"/customers/{customer}/portal-launch-session", {})
    send("POST", "/customers", {"name": "\ud800", "metadata": {"secret": "s3cr3t", "note": sandbox.api_key}})
    text = page("/api/requests/1").body + page("/api/requests/2").body + page("/api/tables/customers").body
    assert b"s3cr3t" not in text
    assert sandbox.api_key.encode() not in text
    assert b'"launch_token": "****"' in text


# Orders


def test_dialect(page, sandbox):
    assert page.order("dialect", dialect="server") == {}
    assert sandbox.dialect == "server"
    assert page.order("dialect", dialect="prose") == {"problem": 'dialect is "server" or "docs"'}
    assert page.order("dialect") == {"problem": "dialect is a text"}


def test_clock(page, sandbox):
    before = page.json("state")["now"]
    assert page.order("clock", minutes=60) == {}
    assert page.json("state")["now"] - before == 3600 * 1000
    # Where the clock has passed a moment already, it stays.
    assert page.order("clock", to=0) == {}
    assert page.json("state")["now"] - before == 3600 * 1000
    for minutes, problem in [(-1, "goes forward"), (10**11, "9999"), ("1", "is a number"), (True, "is a number")]:
        assert problem in page.order("clock", minutes=minutes)["problem"]
    assert page.order("clock", speed=60) == {}
    assert page.json("state")["speed"] == 60
    assert page.order("clock", speed=0) == {}
    assert page.json("state")["speed"] == 0
    assert "speed is above 0" in page.order("clock", speed=-1)["problem"]


@pytest.mark.parametrize("kind", FAULTS.values(), ids=list(FAULTS))
def test_every_fault_can_be_injected_and_removed(page, sandbox, kind):
    options = {each.name: each.form[3] for each in kind.parameters if each.form}
    assert page.order("faults", kind=kind.name, times=None, probability=0.5, **options) == {}
    [fault] = page.json("state")["faults"]
    assert (fault["kind"], fault["probability"], fault["left"], fault["struck"]) == (kind.name, 0.5, None, 0)
    assert {**fault["options"], **options} == fault["options"]
    sandbox.repeat_page(route="GET /customers", times=7)
    assert page.order("faults/cancel", id=fault["id"]) == {}
    assert [(each.kind, each.left) for each in sandbox.faults] == [("repeat_page", 7)]


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"kind": "fire"}, "no fault is called 'fire'"),
        ({"kind": None}, "kind is a text"),
        ({"status": 200}, "status is 400 to 599"),
        ({"route": "GET /nowhere"}, "no route is called"),
        ({"times": 0}, "times is 1 or more"),
        ({"probability": 0}, "probability is above 0"),
        ({"colour": 1}, "colour"),
    ],
)
def test_a_fault_that_cannot_be(page, sandbox, wrong, problem):
    assert problem in page.order("faults", **{"kind": "fail", "status": 500, **wrong})["problem"]
    assert sandbox.faults == ()


def test_pay(page, sandbox):
    payment = {"customer": "cus_abc123...", "amount": 700, "currency_code": "XOF", "status": "completed"}
    before = page.json("tables/transactions")["total"]
    assert page.order("pay", **payment) == {}
    assert page.json("tables/transactions")["total"] == before + 1
    assert page.order("pay", **{**payment, "customer": "cus_nobody"}) == {"problem": "there is no such customer"}
    assert "amount is above 0" in page.order("pay", **{**payment, "amount": 0})["problem"]


def test_what_takes_long_does_not_hold_the_page_up(page, sandbox):
    """A receiver that calls the sandbox back is served by the loop that the page's order came from."""
    called, go = threading.Event(), threading.Event()

    def receive(body, headers):
        called.set()
        go.wait(30)

    sandbox.webhooks.add(receive)
    assert page.order("pay", customer="cus_abc123...", amount=700, currency_code="XOF") == {}
    assert called.wait(30)
    assert page.json("state")["timeline"]
    go.set()
    sandbox.deliver()
    assert [each.status for each in sandbox.deliveries] == ["delivered"]


def test_reset(page, sandbox, send):
    send("POST", "/customers", {"name": "Awa"})
    sandbox.fail()
    assert page.order("reset") == {}
    assert (sandbox.requests, sandbox.faults, page.json("state")["timeline"]) == ((), (), [])
    assert page.json("tables/customers")["total"] == 150


def test_the_key_is_told_when_it_is_asked_for(page, sandbox):
    assert page.order("key") == {"key": sandbox.api_key}


@pytest.mark.parametrize(
    ("body", "problem"),
    [(b"", "is JSON"), (b"{", "is JSON"), (b"[" * 100_000, "is JSON"), (b"\xff", "is JSON"), (b"[]", "a JSON object")],
)
def test_an_order_that_is_none(page, body, problem):
    for path in ORDERS:
        answer = page(path, "POST", body, content_type="application/json")
        assert answer.status == 400
        assert problem in json.loads(answer.body)["problem"]
