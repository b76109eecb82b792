"""Find the Python blocks of README and docs, and check their types as a reader's editor would.

    python scripts/check_docs.py

A page is read from top to bottom: its blocks share one namespace, so a later block may use what an earlier one
made. A block may await at the top, as in a notebook. What is not to be run is a ``console`` or ``text`` block.
``tests/docs`` runs every block; this script puts the blocks of a page into one file, each on the line where it
stands on the page, and gives the files to mypy and pyright, both strict.
"""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

ROOT = Path(__file__).resolve().parents[1]
_FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,})(?P<info>.*)$")
# A block that shows a file of the repository: the file is checked and run where it stands.
_FILE = re.compile(r'\s*--8<-- "(?P<path>[^":]+)(?::\w+)?"\s*')


@dataclass(frozen=True)
class Block:
    """A Python block of a page."""

    page: Path
    line: int
    """The line of the page on which its code begins, from 1."""
    code: str

    @property
    def awaits(self) -> bool:
        """Whether it awaits outside a function."""
        return bool(self.compiled().co_flags & inspect.CO_COROUTINE)

    def compiled(self) -> CodeType:
        """Return its code object, whose line numbers are the page's."""
        source = "\n" * (self.line - 1) + self.code
        compiled: CodeType = compile(source, str(self.page), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        return compiled


def pages() -> list[Path]:
    """Return every page whose blocks are run."""
    return [*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    """Return the Python blocks of a page that hold code.

    Raises:
        ValueError: A fence is not closed, or names no language, or shows a file that is not there.
    """
    found: list[Block] = []
    opened: tuple[str, str, int] | None = None
    lines = page.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        fence = _FENCE.match(line)
        if fence is None:
            continue
        if opened is None:
            language = fence["info"].split()[0] if fence["info"].split() else ""
            if not language:
                raise ValueError(f"{page.relative_to(ROOT)}:{number}: the block names no language")
            opened = (fence["ticks"], language, number)
        elif fence["info"].strip() == "" and fence["ticks"].startswith(opened[0]):
            _, language, start = opened
            opened = None
            code = textwrap.dedent("\n".join(lines[start : number - 1])) + "\n"
            if shown := _FILE.fullmatch(code):
                if not (ROOT / shown["path"]).is_file():
                    raise ValueError(f"{page.relative_to(ROOT)}:{number}: there is no file {shown['path']}")
            elif language in {"python", "py"}:
                found.append(Block(page, start + 1, code))
    if opened is not None:
        raise ValueError(f"{page.relative_to(ROOT)}:{opened[2]}: the block is not closed")
    return found


def as_module(page: Sequence[Block]) -> str:
    """Return the blocks of a page as one module, each line where it is on the page."""
    # Outside a notebook `await` needs a function around it; line 1 is the page's title, so it is free.
    wrapped = any(block.awaits for block in page)
    lines = ["async def page() -> None:"] if wrapped else [""]
    for block in page:
        lines += [""] * (block.line - 1 - len(lines))
        lines += textwrap.indent(block.code, "    " if wrapped else "").splitlines()
    return "\n".join(lines) + "\n"


def check_types(found: Sequence[Block]) -> bool:
    """Run mypy and pyright over the blocks, print what they say, and return whether both are content."""
    by_page: dict[Path, list[Block]] = {}
    for block in found:
        by_page.setdefault(block.page, []).append(block)
    with tempfile.TemporaryDirectory() as folder:
        for page, inside in by_page.items():
            name = re.sub(r"\W", "_", str(page.relative_to(ROOT).with_suffix("")))
            Path(folder, f"{name}.py").write_text(as_module(inside), encoding="utf-8")
        config = {"typeCheckingMode": "strict", "pythonVersion": "3.10", "extraPaths": [str(ROOT)]}
        Path(folder, "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
        options = ["--strict", "--python-version=3.10", "--config-file=", f"--cache-dir={ROOT / '.mypy_cache'}"]
        mypy = [sys.executable, "-m", "mypy", *options, "."]
        pyright = [sys.executable, "-m", "pyright", f"--pythonpath={sys.executable}", "-p", folder]
        environment = {**os.environ, "MYPYPATH": str(ROOT)}
        # Both speak, also when the first complains.
        statuses = [
            subprocess.run(each, cwd=folder, env=environment, check=False).returncode for each in (mypy, pyright)
        ]
        return not any(statuses)


def main() -> int:
    """Check every page and return the exit status."""
    found = [block for page in pages() for block in blocks(page)]
    if not found:
        print("no page has a Python block")
        return 1
    good = check_types(found)
    print(
        f"{len(found)} Python blocks on {len({block.page for block in found})} pages: {'good' if good else 'see above'}"
    )
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
