"""What the check of the built site sees."""

import pytest

from scripts.build_docs import fetches, left_out, style_fetches


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
    assert fetches(html) == found


def test_style_that_fetches_from_elsewhere() -> None:
    assert style_fetches("@import '//a.example/x'; p{background:url(data:x)} q{b:url( \"https://b.example/y\")}") == [
        "//a.example/x",
        "https://b.example/y",
    ]


def test_page_outside_the_navigation() -> None:
    assert left_out("x: not.md\nnav:\n  - A: a.md\n  - b/c.md\n", ["a.md", "b/c.md", "not.md"]) == ["not.md"]
