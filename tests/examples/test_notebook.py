import ast
import json
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).resolve().parents[2] / "examples" / "frameworks" / "customers.ipynb"


def cells() -> list[dict[str, Any]]:
    return [cell for cell in json.loads(NOTEBOOK.read_text())["cells"] if cell["cell_type"] == "code"]


def show(cell: dict[str, Any], namespace: dict[str, Any]) -> Any:
    """Run a cell and return what its last expression gives, as a notebook does."""
    code = ast.parse("".join(cell["source"]))
    last = code.body.pop() if isinstance(code.body[-1], ast.Expr) else None
    exec(compile(code, str(NOTEBOOK), "exec"), namespace)
    return None if last is None else eval(compile(ast.Expression(last.value), str(NOTEBOOK), "eval"), namespace)


def test_cells_run_and_tables_are_masked(monkeypatch: Any) -> None:
    monkeypatch.delenv("LOMI_API_KEY", raising=False)
    namespace: dict[str, Any] = {}
    _, page, countries, balance, closed = [show(cell, namespace) for cell in cells()]
    assert page._repr_html_().count("<tr>") == 6
    assert "•••" in page._repr_html_()
    assert "@" not in page._repr_html_()
    assert len(countries) == 3
    assert "250000" in balance._repr_html_()
    assert closed is None


def test_is_saved_without_output() -> None:
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells())
