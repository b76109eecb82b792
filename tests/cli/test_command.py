import pytest

EXAMPLE = "cus_abc123..."


@pytest.mark.parametrize("both", [["--json", "--jsonl"], ["--jsonl", "--json"]])
def test_json_and_jsonl_exclude_each_other(run, sandbox, both):
    run("customers", "create", "--name", "Awa", *both, code=2)
    assert "exclude each other" in run.err
    assert not sandbox.requests


def test_a_connected_account(run, sandbox):
    shop = sandbox.merchant("Shop", account_of=sandbox.merchant_id)
    made = run.json("customers", "create", "--name", "Awa", "--account", shop.account)
    assert made["organization_id"] == shop.organization_id
    run("customers", "list", "--account", "", code=2)


def test_what_delete_returns_is_null(run):
    assert run("customers", "delete", EXAMPLE, "--sandbox", "--json") == "null\n"
