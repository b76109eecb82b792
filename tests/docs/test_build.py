"""What the check of the built site sees."""

from pathlib import Path

import pytest

from scripts.build_docs import addresses, file_of, left_out, page_problems, style_fetches


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
    assert {file_of(tmp_path, page, each) for each in ("", "../errors/", "/errors/", "index.html")} == {page}
    assert {file_of(tmp_path, page, each) for each in ("a.png", "../", "/a/")} == {None}


def test_site_under_a_path_of_its_own(tmp_path: Path) -> None:
    page = tmp_path / "404.html"
    page.touch()
    assert file_of(tmp_path, page, "/python/lomi/404.html", "/python/lomi/") == page
    assert file_of(tmp_path, page, "/404.html", "/python/lomi/") is None


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("errors/index.html", "../fr/errors/"),
        ("fr/errors/index.html", "../../errors/"),
        ("index.html", "./fr/"),
        ("fr/index.html", "../"),
        ("404.html", "/python/lomi/fr/"),
        ("fr/404.html", "/python/lomi/fr/../"),
    ],
)
def test_page_leads_to_its_translation(tmp_path: Path, page: str, address: str) -> None:
    for name in ("index.html", "404.html", "errors/index.html"):
        for folder in (tmp_path, tmp_path / "fr"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).touch()
    wrong = f"{page} does not lead to the same page in the other language, and there alone"
    for html, found in (
        (f'<a hreflang="fr" href="{address}">', []),
        (f'<a hreflang="fr" href="{address}#top">', []),
        (f'<a href="{address}">', [wrong]),
        (f'<a hreflang="fr" href="{address}"><a hreflang="en" href=".">', [wrong]),
        (f'<a hreflang="fr" href="{address}nothing/">', [f"{page} names {address}nothing/, which is not there", wrong]),
        ('<a hreflang="fr" href="index.html">', [wrong]),
        ('<a hreflang="fr" href="#top">', [wrong]),
    ):
        (tmp_path / page).write_text(html)
        assert page_problems(tmp_path, tmp_path / page, "/python/lomi/") == found


def test_style_that_fetches_from_elsewhere() -> None:
    assert style_fetches("@import '//a.example/x'; p{background:url(data:x)} q{b:url( \"https://b.example/y\")}") == [
        "//a.example/x",
        "https://b.example/y",
    ]


def test_page_outside_the_navigation() -> None:
    assert left_out("x: not.md\nnav:\n  - A: a.md\n  - b/c.md\n", ["a.md", "b/c.md", "not.md"]) == ["not.md"]
