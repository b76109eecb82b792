"""Every method on payments is documented, and the same in both clients."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Any

import pytest

import lomi

from .operations import OPERATIONS

RESOURCES = sorted({name.partition(".")[0] for name in OPERATIONS})
MORE = {
    *("checkout_sessions.wait", "transactions.get_refundable"),
    *("charges.reconcile", "payment_links.reconcile", "payouts.reconcile", "refunds.reconcile"),
}


def methods(client: Any) -> dict[str, Any]:
    return {
        f"{resource}.{name}": method
        for resource in RESOURCES
        for name, method in inspect.getmembers(type(getattr(client, resource)), inspect.isfunction)
        if name[0] != "_"
    }


CLIENTS = [lomi.LomiClient("lomi_sk_test_x"), lomi.AsyncLomiClient("lomi_sk_test_x")]


@pytest.mark.parametrize("client", CLIENTS)
def test_every_operation_has_a_documented_method(client: Any) -> None:
    found = methods(client)
    assert set(found) == {*OPERATIONS, *MORE}
    for name, method in found.items():
        doc = inspect.getdoc(method) or ""
        assert "Raises:" in doc, name
        for parameter in list(inspect.signature(method).parameters)[1:]:
            assert f"{parameter}:" in doc, (name, parameter)
        assert ("Example:" in doc) is False, name


def test_both_clients_take_the_same() -> None:
    sync, asynchronous = map(methods, CLIENTS)
    for name, method in sync.items():
        twin = asynchronous[name]
        assert list(inspect.signature(method).parameters) == list(inspect.signature(twin).parameters)
        assert inspect.iscoroutinefunction(twin) is not name.endswith(".list")


def test_a_method_is_a_few_lines() -> None:
    for name, method in methods(CLIENTS[0]).items():
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(method))).body
        assert isinstance(tree, ast.FunctionDef)
        lines = sum((each.end_lineno or 0) - each.lineno + 1 for each in tree.body[1:])
        assert lines <= (12 if name in MORE else 6), name


@pytest.mark.parametrize("name", [name for name in vars(lomi)["_HOMES_OF_PAYMENTS"]["models"] if name[-6:] != "Status"])
def test_every_field_of_a_model_is_documented(name: str) -> None:
    model = getattr(lomi, name)
    if not (inspect.isclass(model) and issubclass(model, lomi.LomiModel)):
        return
    (tree,) = ast.parse(inspect.getsource(model)).body
    assert isinstance(tree, ast.ClassDef)
    fields = [each for each in tree.body if isinstance(each, ast.AnnAssign) and "ClassVar" not in ast.unparse(each)]
    for field in fields:
        after = tree.body[tree.body.index(field) + 1]
        assert isinstance(after, ast.Expr), (name, ast.unparse(field))
    identifiers = [field for field in model.model_fields.values() if field.is_required()]
    assert len(identifiers) <= 2
