"""Check that the French pages say what the English ones say today.

    python scripts/check_french.py
    python scripts/check_french.py --translated README.fr.md docs/fr/errors.md

A French page begins with a comment that holds a digest of the English page it was translated from. When the English
page changes, the check fails until somebody has changed the French one too and says so with ``--translated``. The code
on both pages is the same but for its comments, and so are the anchors of the headings. What ``text`` blocks show may be
translated. ``--translated`` also makes the spaces before ; : ? ! and within numbers such that no line ends there.
"""

from __future__ import annotations

import ast
import hashlib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_MARK = re.compile(r"\A<!-- english: ([0-9a-f]{16}) -->\n")
_FENCE = re.compile(r"^ *```(\w+)[^\n]*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_SHELL_COMMENT = re.compile(r"(?:^|[ \t]+)# .*$", re.MULTILINE)
_CODE = re.compile(r"(^ *```.*?^ *```$|`[^`]*`)", re.MULTILINE | re.DOTALL)
# Not those of a table's alignment (":-:") or of an image ("![").
_UNBROKEN = re.compile(r"(?<!\s) (?=[;?»]|:(?!-)|!(?!\[))|(?<=«) |(?<=\d) (?=\d{3}(?!\d))")
_HEADING = re.compile(r"^##+ (.+?)(?: \{#([\w-]+)\})?$", re.MULTILINE)


def pairs() -> list[tuple[Path, Path]]:
    """Return every page that there must be in French, with the French one."""
    docs = ROOT / "docs"
    pages = sorted(docs.glob("*.md"))
    return [(ROOT / "README.md", ROOT / "README.fr.md"), *((page, docs / "fr" / page.name) for page in pages)]


def digest(text: str) -> str:
    """Return what a French page remembers of its English one."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def code(text: str) -> list[str]:
    """Return the blocks of a page, without what may be translated."""
    return [_untranslated(language, _dedent(inside)) for language, inside in _FENCE.findall(text)]


def anchors(text: str) -> list[str]:
    """Return the anchors of a page's headings, given or made from their words."""
    prose = _FENCE.sub("", text)
    return [given or _slug(words) for words, given in _HEADING.findall(prose)]


def spaced(text: str) -> str:
    """Return a French page with no-break spaces where French has them, outside code."""
    parts = _CODE.split(text)
    return "".join(part if place % 2 else _UNBROKEN.sub("\u00a0", part) for place, part in enumerate(parts))


def problems(english: str, french: str) -> list[str]:
    """Return what keeps a French page from being the English one in French."""
    found: list[str] = []
    mark = _MARK.match(french)
    if mark is None or mark[1] != digest(english):
        found.append("the English page has changed: translate, then run this script with --translated")
    if code(english) != code(french):
        found.append("the code is not the same")
    theirs, ours = anchors(english), anchors(french)
    # README is read where headings cannot be given anchors.
    if theirs != ours if "{#" in french else len(theirs) != len(ours):
        found.append("the headings are not the same, or an anchor is missing")
    if french != spaced(french):
        found.append("a line could end before ; : ? ! or within a number: run this script with --translated")
    return found


def stamp(english: str, french: str) -> str:
    """Return the French page with the digest of the English one, and with its spaces."""
    return f"<!-- english: {digest(english)} -->\n{spaced(_MARK.sub('', french))}"


def main(arguments: list[str]) -> int:
    """Check every page, or take note of a translation, and return the exit status."""
    translated = {(ROOT / name).resolve() for name in arguments if name != "--translated"}
    bad = 0
    for english, french in pairs():
        name = french.relative_to(ROOT)
        if not french.is_file():
            print(f"{name}: is missing")
            bad += 1
            continue
        source, text = english.read_text(encoding="utf-8"), french.read_text(encoding="utf-8")
        if french in translated:
            text = stamp(source, text)
            french.write_text(text, encoding="utf-8")
        found = problems(source, text)
        bad += len(found)
        print("".join(f"{name}: {problem}\n" for problem in found), end="")
    print(f"{len(pairs())} French pages: {'good' if not bad else 'see above'}")
    return 1 if bad else 0


def _untranslated(language: str, inside: str) -> str:
    match language:
        case "python" if "--8<--" not in inside:
            return ast.dump(ast.parse(inside))
        case "console":
            return _SHELL_COMMENT.sub("", inside)
        case "text":
            return language
        case _:
            return inside


def _dedent(text: str) -> str:
    margin = min((len(line) - len(line.lstrip()) for line in text.splitlines() if line.strip()), default=0)
    return "".join(f"{line[margin:]}\n" for line in text.splitlines())


def _slug(words: str) -> str:
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", words).strip().lower())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
