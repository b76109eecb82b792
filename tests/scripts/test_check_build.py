"""That the check of the distributions finds what it is there to find."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from scripts.check_build import sdist_problems, wheel_problems

INFO = "lomi-2.0.0.dist-info"
METADATA = """\
Metadata-Version: 2.4
Name: lomi
Summary: A client.
License-Expression: MIT
Requires-Python: >=3.10
Author: Somebody
Keywords: lomi
Description-Content-Type: text/markdown
Classifier: Programming Language :: Python :: 3.10
Classifier: Programming Language :: Python :: 3.11
Classifier: Typing :: Typed
Requires-Dist: httpx<1,>=0.27
Requires-Dist: lomi[cli]; extra == "demo"

# lomi
"""
TRACKED = ["lomi/__init__.py", "lomi/py.typed", "tests/test_it.py", "pyproject.toml"]


def wheel(tmp_path: Path, files: list[str], metadata: str = METADATA) -> Path:
    path = tmp_path / "lomi-2.0.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in (*files, f"{INFO}/WHEEL", f"{INFO}/RECORD", f"{INFO}/licenses/LICENSE"):
            archive.writestr(name, "")
        archive.writestr(f"{INFO}/METADATA", metadata)
    return path


def test_a_wheel_of_the_package_alone_is_fine(tmp_path: Path) -> None:
    assert wheel_problems(wheel(tmp_path, TRACKED[:2]), TRACKED) == []


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ([*TRACKED[:2], "tests/test_it.py"], "the wheel holds tests/test_it.py"),
        ([*TRACKED[:2], "lomi/leftover.py"], "the wheel holds lomi/leftover.py"),
        (TRACKED[:1], "the wheel lacks lomi/py.typed"),
    ],
)
def test_other_files_in_a_wheel_are_found(tmp_path: Path, files: list[str], problem: str) -> None:
    assert wheel_problems(wheel(tmp_path, files), TRACKED) == [problem]


@pytest.mark.parametrize(
    ("line", "instead", "problem"),
    [
        ("Summary: A client.\n", "", "the metadata lacks Summary"),
        ("Classifier: Typing :: Typed\n", "", "no classifier Typing :: Typed"),
        ("httpx<1,>=0.27", "httpx>=0.27", "httpx>=0.27 has no upper bound"),
        (">=3.10", ">=3.9", "Requires-Python and the classifiers name different Pythons"),
        ("Python :: 3.11", "Python :: 3.12", "Requires-Python and the classifiers name different Pythons"),
        ("# lomi\n", "", "the metadata lacks the README"),
    ],
)
def test_metadata_that_says_too_little_is_found(tmp_path: Path, line: str, instead: str, problem: str) -> None:
    assert line in METADATA
    path = wheel(tmp_path, TRACKED[:2], METADATA.replace(line, instead))
    assert wheel_problems(path, TRACKED) == [problem]


@pytest.mark.parametrize(
    ("files", "problems"),
    [
        ([*TRACKED, "PKG-INFO"], []),
        ([*TRACKED, ".env"], ["the source distribution holds .env"]),
        (TRACKED[:2], ["the source distribution lacks tests/test_it.py"]),
    ],
)
def test_a_source_distribution_holds_what_is_tracked(tmp_path: Path, files: list[str], problems: list[str]) -> None:
    path = tmp_path / "lomi-2.0.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name in files:
            archive.addfile(tarfile.TarInfo(f"lomi-2.0.0/{name}"), io.BytesIO())
    assert sdist_problems(path, TRACKED) == problems
