"""server.md, 7: the Lomi-Account header. One test a line."""

import pytest

MERCHANT = "904d003c-3736-41d4-90a5-9de74d404fd7"


@pytest.fixture
def connected(deployed):
    """A merchant that the sandbox's own may act for."""
    return deployed.merchant("Connected", account_of=deployed.merchant_id)


@pytest.fixture
def acting(connected):
    return {"Lomi-Account": connected.account}


def test_accepted_where_customers_are_read_and_written(ask, acting, connected):
    created = ask.post({"name": "Theirs"}, headers=acting)
    assert created.status == 201
    assert created.json["organization_id"] == connected.organization_id
    target = f"/customers/{created.json['customer_id']}"
    assert ask("/customers", headers=acting).json["pagination"]["totalCount"] == 1
    assert ask(target, headers=acting).status == 200
    assert ask.patch(target, {"city": "Kindia"}, headers=acting).status == 200
    assert ask(f"{target}/transactions", headers=acting).status == 200
    assert ask(target).status == 404
    assert ask(target, key=connected.api_key).status == 200


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("DELETE", "/customers/x"),
        ("POST", "/customers/x/portal-launch-session"),
        ("GET", "/customers/x/portal-audit"),
        ("GET", f"/merchants/{MERCHANT}"),
        ("GET", f"/merchants/{MERCHANT}/mrr"),
        ("GET", f"/merchants/{MERCHANT}/arr"),
        ("GET", f"/merchants/{MERCHANT}/balance?currency_code=XOF"),
        ("GET", "/me"),
    ],
)
@pytest.mark.parametrize("key", ["lomi_sk_test_sandbox", None])
def test_refused_elsewhere_before_the_key_is_checked(ask, acting, method, target, key):
    answer = ask(target, method, headers=acting, key=key)
    assert answer.status == 401
    assert answer.error["message"] == "Network requests are not supported for this endpoint"


def test_the_match_is_case_sensitive_though_routing_is_not(ask, acting):
    assert ask("/Customers").status == 200
    assert ask("/Customers", headers=acting).status == 401
    assert ask("/customers/", headers=acting).status == 200


def test_unknown_account(ask):
    other = ask.sandbox.merchant("Somebody else's", account_of=ask.sandbox.merchant())
    for account in ("acct_unknown", other.account):
        answer = ask("/customers", headers={"Lomi-Account": account})
        assert (answer.status, answer.error["message"]) == (401, "network_account_not_found")


def test_missing_capability(ask):
    reader = ask.sandbox.merchant("Read", account_of=ask.sandbox.merchant_id, capabilities=["customer.read"])
    headers = {"Lomi-Account": reader.account}
    assert ask("/customers", headers=headers).status == 200
    answer = ask.post({"name": "J"}, headers=headers)
    assert (answer.status, answer.error["message"]) == (401, "network_capability_missing")


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_header_acts_on_the_operators_own(ask, blank):
    customer = ask.id()
    assert ask(f"/customers/{customer}", "DELETE", headers={"Lomi-Account": blank}).status == 200


def test_metadata_gets_a_network_key_that_overwrites_the_users(ask, acting, connected):
    created = ask.post({"name": "J", "metadata": {"a": 1, "network": "mine"}}, headers=acting).json
    assert created["metadata"] == {"a": 1, "network": {"account": connected.account}}
    target = f"/customers/{created['customer_id']}"
    assert ask.patch(target, {"metadata": [1]}, headers=acting).json["metadata"] == [1]
    assert ask.patch(target, {"metadata": None}, headers=acting).json["metadata"] is None
