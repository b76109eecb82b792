"""Runs what README and docs show, against the sandbox: every Python block, in the order of its page."""

import asyncio
import gc
import inspect
import logging
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import FunctionType

import pytest

from lomi.sandbox import Sandbox, Server
from scripts.check_docs import ROOT, Block, as_module, blocks, pages

PAGES = {str(page.relative_to(ROOT)): blocks(page) for page in pages()}
SHOWN = {name: found for name, found in PAGES.items() if found}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """A sandbox of its own for each page, found by a client that is given nothing."""
    with Sandbox(seed=1, vendor_examples=True) as sandbox, sandbox.serve() as server:
        monkeypatch.setenv("LOMI_API_KEY", server.api_key)
        monkeypatch.setenv("LOMI_BASE_URL", server.url)
        monkeypatch.chdir(tmp_path)
        log = logging.getLogger("lomi")
        monkeypatch.setattr(log, "handlers", [*log.handlers])
        yield server
        log.setLevel(logging.NOTSET)
    # A page may leave its client open, as a script does; its sockets go here and not in another test.
    gc.collect()


def run(block: Block, namespace: dict[str, object], loop: asyncio.AbstractEventLoop) -> str:
    printed = StringIO()
    with redirect_stdout(printed):
        function = FunctionType(block.compiled(), namespace)
        result = function()
        if inspect.iscoroutine(result):
            loop.run_until_complete(result)
    return printed.getvalue()


def promised(block: Block) -> list[str]:
    """What the block says that it prints, in lines that begin with ``#>``."""
    return re.findall(r"^ *#> ?(.*)$", block.code, re.MULTILINE)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("name", SHOWN)
def test_page_runs_as_printed(name: str, server: Server) -> None:
    namespace: dict[str, object] = {"__name__": "page"}
    loop = asyncio.new_event_loop()
    try:
        for block in SHOWN[name]:
            printed = run(block, namespace, loop)
            if promised(block):
                assert printed.splitlines() == promised(block), f"{name}:{block.line} prints something else"
    finally:
        loop.close()
        namespace.clear()


def test_readme_is_among_the_pages() -> None:
    assert "README.md" in SHOWN


def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> list[Block]:
    monkeypatch.setattr("scripts.check_docs.ROOT", tmp_path)
    path = tmp_path / "page.md"
    path.write_text(text)
    return blocks(path)


def test_block_knows_its_line_and_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "# Title\n\n=== tab\n\n    ```python title='x'\n    a = 1\n    ```\n\n```console\nrm -r x\n```\n"
    [block] = page(tmp_path, monkeypatch, text)
    assert (block.line, block.code) == (6, "a = 1\n")
    assert as_module([block]).splitlines() == ["", "", "", "", "", "a = 1"]


def test_page_that_awaits_becomes_one_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = page(tmp_path, monkeypatch, "# Title\n```python\na = 1\n```\n```python\nawait f(a)\n```\n")
    assert as_module(found).splitlines() == ["async def page() -> None:", "", "    a = 1", "", "", "    await f(a)"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("```\ncode\n```\n", "page.md:1: the block names no language"),
        ("```python\ncode\n", "page.md:1: the block is not closed"),
        ('```python\n--8<-- "examples/nothing.py"\n```\n', "page.md:3: there is no file examples/nothing.py"),
    ],
)
def test_broken_fence_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        page(tmp_path, monkeypatch, text)


def test_block_that_cannot_run_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    [block] = page(tmp_path, monkeypatch, "# Title\n```python\nfrom lomi import NoSuchThing\n```\n")
    loop = asyncio.new_event_loop()
    with pytest.raises(ImportError):
        run(block, {}, loop)
    loop.close()


def test_promised_output_is_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [block] = page(
        tmp_path, monkeypatch, "# Title\n```python\nprint('a')\n#> a\nfor _ in 'x':\n    pass\n    #> b\n```\n"
    )
    assert promised(block) == ["a", "b"]
