"""What a create has sent, kept in its error."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import lomi
from lomi._core.sent_request import REFERENCE, SentRequest, sent_request, with_reference

SCOPE = ("https://sandbox.api.lomi.africa", None)


def attempt(ahead: float | None = None) -> SentRequest:
    return SentRequest({"name": "Awa Diop"}, SCOPE, 1_767_268_800.0, 1_767_268_810.0, ahead)


def test_an_attempt_pickles_and_prints_nothing():
    held = attempt()
    assert pickle.loads(pickle.dumps(held)) == held == copy.deepcopy(held)
    assert repr(held) == str(held) == "SentRequest(…)"
    assert held != attempt(ahead=1.0)
    assert held != "SentRequest(…)"


def test_a_reference_goes_into_the_metadata():
    assert with_reference("create", {"name": "A"}, "r") == {"name": "A", "metadata": {REFERENCE: "r"}}
    both = with_reference("create", {"metadata": {"a": 1, REFERENCE: "r"}}, "r")
    assert both == {"metadata": {"a": 1, REFERENCE: "r"}}


@pytest.mark.parametrize(
    ("body", "reference", "field"),
    [
        ({}, "", "reference"),
        ({}, "  ", "reference"),
        ({}, 42, "reference"),
        ({}, "a\0b", "reference"),
        ({"metadata": {REFERENCE: "other"}}, "r", "metadata.lomi_reference"),
    ],
)
def test_a_reference_that_cannot_be_is_refused(body, reference, field):
    with pytest.raises(lomi.LomiValidationError) as caught:
        with_reference("create", body, reference)
    assert [each.field for each in caught.value.errors] == [field]


def failed(held: SentRequest | None = None, **facts: Any) -> lomi.LomiError:
    error = lomi.LomiConnectionError("lost", **{"outcome": "unknown", "method": "POST", "path": "/customers", **facts})
    error._sent_request = held
    return error


def test_an_unknown_create_is_looked_for_and_another_is_not():
    held = attempt()
    assert sent_request(failed(held), SCOPE, 5.0) is held
    assert sent_request(failed(held, outcome="rejected"), SCOPE, 0) is None
    assert sent_request(failed(outcome="not_sent"), SCOPE, 5.0) is None
    partial = lomi.LomiPartialWriteError("lost", method="POST", path="/customers", customer_id="cus_1")
    assert sent_request(partial, SCOPE, 5.0) is None


@pytest.mark.parametrize(
    ("error", "grace_period", "field"),
    [
        (ValueError("no"), 5.0, "error"),
        (failed(attempt(), method="GET"), 5.0, "error"),
        (failed(attempt(), path="/customers/{id}"), 5.0, "error"),
        (failed(None), 5.0, "error"),
        (failed(attempt()), -1, "grace_period"),
        (failed(attempt()), float("nan"), "grace_period"),
        (failed(attempt()), float("inf"), "grace_period"),
        (failed(attempt()), True, "grace_period"),
        (failed(attempt()), "5", "grace_period"),
    ],
)
def test_what_is_no_error_of_a_create_is_refused(error, grace_period, field):
    with pytest.raises(lomi.LomiValidationError) as caught:
        sent_request(error, SCOPE, grace_period)
    assert [each.field for each in caught.value.errors] == [field]


@pytest.mark.parametrize("scope", [("https://api.lomi.africa", None), (SCOPE[0], "acct_1")])
def test_an_error_of_another_client_is_refused(scope):
    with pytest.raises(lomi.LomiValidationError, match="another base_url or account"):
        sent_request(failed(attempt()), scope, 5.0)
