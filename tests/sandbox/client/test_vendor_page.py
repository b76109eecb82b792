"""The Python examples of the vendor's Customers page, taken out of it and run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from lomi.sandbox import Server

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT.parent / "shared" / "contract" / "customers.txt"
# The page has no fences: Python stands between an example in JavaScript and one for curl.
BLOCK = re.compile(r"^(?:from lomi import|(?:\w+ = )?client\.).*?(?=^curl )", re.MULTILINE | re.DOTALL)
PRINTED = {
    "create": r"Customer created: \S+\n",
    "list": "",
    "get": "",
    "update": "",
    "delete": "",
    "get_transactions": r"(?s).*Payment for Product A: 10000 XOF\n.*",
}


@pytest.mark.skipif(not PAGE.is_file(), reason="the vendor's page is not part of the repository")
@pytest.mark.parametrize("name", PRINTED)
def test_an_example_of_the_page(server: Server, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = {
        re.search(r"client\.customers\.(\w+)\(", block)[1]: block for block in BLOCK.findall(PAGE.read_text("utf-8"))
    }  # type: ignore[index]
    assert list(found) == list(PRINTED)
    names: dict[str, Any] = {}
    # The first one makes the client that the others use.
    exec(compile(found["create"], str(PAGE), "exec"), names)
    if name != "create":
        server.sandbox.reset()
        capsys.readouterr()
        exec(compile(found[name], str(PAGE), "exec"), names)
    names["client"].close()
    assert re.fullmatch(PRINTED[name], capsys.readouterr().out)
    assert server.sandbox.requests[-1].status < 300
