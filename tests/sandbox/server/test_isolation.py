"""The sandbox is a server of its own: a mistake of the client must not be its mistake too."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import lomi.sandbox
from lomi.sandbox.resources import RESOURCES

PACKAGE = Path(lomi.sandbox.__file__).parent


def imports(path):
    """What a module imports from outside of the sandbox, and from which function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            inside.update(dict.fromkeys(ast.walk(function), function.name))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, inside.get(node)) for alias in node.names if alias.name.startswith("lomi"))
        elif isinstance(node, ast.ImportFrom) and (
            node.level > len(path.relative_to(PACKAGE).parts) or (node.module or "").startswith("lomi")
        ):
            yield node.module, inside.get(node)


def test_it_imports_nothing_of_the_client_but_to_make_one():
    found = {path.name: list(imports(path)) for path in PACKAGE.rglob("*.py")}
    assert {name: entries for name, entries in found.items() if entries} == {
        "sandbox.py": [("lomi", None), ("lomi", "client"), ("lomi", "async_client")]
    }


def depends_on(path):
    """The modules of the sandbox that a module imports, under TYPE_CHECKING too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parent if node.level == 1 else path.parent.parent
            for name in [node.module] if node.module else [alias.name for alias in node.names]:
                yield (base / name.replace(".", "/")).relative_to(PACKAGE).as_posix()


def test_no_module_but_the_package_imports_the_facade_and_no_import_points_back():
    order = [
        *(
            "http",
            "amounts",
            "checks",
            "clock",
            "billing_days",
            "fields",
            "examples",
            "store",
            "throttle",
            "log",
            "operations",
            "wire",
            "faults",
            "matching",
            "injection",
        ),
        *(
            "sending",
            "webhooks",
            "engine",
            "ledger",
            "resource",
            "behaviours",
            "paying",
            "resources",
            "payer",
            "seed",
            "api",
            "actions",
            "bookkeeping",
            "billing",
            "endpoints",
            "inspection",
            "transport",
        ),
        *("dashboard", "server", "sandbox", "serving", "__init__"),
    ]
    within = {
        "resources": [
            *("accounts", "customers", "me", "merchants", "portal", "products", "discount_coupons", "organizations"),
            *("providers", "subscriptions", "transactions", "customer_subscriptions", "webhooks"),
            *("checkout_sessions", "payment_links", "payment_requests", "charges"),
            *("webhook_delivery_logs", "refunds", "payouts", "cli", "__init__"),
        ],
        "dashboard": ["board", "overview", "timeline", "snippets", "pages", "payer_page", "guard", "__init__"],
        "payer": ["cards", "payer", "payments", "__init__"],
    }

    def rank(name):
        first, _, rest = name.partition("/")
        return order.index(first), within[first].index(rest or "__init__") if first in within else 0

    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).with_suffix("").as_posix()
        for used in depends_on(path):
            assert rank(used) < rank(name), f"{name} imports {used}"


def test_no_file_is_longer_than_400_lines():
    assert [path.name for path in PACKAGE.rglob("*.py") if len(path.read_text("utf-8").splitlines()) > 400] == []


def test_it_imports_neither_an_http_client_nor_a_server_by_itself():
    """`lomi` itself may; so it is replaced by a bare package here."""
    script = (
        "import sys, types; package = types.ModuleType('lomi'); package.__path__ = [sys.argv[1]];"
        "sys.modules['lomi'] = package; import lomi.sandbox;"
        "lomi.sandbox.Sandbox().close();"
        "print(sorted({'httpx', 'uvicorn', 'asyncio', 'anyio', 'pydantic'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, str(PACKAGE.parent)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_each_resource_is_one_line():
    text = (PACKAGE / "resources" / "__init__.py").read_text(encoding="utf-8")
    assert len(re.findall(r"^    [A-Z_]+,$", text, re.MULTILINE)) == len(RESOURCES)


def test_public_names():
    assert lomi.sandbox.__all__ == sorted(lomi.sandbox.__all__, key=lambda name: (name.islower(), name))
    for name in lomi.sandbox.__all__:
        assert getattr(lomi.sandbox, name)


def test_its_documentation_says_first_what_it_does_not_imitate():
    assert lomi.sandbox.__doc__.split("\n\n")[1].startswith("What it does not imitate")
