"""What the package shows: these names, documented, and nothing else."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

import lomi
import lomi.errors
import lomi.models
import lomi.money
import lomi.params

PUBLIC = {
    "lomi",
    "lomi.errors",
    "lomi.models",
    "lomi.money",
    "lomi.params",
    "lomi.sandbox",
    "lomi.testing",
    "lomi.cli",
    "lomi.webhooks",
    *(f"lomi.webhooks.{framework}" for framework in ("asgi", "django", "flask", "starlette", "wsgi")),
    *("lomi.webhooks.inbox", "lomi.webhooks.stores", "lomi.webhooks.stores.sqlite", "lomi.webhooks.stores.sqlalchemy"),
    "lomi.webhooks.stores.django",
}
# How models and parameters are laid out in files; what is public of them is in `lomi.models` and `lomi.params`.
INSIDE = {
    *("lomi.models.customers", "lomi.models.merchants", "lomi.models.pagination"),
    *("lomi.params.customers", "lomi.params.merchants"),
    *("lomi.webhooks.events", "lomi.webhooks.receiver", "lomi.webhooks.signature", "lomi.webhooks.loading"),
    # Where Django looks for the parts of an app.
    *(
        f"lomi.webhooks.stores.django.{part}"
        for part in (
            *("apps", "models", "store", "migrations", "migrations.0001_initial"),
            *("management", "management.commands", "management.commands.lomi_inbox"),
        )
    ),
    *("lomi.models.me", "lomi.models.organizations"),
    *(
        f"lomi.{kind}.{name}"
        for kind in ("models", "params")
        for name in ("accounts", "discount_coupons", "portal", "products", "subscriptions", "webhooks")
    ),
    *(
        f"lomi.{kind}.{name}"
        for kind in ("models", "params")
        for name in (
            *("charges", "checkout_sessions", "payment_links", "payment_requests"),
            *("payouts", "providers", "refunds", "transactions"),
        )
    ),
}
# What `import lomi` must not bring with it: the sandbox, the command line, extras, and what only they need.
HEAVY = [
    "lomi.sandbox",
    "lomi.cli",
    "lomi.testing",
    "uvicorn",
    "typer",
    "rich",
    "sqlite3",
    "trio",
    "aiohttp",
    "pytest",
    "opentelemetry",
]


def test_all_is_the_whole_surface() -> None:
    assert set(dir(lomi)) == {*lomi.__all__, "errors", "models", "money", "params", "webhooks"}
    assert {*lomi._HOME, "__version__"} == set(lomi.__all__)
    assert len(set(lomi.__all__)) == len(lomi.__all__)


def test_public_modules_are_there_before_anyone_imports_them() -> None:
    for name in ("errors", "models", "money", "params", "webhooks"):
        assert lomi.__getattr__(name) is importlib.import_module(f"lomi.{name}")


def test_public_modules_list_what_they_show() -> None:
    for module in (lomi.errors, lomi.models, lomi.money, lomi.params):
        assert all(hasattr(module, name) for name in module.__all__)
    assert set(lomi.errors.__all__) - set(lomi.__all__) == {"error_class"}
    assert {*lomi.models.__all__, *lomi.params.__all__} <= set(lomi.__all__)


def test_every_other_module_is_private() -> None:
    found = {module.name for module in pkgutil.walk_packages(lomi.__path__, "lomi.")}
    assert len(found) > 20
    # The command line is public as a program, the sandbox is what its package exports; their modules are inside.
    modules = {name for name in found if not name.startswith(("lomi.cli.", "lomi.sandbox."))}
    open_ones = {name for name in modules if not any(part.startswith("_") for part in name.split("."))}
    assert open_ones - INSIDE <= PUBLIC


@pytest.mark.parametrize("name", lomi.__all__)
def test_every_name_is_documented(name: str) -> None:
    value = getattr(lomi, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__doc__
        assert value.__doc__ != inspect.getdoc(object)
        assert "…" not in value.__doc__.splitlines()[0]


@pytest.mark.parametrize("client", [lomi.LomiClient("lomi_sk_test_x"), lomi.AsyncLomiClient("lomi_sk_test_x")])
def test_every_method_is_documented(client: lomi.LomiClient | lomi.AsyncLomiClient) -> None:
    things: list[type[object]] = [type(client), type(client.customers), type(client.merchants)]
    for thing in things:
        for name, method in inspect.getmembers(thing, inspect.isfunction):
            if not name.startswith("_"):
                doc = inspect.getdoc(method) or ""
                assert doc, name
                for parameter in list(inspect.signature(method).parameters)[1:]:
                    assert f"{parameter}:" in doc or f"{parameter} " in doc, (name, parameter)


def test_both_clients_take_the_same() -> None:
    one, two = lomi.LomiClient("lomi_sk_test_x"), lomi.AsyncLomiClient("lomi_sk_test_x")
    for sync, asynchronous in ((one, two), (one.customers, two.customers), (one.merchants, two.merchants)):
        for name, method in inspect.getmembers(type(sync), inspect.isfunction):
            if name.startswith("_"):
                continue
            twin = getattr(type(asynchronous), "aclose" if name == "close" else name)
            assert list(inspect.signature(method).parameters) == list(inspect.signature(twin).parameters)
            assert inspect.iscoroutinefunction(twin) is (
                name not in ("with_options", "clock_offset", "list", "get_portal_audit")
            )
            assert not inspect.iscoroutinefunction(method)


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys; before = set(sys.modules); import lomi; print({n.split('.')[0] for n in set(sys.modules) - before} - sys.stdlib_module_names)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "{'lomi'}"


def test_what_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'lomi' has no attribute 'Client'"):
        lomi.Client  # noqa: B018  # type: ignore[attr-defined]
    code = "import lomi; print(lomi.errors.LomiError is lomi.LomiError, lomi.money.Money is lomi.Money)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "True True"


def test_importing_every_name_brings_no_extra() -> None:
    # httpx takes some of them where they are installed.
    code = f"import sys, anyio, httpcore, httpx, pydantic; before = set(sys.modules); from lomi import *; print([name for name in {HEAVY} if name in sys.modules.keys() - before])"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "[]"


def test_every_module_can_be_imported_alone() -> None:
    for name in sorted({"lomi", *INSIDE} | (PUBLIC - {"lomi.testing", "lomi.cli"})):
        if name.startswith("lomi.webhooks.stores.django."):
            continue  # Django needs its settings first
        assert importlib.import_module(name).__name__ == name


def test_a_resource_method_is_a_few_lines_and_the_loop_fits_on_a_screen() -> None:
    def lines(function: object) -> int:
        """Count the statements' lines: no signature, no documentation, no comment."""
        import ast
        import textwrap

        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        assert isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef))
        body = tree.body[1:] if ast.get_docstring(tree) else tree.body
        return sum((each.end_lineno or 0) - each.lineno + 1 for each in body)

    customers = type(lomi.LomiClient("lomi_sk_test_x").customers)
    merchants = type(lomi.LomiClient("lomi_sk_test_x").merchants)
    for resource in (customers, merchants):
        for name, method in inspect.getmembers(resource, inspect.isfunction):
            if not name.startswith("_") and name != "reconcile":
                assert lines(method) <= 8, name
    assert lines(lomi.LomiClient.send) <= 12
