import respx

from tests.wire import TEST_KEY


def test_the_account_and_its_figures(run):
    assert run.json("merchants", "get", "--sandbox")["country"] == "SN"
    run("merchants", "get", "904d003c-3736-41d4-90a5-9de74d404fd7", "--sandbox")
    assert "merchant@example.com" in run.out
    for amount in ("50 000 XOF", "600 000 XOF", "1 200 000 XOF"):
        assert amount in run.out
    assert run.json("merchants", "mrr", "--sandbox")["mrr"] == 50_000
    run("merchants", "mrr", "--sandbox")
    assert "50 000 XOF" in run.out
    run("merchants", "arr", "--sandbox")
    assert "600 000 XOF" in run.out
    run("merchants", "balance", "--sandbox")
    assert "250 000 XOF" in run.out
    run("merchants", "balance", "--sandbox", "--currency", "USD")
    assert "1 050.00 USD" in run.out
    run("merchants", "balance", "--sandbox", "--currency", "xof", code=2)
    assert 'did you mean "XOF"?' in run.err
    run("merchants", "mrr", "another-merchant", "--sandbox", code=4)


def test_an_amount_with_a_fraction_is_shown_as_sent(run, monkeypatch):
    monkeypatch.setenv("LOMI_API_KEY", TEST_KEY)
    with respx.mock(base_url="https://sandbox.api.lomi.africa") as api:
        api.get("/merchants/m/mrr").respond(
            200, json={"data": {"merchant_id": "m", "mrr": 12.5, "currency_code": "XOF"}}
        )
        run("merchants", "mrr", "m")
        assert "12.5 XOF" in run.out
        assert run.json("merchants", "mrr", "m")["mrr"] == "12.5"
        api.get("/merchants/m/arr").respond(200, json={"data": {"merchant_id": "m", "arr": 12}})
        run("merchants", "arr", "m")
        assert "12 " in run.out


def test_amounts_without_a_currency_are_shown_as_sent(run, sandbox):
    sandbox.fail(404, route="GET /merchants/{id}/mrr", times=None)
    run("merchants", "get")
    assert "│ 50000 " in run.out
