"""The sandbox is a server of its own: a mistake of the client must not be its mistake too."""

import ast
import subprocess
import sys
from pathlib import Path

import lomi.sandbox

PACKAGE = Path(lomi.sandbox.__file__).parent


def imports(path):
    """What a module imports from the rest of the package, and from which function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {}
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            inside.update(dict.fromkeys(ast.walk(function), function.name))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, inside.get(node)) for alias in node.names if alias.name.startswith("lomi"))
        elif isinstance(node, ast.ImportFrom) and (node.level > 1 or (node.module or "").startswith("lomi")):
            yield node.module, inside.get(node)


def test_it_imports_nothing_of_the_client_but_to_make_one():
    found = {name: list(imports(PACKAGE / name)) for name in (path.name for path in PACKAGE.glob("*.py"))}
    assert {name: entries for name, entries in found.items() if entries} == {
        "_sandbox.py": [("lomi", None), ("lomi", "client"), ("lomi", "async_client")]
    }


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
    listed = (PACKAGE / "_resources.py").read_text(encoding="utf-8").count(".RESOURCE,")
    assert listed == len(lomi.sandbox._sandbox.RESOURCES)


def test_public_names():
    assert lomi.sandbox.__all__ == sorted(lomi.sandbox.__all__, key=lambda name: (name.islower(), name))
    for name in lomi.sandbox.__all__:
        assert getattr(lomi.sandbox, name)


def test_its_documentation_says_first_what_it_does_not_imitate():
    assert lomi.sandbox.__doc__.split("\n\n")[1].startswith("What it does not imitate")
