"""What the page is told and what its switches do, without a browser."""

import json
import re

import pytest

from lomi.sandbox import Sandbox
from lomi.sandbox.dashboard.overview import LARGEST_BATCH, PAID_DAYS, RECURRING_DAYS, ROWS, WORDS
from lomi.sandbox.dashboard.pages import ORDERS
from lomi.sandbox.faults import FAULTS

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
        "/words.json",
        "/index.html",
        "/../_page.py",
        "/%2e%2e/_page.py",
        "/page.css/",
        "/api",
        "/api/",
        "/api/nothing",
        "/api/requests/",
        "/api/requests/x",
        "/api/requests/1",
        "/api/requests/9999999999999999",
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
        assert set(re.findall(r"https?://[\w./-]+", text)) <= {"http://www.w3.org/2000/svg"}
    assert re.findall(r'(?:src|href)="([^"?#]+)"', HTML) == ["icon.svg", "page.css", "page.js"]
    assert "//" not in "".join(re.findall(r"url\(([^)]*)\)", STYLE))


def test_text_is_never_made_markup():
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|DOMParser|\beval\b|Function\(", SCRIPT)
    assert not re.findall(r"\son\w+=|style=|javascript:|<script(?! type=\"module\" src=\")", HTML)


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
    for kind in FAULTS:
        used |= {f"fault_{kind}", f"fault_{kind}_hint"}
    used |= {WORDS.get(each.name, each.name) for kind in FAULTS.values() for each in kind.parameters if each.form}
    used |= {f"status_{status}" for status in ("completed", "pending", "failed", "refunded")}
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


def test_about(page, sandbox, words):
    said = page.json("about?lang=fr")
    assert said["words"] == {name: texts["fr"] for name, texts in words.items()}
    assert said["key"] == "lomi_sk_test_****"
    assert "POST /customers" in said["routes"]
    assert sandbox.api_key not in json.dumps(said)


# What happened


def test_state_of_a_new_sandbox(page, sandbox):
    state = page.json("state")
    assert state["now"] == sandbox.clock.now().timestamp() * 1000
    assert (state["frozen"], state["dialect"], state["faults"]) == (True, "docs", [])
    assert (state["oldest"], state["requests"]) == (None, [])


def test_state_tells_the_new_requests(page, sandbox, send):
    send("GET", "/me")
    sandbox.drop()
    send("POST", "/customers", {"name": "Awa"})
    state = page.json("state")
    assert [(line["number"], line["method"], line["target"], line["status"]) for line in state["requests"]] == [
        (1, "GET", "/me", 200),
        (2, "POST", "/customers", None),
    ]
    assert state["requests"][1]["faults"] == ["drop"]
    assert state["requests"][0]["milliseconds"] >= 0
    assert state["requests"][0]["at"] == sandbox.requests[0].at.timestamp() * 1000
    assert [line["number"] for line in page.json("state?after=1")["requests"]] == [2]
    assert page.json("state?after=2")["requests"] == []
    assert len(page.json("state?after=x")["requests"]) == 2


def test_state_tells_of_a_reset(page, sandbox, send):
    send("GET", "/me")
    sandbox.reset()
    assert page.json("state?after=1")["oldest"] is None
    send("GET", "/me")
    assert page.json("state?after=1")["oldest"] == 2


def test_state_is_bounded(page, send):
    for _ in range(LARGEST_BATCH + 5):
        send("GET", "/me")
    numbers = [line["number"] for line in page.json("state")["requests"]]
    assert (len(numbers), numbers[-1]) == (LARGEST_BATCH, LARGEST_BATCH + 5)


def test_looking_is_not_logged(page, sandbox):
    page.json("state")
    page.json("data")
    page("/")
    assert sandbox.requests == ()


def test_the_revision_is_another_when_the_data_is(page, sandbox, send):
    first = page.json("state")["revision"]
    send("GET", "/customers")
    assert page.json("state")["revision"] == first
    send("POST", "/customers", {"name": "Awa"})
    assert page.json("state")["revision"] != first


def test_a_request_in_full(page, send):
    send("POST", "/customers", {"name": "Awa"})
    told = page.json("requests/1?personal=yes")
    assert json.loads(told["body"]) == {"name": "Awa"}
    assert json.loads(told["response"])["name"] == "Awa"
    assert told["headers"]["x-api-key"] == "lomi_sk_test_****"


# The data


def test_figures(page, sandbox):
    figures = page.json("data")["merchant"]
    assert figures["id"] == sandbox.merchant_id
    assert (figures["currency_code"], figures["mrr"], figures["arr"]) == ("XOF", 50_000, 600_000)
    assert figures["lifetime_value"] == 1_200_000
    assert figures["balances"] == [
        {"currency_code": "XOF", "balance": 250_000},
        {"currency_code": "USD", "balance": 105_000},
        {"currency_code": "EUR", "balance": 48_250},
    ]


def test_recurring_revenue_over_a_year():
    with Sandbox("docs", seed=1) as sandbox:
        page = Page(sandbox)
        customer = page.json("data")["customers"]["rows"][0]["id"]
        assert page.json("data")["merchant"]["recurring"] == [50_000] * RECURRING_DAYS
        sandbox.pay(customer, 1_000, recurring=True)
        sandbox.pay(customer, 500, recurring=True)
        sandbox.pay(customer, 9_000)
        sandbox.pay(customer, 7_000, recurring=True, status="failed")
        sandbox.pay(customer, 8_000, "USD", recurring=True)
        sandbox.clock.advance(days=2)
        sandbox.pay(customer, 200, recurring=True)
        assert page.json("data")["merchant"]["recurring"] == [50_000] * (RECURRING_DAYS - 3) + [51_500, 51_500, 51_700]
        sandbox.clock.advance(days=400)
        assert page.json("data")["merchant"]["recurring"] == [51_700] * RECURRING_DAYS


def test_payments_a_day():
    with Sandbox("docs", seed=1, customers=0) as sandbox:
        page = Page(sandbox)
        assert page.json("data")["merchant"]["paid"] == [0] * PAID_DAYS
        customer = sandbox.seed(customers=1)[0]
        sandbox.pay(customer, 1_000)
        sandbox.pay(customer, 500)
        sandbox.pay(customer, 7_000, status="pending")
        sandbox.pay(customer, 8_000, "USD")
        sandbox.clock.advance(days=1)
        sandbox.pay(customer, 30)
        assert page.json("data")["merchant"]["paid"] == [0] * (PAID_DAYS - 2) + [1_500, 30]


def test_another_merchant_and_one_without_recurring_revenue(page, sandbox):
    shop = sandbox.merchant("Boutique", mrr=None, arr=None, currency_code="EUR")
    sandbox.seed(customers=2, transactions=3, merchant=shop)
    data = page.json(f"data?merchant={shop.id}")
    assert data["merchants"] == [
        {"id": sandbox.merchant_id, "name": "Test Merchant"},
        {"id": shop.id, "name": "Boutique"},
    ]
    assert (data["merchant"]["name"], data["merchant"]["mrr"], data["merchant"]["recurring"]) == ("Boutique", None, [])
    assert (data["customers"]["total"], data["transactions"]["total"]) == (2, 3)
    assert page.json("data?merchant=nobody")["merchant"]["id"] == sandbox.merchant_id


def test_customers_and_their_pages(page, send):
    send("POST", "/customers", {"name": "Zoé Latest", "email": None})
    first = page.json("data?personal=yes")["customers"]
    assert (first["total"], first["page"], first["pages"], len(first["rows"])) == (151, 1, 16, ROWS)
    newest = first["rows"][0]
    assert (newest["name"], newest["email"], newest["paid"], newest["is_business"]) == ("Zoé Latest", None, 0, False)
    assert page.json("data?customers=16")["customers"]["rows"][-1]["id"] == "cus_abc123..."
    assert page.json("data?customers=99")["customers"]["page"] == 16
    found = page.json("data?personal=yes&search=ZO%C3%89")["customers"]
    assert [row["name"] for row in found["rows"]] == ["Zoé Latest"]
    none = page.json("data?search=nobody-like-this")["customers"]
    assert (none["total"], none["page"], none["pages"], none["rows"]) == (0, 1, 1, [])
    send("DELETE", f"/customers/{newest['id']}")
    assert page.json("data")["customers"]["total"] == 150


def test_transactions(page, sandbox):
    sandbox.pay("cus_abc123...", 1234, "EUR", status="refunded", recurring=True)
    listing = page.json("data?personal=yes")["transactions"]
    newest = listing["rows"][0]
    assert (newest["customer"], newest["gross_amount"], newest["currency_code"]) == ("Amadou Ba", 1234, "EUR")
    assert (newest["status"], newest["method"], newest["recurring"]) == ("refunded", "WAVE", True)
    assert listing["total"] == 243
    assert page.json("data?transactions=2")["transactions"]["page"] == 2


def test_ids_are_those_of_the_dialect(page, sandbox):
    assert page.json("data")["customers"]["rows"][0]["id"].startswith("cus_")
    sandbox.dialect = "server"
    assert re.fullmatch(r"[0-9a-f-]{36}", page.json("data")["customers"]["rows"][0]["id"])


# Orders


def test_dialect(page, sandbox):
    assert page.order("dialect", dialect="server") == {}
    assert sandbox.dialect == "server"
    assert page.order("dialect", dialect="docs") == {}
    assert page.order("dialect", dialect="prose") == {"problem": "dialect is docs or server"}
    assert page.order("dialect") == {"problem": "dialect is a text"}
    assert sandbox.dialect == "docs"


def test_clock(page, sandbox):
    before = page.json("state")["now"]
    assert page.order("clock", hours=24) == {}
    assert page.json("state")["now"] - before == 24 * 3600 * 1000
    for hours, problem in [(-1, "goes forward"), (10**9, "9999"), ("1", "is a number"), (True, "is a number")]:
        assert problem in page.order("clock", hours=hours)["problem"]
    for hours in ("NaN", "Infinity", "1" + "0" * 400):
        answer = page("/api/clock", "POST", b'{"hours":%s}' % hours.encode(), content_type="application/json")
        assert (answer.status, json.loads(answer.body)) == (400, {"problem": "hours is a number"})


AIM = {"route": None, "times": None, "probability": 1, "when": "before", "value": 1}


@pytest.mark.parametrize("kind", FAULTS)
def test_every_fault_can_be_switched_on_and_off(page, sandbox, kind):
    value = 500 if kind == "fail" else 2
    assert page.order("faults", kind=kind, **{**AIM, "value": value, "when": "after_commit"}) == {}
    assert [fault.kind for fault in sandbox.faults] == [kind]
    assert page.json("state")["faults"] == [{"kind": kind, "route": None, "struck": 0, "left": None}]
    sandbox.repeat_page(route="GET /customers", times=7)
    assert page.order("faults/cancel", kind=kind) == {}
    assert [fault.kind for fault in sandbox.faults] == [] if kind == "repeat_page" else ["repeat_page"]


def test_the_page_offers_every_fault_there_is(page):
    offered = page.json("about")["faults"]
    assert [each["kind"] for each in offered] == list(FAULTS)
    assert offered[:2] == [
        {"kind": "drop", "value": None, "when": True, "webhooks": False},
        {
            "kind": "fail",
            "value": {"min": 400, "max": 599, "step": 1, "start": 503, "word": "status_code"},
            "when": True,
            "webhooks": False,
        },
    ]


def test_a_fault_that_was_switched_on_strikes_as_it_was_aimed(page, send):
    page.order("faults", kind="fail", **{**AIM, "value": 418, "route": "GET /me", "times": 2})
    assert [send("GET", "/customers").status, send("GET", "/me").status] == [200, 418]
    assert page.json("state")["faults"] == [{"kind": "fail", "route": "GET /me", "struck": 1, "left": 1}]
    send("GET", "/me")
    assert page.json("state")["faults"] == []


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"kind": "fire"}, "kind is one of drop, fail, "),
        ({"kind": None}, "kind is a text"),
        ({"value": 200}, "status is 400 to 599"),
        ({"value": 500.5}, "value is a whole number"),
        ({"value": None}, "value is a number"),
        ({"route": "GET /nowhere"}, "no route is called"),
        ({"route": 1}, "route is a text"),
        ({"times": 0}, "times is 1 or more"),
        ({"times": 1.5}, "times is a whole number"),
        ({"probability": 0}, "probability is above 0"),
        ({"probability": None}, "probability is a number"),
        ({"when": None}, "when is a text"),
    ],
)
def test_a_fault_that_cannot_be(page, sandbox, wrong, problem):
    assert problem in page.order("faults", **{"kind": "fail", **AIM, "value": 500, **wrong})["problem"]
    assert sandbox.faults == ()


PAYMENT = {"customer": "cus_abc123...", "amount": 700, "currency_code": "XOF", "status": "completed", "recurring": True}


def test_pay(page, sandbox):
    assert page.order("pay", **PAYMENT) == {}
    figures = page.json("data")["merchant"]
    assert (figures["balances"][0]["balance"], figures["mrr"]) == (250_700, 50_700)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"customer": "cus_nobody"}, "there is no such customer"),
        ({"customer": "\ud800"}, "surrogates not allowed"),
        ({"amount": 0}, "amount is above 0"),
        ({"amount": 1e13}, "amount is at most"),
        ({"amount": "700"}, "amount is a number"),
        ({"currency_code": "cfa"}, "three upper-case letters"),
        ({"recurring": "no"}, "recurring is true or false"),
        ({"status": None}, "status is a text"),
        ({"status": "complted"}, "status is one of"),
    ],
)
def test_a_payment_that_cannot_be(page, wrong, problem):
    assert problem in page.order("pay", **{**PAYMENT, **wrong})["problem"]
    assert page.json("data")["transactions"]["total"] == 242


def test_reset(page, sandbox, send):
    send("POST", "/customers", {"name": "Awa"})
    sandbox.fail()
    assert page.order("reset") == {}
    assert (sandbox.requests, sandbox.faults) == ((), ())
    assert page.json("data")["customers"]["total"] == 150


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
