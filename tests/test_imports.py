"""Who may import whom: no arrow points upwards, under `TYPE_CHECKING` and inside functions neither, and none in a circle."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import lomi

PACKAGE = Path(lomi.__file__).parent
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
    if path != PACKAGE / "__init__.py"
}
# `_sync` is generated from `_async`.
SOURCES = [module for module in MODULES if not module.startswith("_sync")]
# The lowest first. A module may import those on its own line and above. `lomi` itself, "", whose names are looked up
# when they are used, stands beside the client.
ORDER = [
    ["_version", "_i18n"],
    ["errors"],
    ["money"],
    ["models"],
    ["webhooks.signature", "webhooks.events"],
    ["params"],
    ["_core"],
    ["_telemetry"],
    ["_backends"],
    ["_async", "_async.transport"],
    ["_async.base_client"],
    ["_async.page", "_async.paginator"],
    ["_async.customer_recovery"],
    ["_async.reconcile"],
    ["_async.resources._base"],
    ["_async.resources"],
    ["_async.client", ""],
    ["_async.transaction_sync", "_transaction_sync"],
    ["webhooks"],
    ["sandbox"],
    ["testing"],
    ["cli"],
    ["__main__"],
]
RANKS = {name: rank for rank, names in enumerate(ORDER) for name in names}
# What makes ready clients for the sandbox, inside a function.
FACTORY = "sandbox.sandbox"
NO_PLACE = "has no place in the order"


def rank(module: str) -> int | None:
    name = full = re.sub(r"^_sync\b", "_async", module)
    while name not in RANKS:
        if "." not in name:
            return None
        name = name.rpartition(".")[0]
    # `_async` is a package of several ranks; a module of it that is not listed has none.
    return None if name == "_async" != full else RANKS[name]


def imports(module: str) -> Iterator[str]:
    """The modules of the package that a module imports, wherever the statement stands."""
    package = module.split(".") if MODULES[module].name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom):
            full = (node.module or "").split(".") if node.module else []
            base = [*package[: len(package) - node.level + 1], *full] if node.level else full[1:]
            if node.level or full[:1] == ["lomi"]:
                names = [".".join([*base, alias.name]) for alias in node.names]
                names = [name if name in MODULES else ".".join(base) for name in names]
        elif isinstance(node, ast.Import):
            names = [alias.name.partition(".")[2] for alias in node.names if alias.name.split(".")[0] == "lomi"]
        yield from (name for name in names if name != module)


def problem(module: str, other: str) -> bool:
    above, below = rank(module), rank(other)
    if module.startswith("sandbox") and module != FACTORY and not other.startswith("sandbox"):
        return True
    return above is not None and below is not None and below > above


def in_circles(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The arrows whose end leads back to their start."""
    reached = {module: {end for start, end in arrows if start == module} for module in MODULES}
    for via in MODULES:
        for module in MODULES:
            if via in reached[module]:
                reached[module] |= reached[via]
    return {(start, end) for start, end in arrows if end in reached and start in reached[end]}


def test_no_import_points_upwards_or_runs_in_a_circle() -> None:
    arrows = {(module, other) for module in SOURCES for other in imports(module)}
    upwards = {arrow for arrow in arrows if problem(*arrow)}
    homeless = {(module, NO_PLACE) for module in SOURCES if rank(module) is None}
    assert upwards | homeless | in_circles(arrows - upwards) == set()


def test_no_file_written_by_hand_is_longer_than_400_lines() -> None:
    files = [PACKAGE / "__init__.py", *(MODULES[name] for name in SOURCES)]
    lengths = {str(file): len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert {name: length for name, length in lengths.items() if length > 400} == {}
