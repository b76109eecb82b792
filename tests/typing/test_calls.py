"""That what is typed is complete: every public call stands in calls.py, every exported name resolves."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import lomi

CALLS = (Path(__file__).parent / "calls.py").read_text("utf-8")
SYNC, ASYNC = CALLS.split("async def asynchronous(")


def methods(client: type[object]) -> list[str]:
    found: list[str] = []
    for name, value in vars(client).items():
        if name.startswith("_"):
            continue
        if callable(value):
            found.append(name)
        elif (kind := inspect.signature(getattr(value, "func", None) or value.fget).return_annotation) != "Environment":
            resource = getattr(inspect.getmodule(client), str(kind), None)
            found += [f"{name}.{each}" for each in vars(resource or object) if not each.startswith("_")]
    return found


@pytest.mark.parametrize(("client", "text", "least"), [(lomi.LomiClient, SYNC, 12), (lomi.AsyncLomiClient, ASYNC, 12)])
def test_every_public_call_is_typed(client: type[object], text: str, least: int) -> None:
    names = methods(client)
    assert len(names) >= least
    missing = [name for name in names if not re.search(rf"assert_type\((await )?(client\.)?{re.escape(name)}\(", text)]
    assert missing == []


def test_every_exported_name_is_there_and_they_are_sorted() -> None:
    assert [name for name in lomi.__all__ if not hasattr(lomi, name)] == []
    assert len(set(lomi.__all__)) == len(lomi.__all__)
