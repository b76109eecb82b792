"""Keep a record of the public surface, so that nothing public changes unnoticed.

    python scripts/api.py            write the record, tests/typing/api.txt
    python scripts/api.py --check    write nothing; exit 1 when the surface is not what the record says

Public is what `lomi` and its public modules export, what clients offer as attributes, and all their members without
a leading underscore. A changed surface is only recorded when the top section of CHANGELOG.md has changed as well since
the last record: who changes what people build on tells them.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import griffe

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "tests" / "typing" / "api.txt"
MODULES = (
    "lomi",
    "lomi.errors",
    "lomi.models",
    "lomi.money",
    "lomi.params",
    "lomi.sandbox",
    "lomi.testing",
    "lomi.webhooks",
    *(f"lomi.webhooks.{framework}" for framework in ("asgi", "django", "flask", "starlette", "wsgi")),
    "lomi.webhooks.inbox",
    "lomi.webhooks.stores",
    *(f"lomi.webhooks.stores.{store}" for store in ("django", "sqlalchemy", "sqlite")),
)
HEAD = "# The public surface, written by scripts/api.py. CHANGELOG.md's top section then: {}"
# What Python calls by itself and a caller relies on.
_SPECIAL = {
    "__init__", "__call__", "__getitem__", "__iter__", "__aiter__", "__len__", "__contains__", "__enter__", "__exit__",
    "__aenter__", "__aexit__", "__str__", "__bool__", "__add__", "__radd__", "__sub__", "__mul__", "__rmul__",
    "__neg__", "__abs__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__",
}  # fmt: skip


def surface(place: Path) -> list[str]:
    """Return the public surface of the package in a directory, a line for each thing, sorted."""
    package = griffe.load(
        "lomi", search_paths=[str(place)], try_relative_path=False, allow_inspection=False, resolve_aliases=True
    )
    lines: list[str] = []
    known: dict[str, str] = {}
    for name in MODULES:
        module = package if name == "lomi" else package[name.removeprefix("lomi.")]
        for export in module.exports or ():
            public, thing = f"{name}.{export}", module[str(export)]
            first = known.setdefault(thing.canonical_path, public)
            lines += [f"{public}: {first}"] if first != public else _described(public, thing, package)
    return sorted(lines)


def _described(name: str, thing: griffe.Object | griffe.Alias, package: griffe.Object | griffe.Alias) -> Iterator[str]:
    thing = thing.final_target if isinstance(thing, griffe.Alias) else thing
    if isinstance(thing, griffe.Module):
        yield f"{name}: module"
    elif isinstance(thing, griffe.Class):
        decorators = "".join(f"@{decorator.value} " for decorator in thing.decorators)
        yield f"{name}: {decorators}class({', '.join(map(str, thing.bases))})"
        for member, inner in thing.members.items():
            if not member.startswith("_") or member in _SPECIAL:
                yield from _described(f"{name}.{member}", inner, package)
    elif isinstance(thing, griffe.Function):
        prefix = "".join(f"{label} " for label in ("async", "classmethod", "staticmethod") if label in thing.labels)
        for each in thing.overloads or [thing]:
            yield f"{name}: {prefix}{_signature(each)}"
    elif isinstance(thing, griffe.Attribute):
        kind = "property " if "property" in thing.labels else ""
        value = "" if thing.value is None else f" = {thing.value}"
        yield f"{name}: {kind}{thing.annotation or ''}{value}"
        # What a client offers is public without being exported: client.customers.
        offered = getattr(thing.annotation, "canonical_path", "")
        if kind and ".resources." in offered:
            for member, inner in package[offered.removeprefix("lomi.")].members.items():
                if not member.startswith("_"):
                    yield from _described(f"{name}.{member}", inner, package)


def _signature(function: griffe.Function) -> str:
    return function.signature(return_type=True, name="")


def chapter(changelog: Path) -> str:
    """Return a short digest of the top section of a changelog."""
    text = changelog.read_text("utf-8") if changelog.exists() else ""
    sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    return hashlib.sha256((sections[1] if len(sections) > 1 else "").strip().encode()).hexdigest()[:16]


def main(arguments: list[str], root: Path = ROOT, record: Path = RECORD) -> int:
    """Write or check; return the exit code."""
    now, told = surface(root), chapter(root / "CHANGELOG.md")
    head, *before = record.read_text("utf-8").splitlines() if record.exists() else [""]
    if now == before:
        return 0
    print(*difflib.unified_diff(before, now, "recorded", "now", lineterm="", n=0), sep="\n")
    if arguments == ["--check"]:
        print("The public surface has changed: say so in CHANGELOG.md, then run python scripts/api.py")
        return 1
    if head == HEAD.format(told):
        print("Not recorded: the top section of CHANGELOG.md says nothing new. Tell people about the change there.")
        return 1
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text("\n".join([HEAD.format(told), *now]) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
