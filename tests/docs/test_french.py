"""What the check of the French pages sees."""

import pytest

from scripts.check_french import problems, spaced, stamp

ENGLISH = """# Title

## First steps

```python
a = 1  # one
```

```console
run  # first
```

```text
what it prints
```
"""
FRENCH = """# Titre

## Premiers pas {#first-steps}

```python
a = 1  # un
```

```console
run  # d'abord
```

```text
ce que cela affiche
```
"""
CHANGED = "the English page has changed: translate, then run this script with --translated"
CODE = "the code is not the same"
SPACES = "a line could end before ; : ? ! or within a number: run this script with --translated"
HEADINGS = "the headings are not the same, or an anchor is missing"


def test_translation_that_is_in_step() -> None:
    assert problems(ENGLISH, stamp(ENGLISH, FRENCH)) == []


def test_stamp_takes_the_place_of_the_old_one() -> None:
    old = stamp("another", FRENCH)
    assert stamp(ENGLISH, old) == stamp(ENGLISH, FRENCH)


def test_page_without_a_stamp() -> None:
    assert problems(ENGLISH, FRENCH) == [CHANGED]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("# Title", "# A title", [CHANGED]),
        ("a = 1", "a = 2", [CHANGED, CODE]),
        ("run", "walk", [CHANGED, CODE]),
        ("```text\nwhat it prints\n```\n", "", [CHANGED, CODE]),
        ("## First steps", "## First steps\n\n## Second", [CHANGED, HEADINGS]),
        ("## First steps", "## The beginning", [CHANGED, HEADINGS]),
    ],
)
def test_english_page_that_has_changed(old: str, new: str, found: list[str]) -> None:
    assert problems(ENGLISH.replace(old, new), stamp(ENGLISH, FRENCH)) == found


def test_page_without_anchors_has_as_many_headings() -> None:
    french = FRENCH.replace(" {#first-steps}", "")
    assert problems(ENGLISH, stamp(ENGLISH, french)) == []
    assert problems(ENGLISH, stamp(ENGLISH, french + "## Encore\n")) == [HEADINGS]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Quoi ? Ceci : `a` ; « cela » !", "Quoi~? Ceci~: `a`~; «~cela~»~!"),
        ("10 000 clients, 1 250 000 appels, 429 en 15 min", "10~000 clients, 1~250~000 appels, 429 en 15 min"),
        ("Une `a : b` ![image](i.png)", "Une `a : b` ![image](i.png)"),
        ("| :-: | :--- |\n\n!!! note\n\n    !!! tip", "| :-: | :--- |\n\n!!! note\n\n    !!! tip"),
        ("```python\na = 1  # oui : 10 000\n```\nnon : oui", "```python\na = 1  # oui : 10 000\n```\nnon~: oui"),
    ],
)
def test_spaces_that_do_not_break(written: str, kept: str) -> None:
    assert spaced(written) == kept.replace("~", "\u00a0")


def test_space_that_breaks() -> None:
    french = stamp(ENGLISH, FRENCH)
    assert problems(ENGLISH, french + "Quoi ?\n") == [SPACES]
    assert problems(ENGLISH, stamp(ENGLISH, french + "Quoi ?\n")) == []
