"""Write the pages that list every operation, from the code: docs/operations.md and docs/fr/operations.md.

    python scripts/operations_table.py            write both pages
    python scripts/operations_table.py --check    write nothing; exit 1 when a page is not what the code says

What a method sends is read from its source, and what is special about it from the package's own table of operations.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, cast

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from check_french import digest, spaced  # noqa: E402

from lomi._core.operations import ACCOUNT_CAPABILITIES, OPERATIONS, RECONCILABLE, Operation, is_repeatable  # noqa: E402
from lomi._core.request import Method, Path as Route, Request  # noqa: E402

ROOT_OF_PAGES = ROOT / "docs"
UNPUBLISHED = frozenset({"accounts.get", "accounts.list", "me.get"})
"""What the API has beyond the document that it publishes."""

_TEXTS = {
    "en": """# Every operation

The client has {count} operations: the {published} that the API publishes, and {more} more ({names}).
This page is generated from the code.

- **Repeated**: whether a call is sent again after an attempt that may have arrived. `key` means that its idempotency
  key makes that safe. What was certainly not carried out is always repeated.
- **Unknown after**: errors below 500 after which `error.outcome` is `"unknown"`. After a 5xx it always is.
- **Reconcile**: whether `reconcile(error)` of the resource looks for what may have happened.
- **Account**: what a connected account has to grant. Where nothing stands, a client with `account=` raises
  [`LomiConfigurationError`][lomi.LomiConfigurationError] before any I/O.

| method | HTTP | takes | returns | repeated | unknown after | reconcile | account |
| --- | --- | --- | --- | --- | --- | --- | --- |
""",
    "fr": """# Toutes les opérations

Le client a {count} opérations : les {published} que l'API publie, et {more} de plus ({names}).
Cette page est produite à partir du code.

- **Répétée** : si un appel est renvoyé après une tentative qui a pu arriver. `clé` signifie que sa clé d'idempotence
  rend cela sûr. Ce qui n'a certainement pas été exécuté est toujours répété.
- **Inconnu après** : les erreurs sous 500 après lesquelles `error.outcome` vaut `"unknown"`. Après un 5xx, c'est
  toujours le cas.
- **Reconcile** : si `reconcile(error)` de la ressource cherche ce qui a pu se passer.
- **Compte** : ce qu'un compte connecté doit accorder. Là où rien ne figure, un client avec `account=` lève
  [`LomiConfigurationError`][lomi.LomiConfigurationError] avant toute E/S.

| méthode | HTTP | prend | renvoie | répétée | inconnu après | reconcile | compte |
| --- | --- | --- | --- | --- | --- | --- | --- |
""",
}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {},
    "fr": {"yes": "oui", "no": "non", "key": "clé", "or": "ou", "with some messages": "avec certains messages"},
}


class Row(NamedTuple):
    """One operation, as its method declares it."""

    name: str
    method: Method
    route: str
    takes: str
    returns: str
    has_key: bool


def rows() -> list[Row]:
    """Return every operation of the package, sorted by name."""
    found: list[Row] = []
    for file in sorted((ROOT / "lomi" / "_sync" / "resources").glob("*.py")):
        if file.name[0] != "_":
            tree = ast.parse(file.read_text("utf-8"))
            for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
                found += _operations(function)
    return sorted(found)


def _operations(function: ast.FunctionDef) -> Iterator[Row]:
    """Yield the operations that a method sends under its own name."""
    local: dict[str, ast.expr] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            pairs = [(target, value)]
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs = list(zip(target.elts, value.elts, strict=True))
            local.update({name.id: given for name, given in pairs if isinstance(name, ast.Name)})
    for node in ast.walk(function):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        kind = node.func.attr
        if kind not in ("_send", "_list", "_request"):
            continue
        given = [local.get(arg.id, arg) if isinstance(arg, ast.Name) else arg for arg in node.args]
        named = {each.arg: each.value for each in node.keywords if each.arg}
        texts = [str(arg.value) if isinstance(arg, ast.Constant) else ast.unparse(arg) for arg in given]
        params = [named[name] for name in ("body", "query") if name in named]
        if kind == "_list":
            params += given[4:5]
            texts.insert(1, "GET")
        yield Row(
            name=texts[0],
            method=cast("Method", texts[1]),
            route=texts[2],
            takes=" ".join(_declared(each, local) for each in params),
            returns=ast.unparse(function.returns) if function.returns else "None",
            has_key="idempotency_key" in named,
        )


def _declared(params: ast.expr, local: Mapping[str, ast.expr]) -> str:
    """Return the name of the `TypedDict` in what a method passes on."""
    params = local.get(params.id, params) if isinstance(params, ast.Name) else params
    return ast.unparse(params.elts[0]) if isinstance(params, ast.Tuple) else ast.unparse(params)


def _unknown_after(operation: Operation) -> str:
    parts = [str(status) for status in sorted(operation.unknown_statuses)]
    if operation.rejections or operation.unknown_messages:
        parts.append("with some messages")
    return " ".join(parts)


def page(language: str, found: list[Row]) -> str:
    """Return a page in a language, without the mark of a translation."""
    words = _WORDS[language]
    lines: list[str] = []
    for row in found:
        request: Request[object] = Request(
            row.method, Route(row.route, row.route), object, idempotency_key="key" if row.has_key else None
        )
        repeated = "key" if row.has_key else "yes" if is_repeatable(request) else "no"
        unknown = _unknown_after(OPERATIONS.get(row.name, Operation()))
        some = "with some messages"
        unknown = unknown.replace(some, words.get(some, some))
        can_be_found = row.method == "POST" and row.route in RECONCILABLE
        capability = ACCOUNT_CAPABILITIES.get(row.name)
        cells = (
            f"`{row.name}`",
            f"`{row.method} {row.route}`",
            ", ".join(f"`{each}`" for each in row.takes.split()),
            f" {words.get('or', 'or')} ".join(f"`{each}`" for each in row.returns.split(" | ")),
            words.get(repeated, repeated),
            unknown,
            words.get("yes", "yes") if can_be_found else "",
            f"`{capability}`" if capability else "",
        )
        lines.append("|".join(["", *(f" {cell} " if cell else " " for cell in cells), ""]))
    names = ", ".join(f"`{name}`" for name in sorted(UNPUBLISHED))
    more = len(UNPUBLISHED)
    head = _TEXTS[language].format(count=len(found), published=len(found) - more, more=more, names=names)
    return head + "\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    """Return both pages as they should be."""
    found = rows()
    english = page("en", found)
    french = f"<!-- english: {digest(english)} -->\n{spaced(page('fr', found))}"
    return {ROOT_OF_PAGES / "operations.md": english, ROOT_OF_PAGES / "fr" / "operations.md": french}


def main(arguments: list[str]) -> int:
    """Write or check; return the exit code."""
    wrong = [file for file, text in pages().items() if not file.exists() or file.read_text("utf-8") != text]
    if arguments == ["--check"]:
        for file in wrong:
            print(f"{file} is not what the code says: run python scripts/operations_table.py")
        return 1 if wrong else 0
    for file, text in pages().items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
