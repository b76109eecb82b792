"""Every method in both flavours: what it sends, and what it makes of the response."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, get_args, get_type_hints

import httpx
import pytest

import lomi
from lomi.params._base import SentAs

from .calls import BLOCK, CALLS, LISTED_TO_THE_END, NEW_SESSION, PAYMENT_REQUEST, SESSION_ID, Call, wrapped
from .operations import OPERATIONS
from .recording import API, FLAVOURS

Run = Callable[..., Any]
pytestmark = pytest.mark.parametrize("run", FLAVOURS)


@pytest.mark.parametrize("each", CALLS, ids=lambda call: call.operation)
def test_what_is_sent_and_what_comes_back(run: Run, each: Call) -> None:
    api = API(each.answer, status=each.status)
    result = run(api, each.call)
    request, operation = api.request, OPERATIONS[each.operation]
    assert (request.method, request.url.path) == (operation.method, each.path)
    assert dict(request.url.params) == (each.query or {})
    assert set(request.url.params) <= operation.query
    if request.method == "POST":
        assert request.headers["content-type"] == "application/json"
        assert api.body == (each.body or {})
        assert set(api.body) <= operation.body
    else:
        assert request.content == b""
    if isinstance(result, list):
        (result,) = result
        assert type(result) is each.result
    assert type(result) is each.result
    # Whatever the API sent can be read, by its name and in the result's dict.
    sent = each.answer["data"] if isinstance(each.answer, dict) and "data" in each.answer else each.answer
    sent = sent[0] if isinstance(sent, list) else sent
    if each.operation == "payouts.create":
        sent = each.answer
    assert set(sent) <= set(result.to_dict())
    assert type(result).model_validate(result.to_dict()) == result
    for name in sent:
        assert name in result
        assert (result[name] is None) is (sent[name] is None)


def test_payouts_are_listed_to_an_empty_page(run: Run) -> None:
    api = API(LISTED_TO_THE_END.answer, wrapped([]))
    (payout,) = run(api, LISTED_TO_THE_END.call)
    assert type(payout) is lomi.Payout
    assert api.queries() == [LISTED_TO_THE_END.query, {**(LISTED_TO_THE_END.query or {}), "page": "2"}]


KEYED: list[tuple[str, Any, dict[str, Any]]] = [
    ("checkout_sessions", NEW_SESSION, {"amount": 5, "currency_code": "XOF"}),
    ("payment_requests", PAYMENT_REQUEST, {"amount": 5, "currency_code": "XOF", "expiry_date": "2026-03-01T00:00Z"}),
]


@pytest.mark.parametrize(("name", "answer", "fields"), KEYED)
def test_a_key_is_minted_for_each_call(run: Run, name: str, answer: Any, fields: dict[str, Any]) -> None:
    api = API(answer, status=201)
    for _ in range(2):
        run(api, lambda client: getattr(client, name).create(**fields))
    run(api, lambda client: getattr(client, name).create(fields))
    run(api, lambda client: getattr(client, name).create(fields, idempotency_key="order 1881"))
    run(api, lambda client: getattr(client, name).create(idempotency_key="order 1881", **fields))
    keys = [request.headers["idempotency-key"] for request in api.requests]
    assert len(set(keys[:3])) == 3
    assert all(len(key) == 36 for key in keys[:3])
    assert keys[3:] == ["order 1881"] * 2


@pytest.mark.parametrize(("name", "answer", "fields"), KEYED)
def test_a_key_is_the_same_for_all_attempts(
    run: Run, name: str, answer: Any, fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.random", lambda: 0.0)
    lost = httpx.Response(500, json={"error": {"code": "internal_error", "message": "x"}})
    api = API(lost, httpx.Response(503), answer, status=201)
    run(api, lambda client: getattr(client, name).create(fields))
    assert len({request.headers["idempotency-key"] for request in api.requests}) == 1
    assert len(api.requests) == 3
    assert len({request.content for request in api.requests}) == 1
    failing = API(httpx.Response(500))
    with pytest.raises(lomi.LomiServerError) as caught:
        run(failing, lambda client: getattr(client, name).create(fields), max_retries=1)
    assert caught.value.idempotency_key == failing.requests[1].headers["idempotency-key"]
    assert caught.value.idempotency_key not in str(caught.value)


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "é", 5])
@pytest.mark.parametrize(("name", "answer", "fields"), KEYED)
def test_a_key_that_the_api_would_change_is_refused(
    run: Run, name: str, answer: Any, fields: dict[str, Any], key: Any
) -> None:
    api = API(answer)
    with pytest.raises(lomi.LomiValidationError, match="idempotency_key") as caught:
        run(api, lambda client: getattr(client, name).create(fields, idempotency_key=key))
    assert api.requests == []
    assert caught.value.idempotency_key is None


def test_no_other_method_takes_a_key_and_none_is_sent(run: Run) -> None:
    keyed = {f"{name}.create" for name, _, _ in KEYED}
    for each in CALLS:
        if each.operation not in keyed:
            api = API(each.answer, status=each.status)
            run(api, each.call)
            assert "idempotency-key" not in api.request.headers
            if OPERATIONS[each.operation].method == "POST" and each.body:
                name, _, method = each.operation.partition(".")
                with pytest.raises(lomi.LomiValidationError, match="idempotency_key is not a field of this operation"):
                    run(api, lambda client, n=name, m=method: getattr(getattr(client, n), m)(idempotency_key="a"))


@pytest.mark.parametrize("each", [call for call in CALLS if call.status == 201], ids=lambda call: call.operation)
def test_what_has_no_key_is_sent_once(run: Run, each: Call) -> None:
    api = API(httpx.Response(502))
    with pytest.raises(lomi.LomiServerError) as caught:
        run(api, each.call, max_retries=2)
    takes_key = each.operation in ("checkout_sessions.create", "payment_requests.create")
    assert len(api.requests) == (3 if takes_key else 1)
    assert caught.value.outcome == "unknown"
    assert (caught.value.idempotency_key is not None) is takes_key


def test_a_block_is_no_session(run: Run) -> None:
    call = CALLS[0].call
    block = run(API(BLOCK, status=201), call)
    assert isinstance(block, lomi.InvoiceBlock)
    assert not hasattr(block, "checkout_url")
    assert not hasattr(block, "checkout_session_id")
    assert block.blocking_invoice is not None
    assert block.blocking_invoice.money == lomi.Money(800, "XOF")
    assert repr(block).startswith("InvoiceBlock(blocking_invoice=BlockingInvoice(invoice_id=")
    # One odd field costs only itself, in either.
    session = run(API({**NEW_SESSION, "amount": "?"}, status=201), call)
    assert (session.checkout_session_id, session.amount, session["amount"]) == (SESSION_ID, None, "?")
    block = run(API({**BLOCK, "blocking_invoice": "?"}, status=201), call)
    assert (block.payment_required, block.blocking_invoice) == (True, None)
    for answer in ({}, [], "x", {"payment_required": False}):
        with pytest.raises(lomi.LomiResponseError) as caught:
            run(API(answer, status=201), call)
        assert caught.value.outcome == "unknown"


def test_one_odd_field_of_one_row_costs_only_itself(run: Run) -> None:
    for name, answer in (
        ("checkout_sessions", [{"checkout_session_id": "a", "amount": "?"}, {"checkout_session_id": "b"}]),
        ("transactions", [{"transaction_id": "a", "quantity": "?"}, {"transaction_id": "b", "new": 1}]),
        ("refunds", wrapped([{"refund_id": "a", "amount": "?"}, {"refund_id": "b"}])),
    ):
        one, two = run(API(answer), lambda client, name=name: getattr(client, name).list())
        assert (one.identity, two.identity) == ("a", "b")
    for answer in ({"a": 1}, [{"amount": 1}], "x"):
        with pytest.raises(lomi.LomiResponseError):
            run(API(answer), lambda client: client.transactions.list())


def test_every_operation_is_called_and_declared(run: Run) -> None:
    assert {each.operation for each in (*CALLS, LISTED_TO_THE_END)} == set(OPERATIONS)
    for name, operation in OPERATIONS.items():
        if operation.declared is None:
            assert operation.query == operation.body == frozenset()
            continue
        wire, pythonic = declared(operation.declared)
        for field, inner in operation.nested:
            inside, _ = declared(inner)
            if any("." in each for each in operation.body):
                wire |= {f"{field}.{each}" for each in inside}
        wire -= {f"{field}.phone_number" for field, _ in operation.nested}
        assert wire == operation.query | operation.body, name
        # Every camelCase name has a spelling of Python's.
        assert {each for each in operation.query | operation.body if each != each.lower() and "." not in each} == set(
            pythonic
        ), name


def declared(params_type: Any) -> tuple[set[str], set[str]]:
    """Return the names on the wire of what is declared, and those of them that have another spelling."""
    hints = get_type_hints(params_type, include_extras=True)
    other: dict[str, str] = {}
    for name, hint in hints.items():
        for part in flattened(hint):
            if isinstance(part, SentAs):
                other[name] = part.name
    assert set(other.values()) <= set(hints)
    return set(hints) - set(other), set(other.values())


def flattened(hint: Any) -> list[Any]:
    return [inner for part in get_args(hint) for inner in (part, *flattened(part))]


def test_secrets_are_never_shown(run: Run) -> None:
    secret = "pi_3_secret_z"
    call = next(each for each in CALLS if each.operation == "charges.create_card_charge")
    charge = run(API(call.answer, status=201), call.call)
    assert charge.client_secret == secret
    assert json.loads(json.dumps(charge.to_dict()))["client_secret"] == secret
    assert f"{charge.client_secret}" == secret
    for shown in (
        repr(charge),
        str(charge),
        repr(charge.client_secret),
        charge.to_html(),
        charge.to_html(personal=True),
    ):
        assert secret not in shown
    session = run(API(NEW_SESSION, status=201), CALLS[0].call)
    for shown in (repr(session), str(session), session.to_html()):
        assert NEW_SESSION["checkout_url"] not in shown
