"""Build the distributions twice and check what would be published.

    python scripts/check_build.py                 build, check, keep nothing
    python scripts/check_build.py --outdir dist   and keep what was checked there

The two builds start from copies of the tracked files in different directories, with different times and
permissions, and have to be the same bytes. The wheel holds the package and nothing else, its metadata says what
pyproject.toml says, and in an empty environment it installs and imports, with warnings as errors.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The earliest time that a zip archive can hold, for whoever sets no other.
EPOCH = os.environ.get("SOURCE_DATE_EPOCH", "315532800")
# What the package is built of, and what its tests read.
_NEEDED = ("lomi/", "tests/", "scripts/", "docs/", "examples/", "benchmarks/", ".github/")
COMPLETE = ("Summary", "License-Expression", "Requires-Python", "Author", "Keywords", "Description-Content-Type")
SMOKE = """
import sys, lomi
from importlib.metadata import version
assert lomi.__version__ == version("lomi"), lomi.__version__
lomi.LomiClient("lomi_sk_test_smoke").close()
extras = {"uvicorn", "typer", "rich", "opentelemetry"} & sys.modules.keys()
assert not extras, f"import lomi imports {extras}"
print("imported", lomi.__version__, "on Python", sys.version.split()[0])
"""


def tracked() -> list[str]:
    """Return the tracked files' names."""
    run = [shutil.which("git") or "git", "ls-files", "-z"]
    listed = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).exists()]


def build(place: Path, names: list[str], moment: int, mask: int) -> dict[str, bytes]:
    """Build from a copy of the files; return each distribution's bytes by its name."""
    for name in names:
        copy = place / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy)
        copy.chmod(0o666 & ~mask)
        os.utime(copy, (moment, moment))
    run = [sys.executable, "-m", "build", "--outdir", str(place / "out"), str(place)]
    before = os.umask(mask)
    try:
        done = subprocess.run(
            run, env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH}, capture_output=True, text=True, check=False, cwd=place
        )
    finally:
        os.umask(before)
    if done.returncode:
        sys.exit(f"the build failed:\n{done.stdout}\n{done.stderr}")
    return {path.name: path.read_bytes() for path in sorted((place / "out").iterdir())}


def metadata(wheel: zipfile.ZipFile, info: str) -> Message:
    """Return the wheel's metadata."""
    return HeaderParser().parsestr(wheel.read(f"{info}/METADATA").decode())


def wheel_problems(path: Path, names: list[str]) -> list[str]:
    """Say what is wrong with the wheel's files and metadata."""
    problems: list[str] = []
    with zipfile.ZipFile(path) as wheel:
        info = "-".join(path.name.split("-")[:2]) + ".dist-info"
        about = {f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "licenses/LICENSE")}
        about |= {f"{info}/entry_points.txt"} & set(wheel.namelist())
        wanted = {name for name in names if name.startswith("lomi/")} | about
        problems += [f"the wheel holds {name}" for name in sorted(set(wheel.namelist()) - wanted)]
        problems += [f"the wheel lacks {name}" for name in sorted(wanted - set(wheel.namelist()))]
        fields = metadata(wheel, info)
    problems += [f"the metadata lacks {name}" for name in COMPLETE if not fields.get(name)]
    classifiers = fields.get_all("Classifier", [])
    problems += [f"no classifier {name}" for name in ("Typing :: Typed",) if name not in classifiers]
    least = re.fullmatch(r">=3\.(\d+)", fields.get("Requires-Python", ""))
    named = {int(found[1]) for c in classifiers if (found := re.search(r":: 3\.(\d+)$", c))}
    if least is None or not named or min(named) != int(least[1]) or named != set(range(min(named), max(named) + 1)):
        problems.append("Requires-Python and the classifiers name different Pythons")
    if not str(fields.get_payload()).strip():
        problems.append("the metadata lacks the README")
    problems += [f"{need} has no upper bound" for need in fields.get_all("Requires-Dist", []) if not _is_bounded(need)]
    return problems


def _is_bounded(need: str) -> bool:
    # certifi's major version is the year, and what it lists has to be new.
    return "<" in need.partition(";")[0] or need.startswith(("lomi[", "certifi>"))


def sdist_problems(path: Path, names: list[str]) -> list[str]:
    """Say what the source distribution holds that is not tracked, and what a build from it would lack."""
    with tarfile.open(path) as sdist:
        held = {name.partition("/")[2] for name in sdist.getnames()}
    needed = {name for name in names if name.startswith(_NEEDED)}
    problems = [f"the source distribution holds {name}" for name in sorted(held - set(names) - {"PKG-INFO"})]
    return problems + [f"the source distribution lacks {name}" for name in sorted(needed - held)]


def smoke(path: Path, place: Path) -> None:
    """Install the wheel in an empty environment and import it.

    Raises:
        subprocess.CalledProcessError: It does not install, or does not import.
    """
    venv.create(place, with_pip=True)
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LOMI_"))}
    quiet = ["--quiet", "--disable-pip-version-check"]
    subprocess.run([python, "-m", "pip", "install", *quiet, str(path)], check=True, env=clean, cwd=place)
    subprocess.run([python, "-W", "error", "-c", SMOKE], check=True, env=clean, cwd=place)


def main() -> int:
    """Build and check; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--outdir", type=Path, help="where to keep the distributions that were checked")
    outdir: Path | None = parser.parse_args().outdir
    names = tracked()
    with tempfile.TemporaryDirectory() as work:
        once = build(Path(work, "once"), names, 1_000_000_000, 0o022)
        twice = build(Path(work, "a second time"), names, 1_500_000_000, 0o077)
        problems = [f"{name} differs between the builds" for name in sorted({*once, *twice})
                    if once.get(name) != twice.get(name)]  # fmt: skip
        for name, content in once.items():
            print(f"{hashlib.sha256(content).hexdigest()}  {name}  {len(content)} bytes")
            path = Path(work, "once", "out", name)
            problems += wheel_problems(path, names) if name.endswith(".whl") else sdist_problems(path, names)
        if len(once) != 2:
            problems.append(f"a wheel and a source distribution were expected, not {sorted(once)}")
        if problems:
            print(*problems, sep="\n")
            return 1
        wheel = next(Path(work, "once", "out").glob("*.whl"))
        smoke(wheel, Path(work, "empty"))
        if outdir is not None:
            outdir.mkdir(parents=True, exist_ok=True)
            for name, content in once.items():
                (outdir / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
