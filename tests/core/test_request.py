from __future__ import annotations

import copy
import pickle
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, strategies as st

import lomi
from lomi import Request, path
from lomi._core.request import path_from, trusted_request, with_extras
from lomi.params._base import UUIDString

ID = "/customers/{id}"
ids = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(
    lambda text: text.strip() and text not in (".", "..")
)


@given(ids)
def test_an_id_is_one_segment_whatever_it_contains(id: str) -> None:
    raw = path("/customers/{id}/transactions", id=id).raw
    assert raw.isascii()
    url = urlsplit(f"https://example.com{raw}")
    assert (url.query, url.fragment) == ("", "")
    empty, customers, segment, transactions = url.path.split("/")
    assert (empty, customers, transactions) == ("", "customers", "transactions")
    assert unquote(segment) == id
    assert segment not in (".", "..")


@pytest.mark.parametrize(
    ("id", "raw"),
    [
        ("cus_abc123...", "/customers/cus_abc123..."),
        ("../merchants/1", "/customers/..%2Fmerchants%2F1"),
        ("%2e%2e", "/customers/%252e%252e"),
        ("a?b#c", "/customers/a%3Fb%23c"),
        ("...", "/customers/..."),
        ("id;v=1", "/customers/id%3Bv%3D1"),
        ("{id}", "/customers/%7Bid%7D"),
        ("\\..\\", "/customers/%5C..%5C"),
        ("n°1", "/customers/n%C2%B01"),
        (" x ", "/customers/%20x%20"),
    ],
)
def test_odd_but_legal_ids(id: str, raw: str) -> None:
    assert path(ID, id=id).raw == raw


@pytest.mark.parametrize(
    ("id", "problem"),
    [
        ("", "id is empty"),
        (" ", "id is empty"),
        ("\u00a0\t", "id is empty"),
        (".", "id is a dot segment"),
        ("..", "id is a dot segment"),
        ("a\n", "id contains a control character"),
        ("a\x7f", "id contains a control character"),
        ("a\x85b", "id contains a control character"),
        ("\0", "id contains a control character"),
        ("\ud800", "id contains a lone surrogate"),
        (None, "id is not a string but None"),
        (7, "id is not a string but int"),
        (b"x", "id is not a string but bytes"),
    ],
)
def test_what_is_refused(id: str, problem: str) -> None:
    with pytest.raises(lomi.LomiValidationError, match=problem) as caught:
        path(ID, id=id)
    assert [error.field for error in caught.value.errors] == ["id"]
    assert (caught.value.outcome, caught.value.attempts, caught.value.request_id) == ("not_sent", 0, None)


def test_every_bad_segment_is_named() -> None:
    with pytest.raises(lomi.LomiValidationError) as caught:
        path("/a/{one}/{two}/{three}", one="", two="ok", three="..")
    assert [error.field for error in caught.value.errors] == ["one", "three"]


@pytest.mark.parametrize(
    "template",
    ["customers", "", "/customers/é", "/a b", "/a?b=c", "/a#b", "/a//b", "/a/../b", "/.", "/a\r\nX: y", "/customers/"],
)
def test_a_template_is_a_plain_path(template: str) -> None:
    with pytest.raises(lomi.LomiValidationError, match="template"):
        path(template)


def test_printing_a_path_shows_no_id() -> None:
    made = path(ID, id="cus_secret")
    assert str(made) == ID
    assert "secret" not in repr(made)
    request = Request("GET", made, lomi.Customer, query={"search": "Amadou"}, body={"name": "Awa"})
    assert not {"secret", "Amadou", "Awa"} & set(repr(request).replace("'", " ").split())


def test_the_target_leaves_out_what_the_api_refuses() -> None:
    request = Request("GET", path("/customers"), dict, query={"a": None, "b": "", "c": 0, "d": "x y&=é"})
    assert request.target == "/customers?c=0&d=x+y%26%3D%C3%A9"
    assert Request("GET", path("/customers"), dict).target == "/customers"


@given(st.dictionaries(st.sampled_from(["search", "type", "page"]), st.text(st.characters(exclude_categories=["Cs"]))))
def test_a_query_comes_back_as_it_was(params: dict[str, str]) -> None:
    from urllib.parse import parse_qsl

    params = {name: value.replace("\0", "") for name, value in params.items()}
    target = Request("GET", path("/customers"), dict, query=params).target
    assert target.isascii()
    assert dict(parse_qsl(urlsplit(target).query, strict_parsing=False)) == {n: v for n, v in params.items() if v}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"method": "BREW"}, "method"),
        ({"path": "/customers"}, "path"),
        ({"body": {"a": float("nan")}}, "body.a"),
        ({"body": {1: "a"}}, "body.1"),
        ({"idempotency_key": ""}, "idempotency_key"),
        ({"idempotency_key": "key-1 "}, "idempotency_key"),
        ({"idempotency_key": " key-1"}, "idempotency_key"),
        ({"idempotency_key": "a\nb"}, "idempotency_key"),
        ({"idempotency_key": "é"}, "idempotency_key"),
        ({"idempotency_key": 1}, "idempotency_key"),
        ({"query": {"page": True}}, "page"),
        ({"query": {"search": "\0"}}, "search"),
        ({"query": {"size": 1.5}}, "size"),
    ],
)
def test_a_request_that_cannot_be_sent(change: dict, field: str) -> None:
    whole = {"method": "POST", "path": path("/customers"), "response_type": dict, **change}
    with pytest.raises(lomi.LomiValidationError) as caught:
        Request(**whole)
    assert [error.field for error in caught.value.errors] == [field]


def test_a_body_is_a_copy() -> None:
    body = {"tags": ["a"]}
    request = Request("POST", path("/customers"), dict, body=body)
    body["tags"].append("b")
    assert request.body == {"tags": ["a"]}


def test_a_request_is_a_value() -> None:
    made = Request("POST", path(ID, id="cus_1"), dict, body={"a": 1}, query={"b": 1}, operation="x.y")
    twin = pickle.loads(pickle.dumps(made))
    assert twin == made == copy.deepcopy(made)
    assert made != Request("POST", path(ID, id="cus_1"), dict, body={"a": 2})
    assert made != "POST"
    assert hash(path(ID, id="a")) == hash(path(ID, id="a"))
    assert path(ID, id="a") != path(ID, id="b")
    value: Any
    for value in (made, made.path):
        with pytest.raises(AttributeError, match="cannot be changed"):
            value.method = "GET"
        with pytest.raises(AttributeError, match="cannot be changed"):
            del value.method
    assert Request[dict]("GET", path("/me"), dict) == Request("GET", path("/me"), dict)


def test_an_error_of_a_request_remembers_nothing_of_it() -> None:
    with pytest.raises(lomi.LomiValidationError) as caught:
        Request("POST", path("/customers"), dict, body={"a": {"s3cret"}}, query={"q": "s3cret\0"})
    trace = caught.value.__traceback__
    assert trace is not None
    trace = trace.tb_next
    while trace is not None:
        assert "s3cret" not in repr(trace.tb_frame.f_locals)
        trace = trace.tb_next


def create(**options: object) -> Request[dict]:
    given = {"query": {"page": 1}, "body": {"name": "Awa"}, "operation": "customers.create", **options}
    return trusted_request("POST", path("/customers"), dict, **given)


def test_extras_are_added() -> None:
    more = with_extras(create(), {"expand": "fees"}, {"channel": "WAVE"})
    assert more.query == {"page": 1, "expand": "fees"}
    assert more.body == {"name": "Awa", "channel": "WAVE"}
    assert more.target == "/customers?page=1&expand=fees"
    assert (more.method, more.path, more.operation) == ("POST", path("/customers"), "customers.create")
    assert create() == create()  # the one that they were added to is as it was


def test_without_extras_a_request_is_the_same() -> None:
    request = create()
    assert with_extras(request, {}, {}) is request


def test_a_request_without_a_body_gets_none() -> None:
    request = create(body=None)
    assert with_extras(request, {}, {"channel": "WAVE"}) is request
    more = with_extras(request, {"expand": "fees"}, {"page": 2})
    assert (more.query, more.body) == ({"page": 1, "expand": "fees"}, None)


def test_extras_cannot_be_what_the_operation_has_or_declares() -> None:
    request = create(declared=frozenset({"name", "email", "page", "search"}))
    with pytest.raises(lomi.LomiValidationError, match=r"customers\.create") as caught:
        with_extras(request, {"page": 2, "search": "s3cret", "ok": 1}, {"name": "s3cret", "email": None, "ok": 1})
    assert [error.field for error in caught.value.errors] == [
        "extra_query.page",
        "extra_query.search",
        "extra_body.name",
        "extra_body.email",
    ]
    assert "is a parameter of this operation" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_extras_cannot_be_what_a_request_of_the_caller_has() -> None:
    request = Request("POST", path("/new"), dict, query={"page": 1}, body={"name": "Awa"})
    with pytest.raises(lomi.LomiValidationError, match="POST") as caught:
        with_extras(request, {"page": 2}, {"name": "B"})
    assert len(caught.value.errors) == 2


def test_an_id_can_have_to_be_more_than_a_segment() -> None:
    uuid = "3f1c2d4e-8a7b-4c6d-9e0f-1a2b3c4d5e6f"
    types = {"id": UUIDString}
    assert path_from("products.get", "/products/{id}", {"id": uuid}, types).raw == f"/products/{uuid}"
    for id, problem in (("prod_1", "is not a UUID"), ("", "is empty"), ("a b", "is not a UUID")):
        with pytest.raises(lomi.LomiValidationError) as caught:
            path_from("products.get", "/products/{id}", {"id": id}, types)
        assert [(each.field, each.problem) for each in caught.value.errors] == [("id", problem)]
    with pytest.raises(lomi.LomiValidationError, match=r"^x.get: id is not a string but int"):
        path_from("x.get", "/x/{id}", {"id": 5}, {})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("template", "segments"), [("/a/{id}", {"other": "x"}), ("/a/{", {"id": "x"}), ("/a/{id}", {}), ("/a", {"id": "x"})]
)
def test_a_template_and_its_segments_agree(template: str, segments: dict[str, str]) -> None:
    with pytest.raises(lomi.LomiValidationError, match="template"):
        path(template, **segments)


@pytest.mark.parametrize("query", ["abc", {"\ud800": "x"}])
def test_a_query_that_cannot_be_sent(query: Any) -> None:
    with pytest.raises(lomi.LomiValidationError, match="query"):
        Request("GET", path("/me"), dict, query=query)
