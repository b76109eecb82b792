"""What the page copies really runs: the test in a pytest of its own, the command in a shell."""

import json
import shlex
import shutil
import subprocess
from importlib.metadata import entry_points

import pytest

from lomi.sandbox import Sandbox

from .conftest import Page

# Where the package lies in the path without being installed, nothing tells pytest of its plugin.
INSTALLED = any(each.value == "lomi.testing._plugin" for each in entry_points(group="pytest11"))
BLOCKED = ("asyncio", "xdist", "hypothesispytest", "cacheprovider")
PLUGINS = [*(() if INSTALLED else ("-p", "lomi.testing._plugin")), *(f"-pno:{name}" for name in BLOCKED)]


def snippet(page, number, kind="pytest"):
    return page.order("snippets", number=number, url="http://127.0.0.1:1")[kind]


@pytest.fixture(params=["docs", "server"])
def sandbox(request):
    with Sandbox(request.param, seed=1) as made:
        yield made


def test_tests_that_are_copied_pass(page, sandbox, send, pytester):
    created = json.loads(send("POST", "/customers", {"name": 'Awa {"Diop"}', "is_business": True}).body)
    customer = next(iter(created.values()))
    send("GET", f"/customers/{customer}")
    send(
        "PATCH",
        f"/customers/{customer}",
        {"city": "Thiès", "metadata": {"tags": ["a", None, 1.5], "same as": customer}},
    )
    send("GET", f"/customers/{customer}/transactions")
    planted = page.json("tables/customers")["rows"][5]["values"]
    send("GET", f"/customers/{next(iter(planted.values()))}")
    send("GET", "/customers?search=awa&pageSize=1")
    send("GET", f"/merchants/{sandbox.merchant_id}/mrr")
    send("GET", "/customers/00000000-0000-4000-8000-000000000000")
    send("GET", "/nowhere")
    send("POST", "/customers", b"{", idempotency_key="k")
    send("POST", "/customers", {"email": "nobody"})
    send("POST", "/checkout-sessions", {})
    with sandbox.drop("after_commit"):
        send("POST", "/customers", {"name": "Awa"})
    with sandbox.drop():
        send("GET", f"/customers/{customer}")
    for name, options in (("fail", {"status": 503}), ("truncate", {}), ("rate_limit", {}), ("lose_metadata", {})):
        with sandbox.inject(name, **options):
            send("POST", "/customers", {"name": "Awa", "metadata": {"friend": customer}})
    friend = next(iter(json.loads(sandbox.requests[-1].response).values()))
    send("PATCH", f"/customers/{friend}", {"metadata": {"friend": customer}})
    send("DELETE", f"/customers/{customer}", None)
    for entry in sandbox.requests:
        source = snippet(page, entry.number)
        compile(source, "copied", "exec")
        (pytester.path / f"test_copied_{entry.number}.py").write_text(source, "utf-8")
    pytester.makeini("[pytest]\nfilterwarnings = error")
    result = pytester.runpytest_inprocess(*PLUGINS)
    result.assert_outcomes(passed=len(sandbox.requests))


def test_what_a_copied_test_looks_like(page, sandbox, send):
    if sandbox.dialect == "docs":
        pytest.skip("the other one has a mark more")
    created = json.loads(send("POST", "/customers", {"name": "Awa"}).body)
    send("GET", f"/customers/{created['customer_id']}")
    assert (
        snippet(page, 2)
        == """\
import httpx


def test_customers_get(lomi_sandbox):
    http = httpx.Client(
        transport=lomi_sandbox.transport(),
        base_url=lomi_sandbox.base_url,
        headers={"X-API-KEY": lomi_sandbox.api_key},
    )
    customer_id = http.request("POST", "/customers", json={"name": "Awa"}).json()["customer_id"]
    response = http.request("GET", f"/customers/{customer_id}")
    assert response.status_code == 200
    assert lomi_sandbox.calls("GET /customers/{id}")[-1].status == 200
"""
    )


def test_a_command_that_is_copied_does_it_again(sandbox):
    if shutil.which("curl") is None:
        pytest.skip("no curl here")
    with sandbox.serve() as server, sandbox.client(transport=sandbox.transport()) as client:
        client.customers.create(name="Awa l'Étoile", metadata={"a": "$HOME `id`"})
        page = Page(sandbox)
        command = page.order("snippets", number=1, url=server.url)["curl"]
        assert shlex.split(command)[:3] == ["curl", "-X", "POST"]
        subprocess.run(["sh", "-c", command.replace("curl", "curl -sS --noproxy '*'", 1)], check=True, timeout=60)
        first, second = sandbox.requests
        assert (second.status, second.json, second.path) == (201, first.json, first.path)


def test_a_request_that_is_forgotten(page):
    assert page.order("snippets", number=9, url="") == {"problem": "that request is forgotten"}
