"""That what is typed is complete: the type of every public call is tested, of both clients."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import lomi

HERE = Path(__file__).parent
FILES = ("calls.py", "business.py", "payments.py", "test_types.py")
TYPED = [(HERE / name).read_text("utf-8").split("async def asynchronous(") for name in FILES]


def methods(client: lomi.LomiClient | lomi.AsyncLomiClient) -> list[str]:
    """Return every method of a client and of its resources, as it is called."""
    names: list[str] = []
    for name, value in inspect.getmembers(client):
        if name.startswith("_"):
            continue
        if inspect.ismethod(value):
            names.append(name)
        elif ".resources." in type(value).__module__:
            names += [f"{name}.{each}" for each, _ in inspect.getmembers(value, inspect.ismethod) if each[0] != "_"]
    return names


@pytest.mark.parametrize("client", [lomi.LomiClient("lomi_sk_test_x"), lomi.AsyncLomiClient("lomi_sk_test_x")])
def test_the_type_of_every_public_call_is_tested(client: lomi.LomiClient | lomi.AsyncLomiClient) -> None:
    text = " ".join(parts[isinstance(client, lomi.AsyncLomiClient)] for parts in TYPED)
    names = methods(client)
    assert len(names) >= 13
    assert [name for name in names if not re.search(rf"(assert_type\(\s*|= )(await )?client\.{name}\(", text)] == []
