"""The record of the public surface: what counts as a change, and when one may be recorded."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts import api

BEFORE = """
from ._inside import Client, Kind, helper
__all__ = ["Client", "Kind", "helper"]
"""
INSIDE = """
from typing import Literal
Kind = Literal["a", "b"]
class Client:
    count: int = 0
    def __init__(self, key: str | None = None) -> None: ...
    @property
    def things(self) -> "Things": ...
    async def send(self, what: int, *, often: bool = False) -> str: ...
    def _hidden(self, anything: int) -> None: ...
def helper(*names: str) -> None:
    return None
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    package = tmp_path / "lomi"
    package.mkdir()
    for name in api.MODULES[1:]:
        inside = package.joinpath(*name.split(".")[1:])
        inside.mkdir()
        (inside / "__init__.py").write_text("")
    (package / "__init__.py").write_text(BEFORE)
    (package / "_inside.py").write_text(INSIDE)
    (package / "errors" / "__init__.py").write_text("from .._inside import Client\n__all__ = ['Client']\n")
    (tmp_path / "CHANGELOG.md").write_text("# Changes\n\n## 2.0.0\n\n- All of it.\n\n## 1.0.0\n\n- Old.\n")
    return tmp_path


def change(root: Path, old: str, new: str) -> None:
    path = root / "lomi" / "_inside.py"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def run(root: Path, *arguments: str) -> int:
    return api.main(list(arguments), root, root / "api.txt")


def test_the_surface_is_what_is_exported_with_its_members(root: Path) -> None:
    assert api.surface(root) == [
        "lomi.Client.__init__: __init__(key: str | None = None) -> None",
        "lomi.Client.count: int = 0",
        "lomi.Client.send: async send(what: int, *, often: bool = False) -> str",
        "lomi.Client.things: property Things",
        "lomi.Client: class()",
        "lomi.Kind:  = Literal['a', 'b']",
        "lomi.errors.Client: lomi.Client",
        "lomi.helper: helper(*names: str) -> None",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("often: bool = False", "often: bool = True"),
        ("what: int", "thing: int"),
        ("-> str", "-> bytes"),
        ("async def send", "def send"),
        ("count: int = 0", ""),
        ('"b"', '"c"'),
        ("class Client:", "class Client(Exception):"),
    ],
)
def test_a_change_needs_a_new_line_in_the_changes(root: Path, old: str, new: str) -> None:
    assert run(root) == 0
    assert run(root, "--check") == 0
    change(root, old, new)
    assert run(root, "--check") == 1
    assert run(root) == 1
    changes = root / "CHANGELOG.md"
    changes.write_text(changes.read_text().replace("- Old.", "- Old, and told later."))
    assert run(root) == 1
    changes.write_text(changes.read_text().replace("- All of it.", "- All of it.\n- A change."))
    assert run(root, "--check") == 1
    assert run(root) == 0
    assert run(root, "--check") == 0


def test_what_nobody_can_see_is_no_change(root: Path) -> None:
    assert run(root) == 0
    change(root, "anything: int", "everything: str")
    change(root, "return None", "return print(names)")
    assert run(root, "--check") == 0


def test_it_says_what_changed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root) == 0
    change(root, "what: int", "thing: int")
    capsys.readouterr()
    run(root, "--check")
    assert "+lomi.Client.send: async send(thing: int, *, often: bool = False) -> str" in capsys.readouterr().out


def test_every_exported_name_of_the_package_is_in_its_surface() -> None:
    import lomi

    names = {line.partition(":")[0] for line in api.surface(api.ROOT)}
    assert {f"lomi.{name}" for name in lomi.__all__} <= names
    assert {"lomi.LomiClient.customers.create", "lomi.AsyncLomiClient.merchants.get_balance"} <= names
    assert "griffe" in sys.modules
