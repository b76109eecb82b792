"""The generated protocols: complete, and written when they differ. Whether they do, scripts/protocols.py --check says."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

import lomi
import lomi.protocols
from scripts import protocols


def test_a_file_that_differs_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocols, "ROOT", tmp_path)
    monkeypatch.setattr(protocols, "TARGET", tmp_path / "protocols.py")
    monkeypatch.setattr(protocols, "generate", lambda: "new")
    assert protocols.main(["--check"]) == 1
    assert protocols.main([]) == 0
    assert protocols.main(["--check"]) == 0


@pytest.mark.parametrize("client", [lomi.LomiClient("lomi_sk_test_x"), lomi.AsyncLomiClient("lomi_sk_test_x")])
@pytest.mark.parametrize("resource", ["customers", "merchants"])
def test_a_protocol_has_every_public_method_with_its_parameters(client: object, resource: str) -> None:
    def methods(kind: type) -> list[str]:
        return [name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")]

    real = type(getattr(client, resource))
    declared = getattr(lomi.protocols, f"{real.__name__}Protocol")
    assert methods(real) == methods(declared)
    for name in set(methods(real)) - {"create"}:  # which is overloaded: only checkers see how
        one, other = getattr(real, name), getattr(declared, name)
        assert inspect.signature(one).parameters == inspect.signature(other).parameters
        assert inspect.iscoroutinefunction(one) == inspect.iscoroutinefunction(other)
