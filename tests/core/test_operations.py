from __future__ import annotations

import pytest

from lomi._core.operations import operation_of

from .factories import request

REDIRECTS = {301, 302, 303}


@pytest.mark.parametrize(
    ("method", "key", "repeatable", "unknown"),
    [
        ("GET", None, True, set()),
        ("HEAD", None, True, set()),
        ("DELETE", None, True, REDIRECTS),
        ("PATCH", None, False, REDIRECTS),
        ("PUT", None, False, REDIRECTS),
        ("POST", None, False, REDIRECTS),
        ("POST", "key-1", True, REDIRECTS),
        ("PATCH", "key-1", True, REDIRECTS),
    ],
)
def test_patch_and_put_are_not_repeated_after_an_unknown_attempt(method, key, repeatable, unknown) -> None:
    operation = operation_of(request(method, idempotency_key=key))
    assert operation.repeatable is repeatable
    assert operation.unknown_statuses == unknown


def test_an_operation_without_an_entry_of_its_own_is_treated_as_its_method() -> None:
    named = request("POST", operation="customers.create")
    assert operation_of(named) == operation_of(request("POST"))
