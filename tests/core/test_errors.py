from __future__ import annotations

import copy
import pickle
import re

import pytest
from hypothesis import given, strategies as st
from lomi._core.response import Headers

import lomi
from lomi import errors
from lomi.errors import error_class

CLASSES = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, lomi.LomiError)]

CODES = [
    (400, "BAD_REQUEST", lomi.LomiBadRequestError),
    (400, "MISSING_PARAMETER", lomi.LomiMissingParameterError),
    (401, "UNAUTHORIZED", lomi.LomiAuthError),
    (403, "FORBIDDEN", lomi.LomiPermissionError),
    (404, "NOT_FOUND", lomi.LomiNotFoundError),
    (404, "MERCHANT_NOT_FOUND", lomi.LomiMerchantNotFoundError),
    (409, "CONFLICT", lomi.LomiConflictError),
    (429, "RATE_LIMIT_EXCEEDED", lomi.LomiRateLimitError),
    (500, "INTERNAL_ERROR", lomi.LomiServerError),
    (500, "DATABASE_ERROR", lomi.LomiDatabaseError),
    (503, "SERVICE_UNAVAILABLE", lomi.LomiServiceUnavailableError),
]
STATUSES = [
    (400, lomi.LomiBadRequestError),
    (401, lomi.LomiAuthError),
    (402, lomi.LomiAPIError),
    (403, lomi.LomiPermissionError),
    (404, lomi.LomiNotFoundError),
    (409, lomi.LomiConflictError),
    (418, lomi.LomiAPIError),
    (422, lomi.LomiAPIError),
    (429, lomi.LomiRateLimitError),
    (431, lomi.LomiAPIError),
    (500, lomi.LomiServerError),
    (502, lomi.LomiServerError),
    (503, lomi.LomiServiceUnavailableError),
    (504, lomi.LomiServerError),
    (599, lomi.LomiServerError),
    (600, lomi.LomiAPIError),
]


@pytest.mark.parametrize(("status", "code", "kind"), CODES)
def test_a_code_in_any_case_decides(status, code, kind) -> None:
    for spelled in (code, code.lower(), code.title()):
        assert error_class(status, spelled) is kind
        # Whatever the status: the code says more.
        assert error_class(418, spelled) is kind


@pytest.mark.parametrize(("status", "kind"), STATUSES)
@pytest.mark.parametrize("code", [None, "", "SOMETHING_NEW", "None"])
def test_else_the_status_decides(status, kind, code) -> None:
    assert error_class(status, code) is kind


@given(st.integers(100, 999), st.none() | st.text())
def test_every_answer_has_a_class(status: int, code: str | None) -> None:
    kind = error_class(status, code)
    assert issubclass(kind, lomi.LomiAPIError)
    if 500 <= status <= 599 and code is None:
        assert issubclass(kind, lomi.LomiServerError)


def test_the_tree_drawn_on_top_is_the_tree() -> None:
    parents: list[type] = []
    drawn = []
    for line in (errors.__doc__ or "").splitlines():
        if name := re.search(r"Lomi\w*Error", line):
            kind = getattr(errors, name[0])
            depth = name.start() // 4 - 1
            parents[depth:] = [kind]
            drawn.append(kind)
            assert depth == 0 or kind.__bases__[0] is parents[depth - 1], name[0]
    assert set(drawn) == set(CLASSES)


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_says_what_to_do_next_and_is_exported(kind) -> None:
    assert kind is lomi.LomiError or "What to do:" in kind.__doc__
    assert kind.__name__ in errors.__all__
    assert kind.__name__ in lomi.__all__


def whole(kind: type[lomi.LomiError]) -> lomi.LomiError:
    facts = {"outcome": "unknown", "attempts": 3, "request_id": "req", "method": "POST", "path": "/customers"}
    if issubclass(kind, lomi.LomiValidationError):
        return kind("bad", errors=[lomi.FieldError("name", "is blank", "fill it")])
    if issubclass(kind, lomi.LomiAPIError):
        headers = Headers([(b"X-A", b"1"), (b"x-a", b"2")])
        return kind("no", status_code=418, code="TEAPOT", details=[{"a": 1}], headers=headers, body=b'{"a"', **facts)
    return kind("bad", **facts)


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_survive_copying_whole(kind, copied) -> None:
    error = whole(kind)
    if isinstance(error, lomi.LomiRateLimitError):
        error.retry_after, error.limit = 900.0, 5000
    twin = copied(error)
    assert type(twin) is kind
    assert str(twin) == str(error)
    one, two = dict(vars(error)), dict(vars(twin))
    assert dict(one.pop("headers", {})) == dict(two.pop("headers", {}))
    assert one == two
    assert twin.args == error.args


@pytest.mark.parametrize("kind", CLASSES)
def test_errors_can_be_made_of_a_message_alone(kind) -> None:
    error = kind("oh")
    assert (error.message, error.attempts, error.request_id, error.method, error.path) == ("oh", 0, None, None, None)
    assert "oh" in str(error)
    assert str(kind()) == ("0: " if issubclass(kind, lomi.LomiAPIError) else "")


def test_the_outcome_that_a_class_stands_for() -> None:
    assert lomi.LomiConfigurationError().outcome == "not_sent"
    assert lomi.LomiValidationError().outcome == "not_sent"
    assert lomi.LomiResponseError().outcome == "unknown"
    assert lomi.LomiNotFoundError().outcome == "rejected"
    # Nothing is promised of an error that was made of its text alone.
    for unknown in (lomi.LomiError, lomi.LomiConnectionError, lomi.LomiTimeoutError, lomi.LomiServerError):
        assert unknown("x").outcome == "unknown"
        assert unknown("x", outcome="not_sent").outcome == "not_sent"
    assert isinstance(lomi.LomiValidationError("x"), ValueError)


def test_what_is_printed_at_three_in_the_morning() -> None:
    error = lomi.LomiMerchantNotFoundError(
        "No merchant found.",
        status_code=404,
        code="merchant_not_found",
        attempts=1,
        request_id="550e",
        method="GET",
        path="/merchants/{id}",
    )
    assert str(error) == "404 MERCHANT_NOT_FOUND: No merchant found. (request 550e, GET /merchants/{id}, 1 attempt)"
    assert repr(error) == f"LomiMerchantNotFoundError({str(error)!r})"
    assert error.code == "MERCHANT_NOT_FOUND"


def test_an_unknown_outcome_of_a_write_is_printed() -> None:
    facts = {"outcome": "unknown", "attempts": 2, "path": "/customers"}
    assert str(lomi.LomiConnectionError("lost", method="POST", **facts)) == (
        "lost (POST /customers, 2 attempts, it may have happened)"
    )
    assert str(lomi.LomiConnectionError("lost", method="GET", **facts)) == "lost (GET /customers, 2 attempts)"
    assert str(lomi.LomiConnectionError("lost", outcome="unknown", attempts=1, request_id="r")) == (
        "lost (request r, 1 attempt, it may have happened)"
    )


@given(
    st.text(max_size=2000) | st.text(min_size=450, max_size=600),
    st.none() | st.text(max_size=300),
    st.none() | st.text(max_size=300),
    st.text(max_size=300),
)
def test_no_error_prints_more_than_500_characters_or_a_second_line(message, code, request_id, template) -> None:
    error = lomi.LomiAPIError(
        message,
        status_code=500,
        code=code,
        outcome="unknown",
        attempts=10**6,
        request_id=request_id,
        method="DELETE",
        path="/" + re.sub(r"[^ -~]", "", template),
    )
    shown = str(error)
    assert len(shown) <= 500
    assert shown.isprintable()
    assert shown.endswith("it may have happened)")
    assert len(shown.splitlines()) == 1


def test_a_long_message_is_cut_and_the_request_is_not() -> None:
    error = lomi.LomiServerError("x" * 1000, status_code=500, attempts=1, request_id="req_1", method="GET", path="/me")
    assert len(str(error)) == 500
    assert str(error).endswith("x… (request req_1, GET /me, 1 attempt)")
    assert error.message == "x" * 1000


def test_a_field_error_reads_as_a_sentence() -> None:
    problem = lomi.FieldError("email", "cannot be an e-mail address", "such as a@b.c")
    assert str(problem) == "email cannot be an e-mail address (such as a@b.c)"
    assert problem == ("email", "cannot be an e-mail address", "such as a@b.c")


def test_errors_of_fields_make_the_message() -> None:
    problems = [lomi.FieldError("name", "is blank", "fill it"), lomi.FieldError("email", "is odd", "such as a@b.c")]
    error = lomi.LomiValidationError(operation="customers.create", errors=problems)
    assert str(error) == "customers.create: name is blank (fill it); email is odd (such as a@b.c)"
    assert error.args == (str(error),)
    assert lomi.LomiValidationError(errors=problems[:1]).message == "name is blank (fill it)"
    assert lomi.LomiValidationError("bad", errors=problems).message == "bad"
    assert error.errors == tuple(problems)


def test_a_customer_that_certainly_exists_is_not_in_doubt() -> None:
    error = lomi.LomiPartialWriteError("no metadata", customer_id="cus_1", attempts=2, method="POST", path="/customers")
    assert error.outcome == "unknown"
    assert str(error) == "no metadata (POST /customers, 2 attempts)"
    assert "cus_1" not in repr(error)


def test_errors_hold_ids_and_not_what_people_typed() -> None:
    error = lomi.LomiReconcileError("2 customers", candidate_ids=iter(["cus_1", "cus_2"]))
    assert error.candidate_ids == ("cus_1", "cus_2")
    assert lomi.LomiReconcileError().candidate_ids == ()
