"""Generate the synchronous code from the asynchronous: every `_async` becomes a `_sync` beside it.

    python scripts/unasync.py            write
    python scripts/unasync.py --check    write nothing; exit 1 when a file differs, is missing or is left over

A list of word substitutions, each of which must be used at least once: a rule that nothing needs is an error.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TREES = {
    "lomi/_async": "lomi/_sync",
    "tests/behaviour/_async": "tests/behaviour/_sync",
    "tests/transport/_async": "tests/transport/_sync",
    "tests/sandbox/client/_async": "tests/sandbox/client/_sync",
}

# What the synchronous code has no use for: there, `list` returns the page itself.
ASYNC_ONLY = {"lomi/_async/paginator.py"}

# In this order. Words, unless a pattern says otherwise.
RULES: list[tuple[str, str]] = [
    (r"from \.+paginator import AsyncPaginator\n", ""),
    (r"AsyncPaginator\[([\w\[\]]+), \w+\]", r"\1"),
    (r"AsyncPaginator\((.*)\)\n", r"\1\n"),
    (r"async def", "def"),
    (r"async with", "with"),
    (r"async for", "for"),
    (r"await ", ""),
    (r"handle_async_request", "handle_request"),
    (r"aiter_(?=[a-z])", "iter_"),
    (r"aclose", "close"),
    (r"aread", "read"),
    (r"__aenter__", "__enter__"),
    (r"__aexit__", "__exit__"),
    (r"__aiter__", "__iter__"),
    (r"__anext__", "__next__"),
    (r"aiter\(", "iter("),
    (r"anext\(", "next("),
    (r"StopAsyncIteration", "StopIteration"),
    (r"_backends\.anyio", "_backends.sync"),
    (r"AsyncBackend", "SyncBackend"),
    (r"AsyncLimiter", "SyncLimiter"),
    (r"async_client", "client"),
    (r"lomi\._async", "lomi._sync"),
    (r"tests\.behaviour\._async", "tests.behaviour._sync"),
    (r"AsyncByteStream", "SyncByteStream"),
    (r"Async(?=[A-Z])", ""),
    (r"API, asynchronous", "API, synchronous"),
    (
        r"between tasks, event loops and, after a fork, child processes",
        "between threads and, after a fork, child processes",
    ),
    (
        r"The asynchronous client, written by hand",
        "The synchronous client, generated from `_async`: do not edit",
    ),
    (r"per process and event loop", "per process"),
    (r"for each process, event loop and host", "for each process and host"),
    (r"for each event loop and host", "for each host"),
    (r"The connections of one event loop to", "The connections of one process to"),
]


def convert(text: str, used: set[str]) -> str:
    """Return the synchronous text, and note which rules were used."""
    for pattern, replacement in RULES:
        text, count = re.subn(rf"(?<![A-Za-z]){pattern}" if pattern[0].isalpha() else pattern, replacement, text)
        if count:
            used.add(pattern)
    return text


def formatted(text: str, name: str) -> str:
    """Return the text as ruff sorts and formats it, since shorter words move line breaks."""
    for command in (["check", "--select", "I,RUF022", "--fix", "--quiet"], ["format", "--quiet"]):
        run = [sys.executable, "-m", "ruff", *command, "--stdin-filename", name, "-"]
        text = subprocess.run(run, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return text


def generate() -> dict[Path, str]:
    """Return every generated file's text by its path."""
    used: set[str] = set()
    files: dict[Path, str] = {}
    for source, target in TREES.items():
        for path in sorted((ROOT / source).rglob("*.py")):
            if str(path.relative_to(ROOT)) in ASYNC_ONLY:
                continue
            name = ROOT / target / path.relative_to(ROOT / source)
            files[name] = formatted(convert(path.read_text("utf-8"), used), str(name.relative_to(ROOT)))
    if unused := [pattern for pattern, _ in RULES if pattern not in used]:
        sys.exit(f"rules that nothing uses: {unused}")
    return files


def main(arguments: list[str]) -> int:
    """Write or check; return the exit code."""
    files = generate()
    present = {path for target in TREES.values() for path in (ROOT / target).rglob("*.py")}
    if arguments == ["--check"]:
        wrong = [path for path, text in files.items() if path not in present or path.read_text("utf-8") != text]
        for path in sorted({*wrong, *(present - files.keys())}):
            print(f"{path.relative_to(ROOT)} is not what scripts/unasync.py generates")
        return int(bool(wrong) or present != files.keys())
    for path in present - files.keys():
        path.unlink()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
