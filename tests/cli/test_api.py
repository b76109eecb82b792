import json

import pytest
import respx

from tests.wire import LIVE_KEY, TEST_KEY


@pytest.fixture
def api(run, monkeypatch):
    """A server that knows only what a test tells it."""
    monkeypatch.setenv("LOMI_API_KEY", TEST_KEY)
    monkeypatch.setenv("LOMI_BASE_URL", "http://127.0.0.1:9")
    with respx.mock(base_url="http://127.0.0.1:9", assert_all_called=False) as api:
        yield api


def test_a_listing_is_a_table_json_or_lines(run):
    arguments = ("api", "GET", "/customers?type=business", "-q", "pageSize=3", "--sandbox")
    run(*arguments)
    assert "│ id" not in run.out
    assert "│ customer_id " in run.out
    assert run.out.splitlines()[-1].strip() == "3 items of 30"
    assert len(run.json(*arguments)["customers"]) == 3
    assert [each["is_business"] for each in run.lines(*arguments)] == [True] * 3


@pytest.mark.parametrize(
    ("body", "caption"),
    [
        ([{"product_id": "p1", "name": "Studio", "amount": 2.5, "created_at": "2026-01-01"}], "1 item"),
        ({"data": [{"link_id": "l1", "title": "Gift"}], "total": 7, "limit": 1, "offset": 0}, "1 item of 7"),
        ({"success": True, "data": [{"refund_id": "r1", "amount": None}]}, "1 item"),
        (["XOF", "USD"], "2 items"),
        ([], "0 items"),
    ],
)
def test_every_envelope_of_a_list_is_understood(run, api, body, caption):
    api.get("/things").respond(200, json=body)
    run("api", "get", "things")
    assert run.out.splitlines()[-1].strip() == caption


def test_columns_are_the_id_then_known_ones_then_others(run, api):
    row = {
        "organization": {"id": 1},
        "is_valid": True,
        "created_at": "2026-01-01",
        "note": "",
        "status": "paid",
        "amount": 24500,
        "charge_id": "c1",
        "organization_id": "o1",
        "reference": "R",
        "a": 1,
        "b": 2,
    }
    api.get("/charges").respond(200, json=[row, {**row, "amount": None}])
    run("api", "GET", "/charges")
    header = [cell.strip() for cell in run.out.splitlines()[1].strip("│").split("│")]
    assert header == ["charge_id", "status", "amount", "is_valid", "reference", "created_at"]
    assert "│ true " in run.out


def test_a_narrow_terminal_shows_fewer_columns(run, api, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    api.get("/charges").respond(200, json=[{"id": "c1", "name": "n", "status": "s", "amount": 1, "created_at": "t"}])
    run("api", "GET", "/charges")
    assert run.out.splitlines()[1].count("│") == 4


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"id": "c1", "tags": ["a"], "name": "Awa"}, "│ tags  │ ["),
        ({"success": True, "data": {"id": "c1", "name": "Awa"}}, "│ name  │ Awa"),
        ({"a": [], "b": []}, "│ a "),
        (275000, "│ 275000"),
    ],
)
def test_a_single_object(run, api, body, shown):
    api.get("/accounts/balance/check/XOF").respond(200, json=body)
    run("api", "GET", "/accounts/balance/check/XOF")
    assert shown in run.out


def test_values_in_the_path_are_kept_out_of_errors(run, api):
    route = api.get("/customers/a%2Fb/transactions/T1").respond(404, json={"error": {"message": "no"}})
    run("api", "GET", "/customers/a%2Fb/transactions/T1", code=3)
    assert route.called
    assert "GET /customers/{id}/transactions/{id2}" in run.err


def test_a_write(run, api, tmp_path):
    route = api.post("/checkout-sessions").respond(201, json={"checkout_session_id": "s1"})
    (tmp_path / "body.json").write_text('{"amount": 10}', "utf-8")
    for data in ('{"amount": 10}', f"@{tmp_path / 'body.json'}"):
        run("api", "POST", "/checkout-sessions", "--data", data, "--idempotency-key", "k1")
        assert json.loads(route.calls.last.request.content) == {"amount": 10}
        assert route.calls.last.request.headers["Idempotency-Key"] == "k1"
    run("api", "POST", "/checkout-sessions", "--data", "@-", input='{"amount": 11}')
    assert json.loads(route.calls.last.request.content) == {"amount": 11}


def test_head_has_no_body(run, api):
    api.head("/customers").respond(200)
    run("api", "HEAD", "/customers")
    assert run.out == "Done.\n"


def test_a_live_write_asks_first(run, api, monkeypatch):
    monkeypatch.setenv("LOMI_API_KEY", LIVE_KEY)
    route = api.delete("/products/p1").respond(200, json={"message": "deleted"})
    run("api", "DELETE", "/products/p1", code=2)
    assert "this would send DELETE /products/p1 in live mode" in run.err
    assert not route.called
    run("api", "DELETE", "/products/p1", "--yes")
    assert route.called


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["GET", "https://api.lomi.africa/customers"], "PATH is a URL"),
        (["GET", "/customers/.."], "id is a dot segment"),
        (["GET", "/customers", "-q", "page"], '--query "page" is not NAME=VALUE'),
        (["GET", "/customers?page=1", "-q", "page=2"], "the query names a parameter twice"),
        (["POST", "/customers", "-d", "[1]"], "--data is not a JSON object"),
        (["POST", "/customers", "-d", "{"], "--data is not JSON"),
        (["PULL", "/customers"], "Invalid value for 'METHOD'"),
    ],
)
def test_invalid_arguments_send_nothing(run, api, arguments, message):
    run("api", *arguments, code=2)
    assert message in run.err
    assert not api.calls
