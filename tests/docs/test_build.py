"""What the check of the built site sees."""

from pathlib import Path

import pytest

from scripts.build_docs import addresses, is_there, left_out, style_fetches


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<script src="https://cdn.example/x.js"></script>', ["https://cdn.example/x.js"]),
        ('<link rel="stylesheet" href="//fonts.example/x.css">', ["//fonts.example/x.css"]),
        ('<link rel="preconnect" href="https://fonts.example">', ["https://fonts.example"]),
        ('<img src="https://img.example/x.png">', ["https://img.example/x.png"]),
        ('<link rel="canonical" href="https://docs.example/">', []),
        ('<a href="https://lomi.africa">lomi.</a><script src="assets/x.js"></script>', []),
    ],
)
def test_html_that_fetches_from_elsewhere(html: str, found: list[str]) -> None:
    assert addresses(html).fetched == found


def test_files_that_html_names() -> None:
    html = '<a href="../errors/#x">e</a><img src="a%20b.png"><a href="#top">t</a><a href="mailto:a@b.example">m</a>'
    assert addresses(html).local == ["../errors/", "a b.png", ""]


def test_file_that_is_not_there(tmp_path: Path) -> None:
    page = tmp_path / "errors" / "index.html"
    page.parent.mkdir()
    page.touch()
    assert all(is_there(tmp_path, page, each) for each in ("", "../errors/", "/errors/", "index.html"))
    assert not any(is_there(tmp_path, page, each) for each in ("a.png", "../", "/a/"))


def test_style_that_fetches_from_elsewhere() -> None:
    assert style_fetches("@import '//a.example/x'; p{background:url(data:x)} q{b:url( \"https://b.example/y\")}") == [
        "//a.example/x",
        "https://b.example/y",
    ]


def test_page_outside_the_navigation() -> None:
    assert left_out("x: not.md\nnav:\n  - A: a.md\n  - b/c.md\n", ["a.md", "b/c.md", "not.md"]) == ["not.md"]
