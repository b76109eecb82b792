"""Build the documentation site into ``site/`` and check what came out.

    python scripts/build_docs.py

The builder needs Python 3.11, the package does not.

``SITE_URL`` is where the site will be published; by default this machine.

The builder stops at a dead link between pages, a dead anchor or an unknown reference. Here: every page is in the
navigation, every picture, script and file that a built page names is there, every page leads to the same page in the
other language, and none makes a reader's browser fetch anything from another host.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
DOCS, SITE = ROOT / "docs", ROOT / "site"
# Each builds into its own part of the site, in this order: the first one empties it.
CONFIGS = ("mkdocs.yml", "mkdocs.fr.yml")
# What makes a browser fetch at once; a link is followed only by somebody who clicks it.
_FETCHING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}
_ELSEWHERE = re.compile(r"(https?:)?//")
_HARMLESS_LINKS = {"canonical", "alternate", "next", "prev", "me", "license"}


class Addresses(HTMLParser):
    """Collects what a page makes a browser fetch from other hosts, what it names of the site, and its translations."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.local: list[str] = []
        self.translations: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        values = dict(attrs)
        address = values.get(_FETCHING.get(tag, ""))
        if tag == "link" and not _HARMLESS_LINKS & set((values.get("rel") or "").split()):
            address = values.get("href")
        named = address or (values.get("href") if tag == "a" else None)
        if address and _ELSEWHERE.match(address):
            self.fetched.append(address)
        elif named and not _ELSEWHERE.match(named) and not re.match(r"[a-z]+:", named):
            self.local.append(unquote(urlsplit(named).path))
            if tag == "a" and "hreflang" in values:
                self.translations.append(self.local[-1])


def addresses(page: str) -> Addresses:
    """Return the addresses that this HTML holds."""
    parser = Addresses()
    parser.feed(page)
    return parser


def file_of(site: Path, page: Path, address: str, under: str = "/") -> Path | None:
    """Return the file that a page of the site names, or ``None`` when it is not there.

    ``under`` is the path at which the site is published: an address from the root begins with it.
    """
    if address.startswith("/") and not address.startswith(under):
        return None
    file = (site / address.removeprefix(under) if address.startswith("/") else page.parent / address).resolve()
    return next((each for each in (file, file / "index.html") if each.is_file()), None)


def translation(site: Path, page: Path) -> Path:
    """Return where the same page is in the other language; of the page for what is not there, the start page."""
    where = page.relative_to(site)
    inside = where.relative_to("fr") if where.parts[0] == "fr" else Path("fr") / where
    return site / (inside.with_name("index.html") if page.name == "404.html" else inside)


def style_fetches(style: str) -> list[str]:
    """Return the addresses on other hosts that a style sheet fetches."""
    return re.findall(r"""(?:@import\s+|url\()\s*["']?((?:https?:)?//[^"')\s]+)""", style)


def left_out(config: str, pages: list[str]) -> list[str]:
    """Return the pages that a navigation does not name."""
    navigation = config.partition("\nnav:")[2]
    named = set(re.findall(r"(\S+\.md)$", navigation, re.MULTILINE))
    return sorted(set(pages) - named)


def page_problems(site: Path, page: Path, under: str = "/") -> list[str]:
    """Return what is wrong with one built page."""
    inside = addresses(page.read_text(encoding="utf-8"))
    files = {each: file_of(site, page, each, under) for each in inside.local if each}
    found = [f"fetches {each}" for each in inside.fetched]
    found += [f"names {each}, which is not there" for each, file in sorted(files.items()) if file is None]
    if [files.get(each) for each in inside.translations] != [translation(site, page).resolve()]:
        found.append("does not lead to the same page in the other language, and there alone")
    return [f"{page.relative_to(site)} {each}" for each in found]


def problems(under: str) -> list[str]:
    """Return what is wrong with the built site, which is published under this path."""
    found: list[str] = []
    for name in CONFIGS:
        folder = DOCS / "fr" if ".fr." in name else DOCS
        pages = [str(page.relative_to(folder)) for page in folder.rglob("*.md")]
        pages = [page for page in pages if not page.startswith("fr/")]
        config = (ROOT / name).read_text(encoding="utf-8") if pages else ""
        found += [f"{name}: {page} is not in the navigation" for page in left_out(config, pages)]
    for page in sorted(SITE.rglob("*.html")):
        found += page_problems(SITE, page, under)
    for style in SITE.rglob("*.css"):
        found += [
            f"{style.relative_to(SITE)} fetches {each}" for each in style_fetches(style.read_text(encoding="utf-8"))
        ]
    found += [f"{name} is missing" for name in ("llms.txt", "search.json") if not (SITE / name).is_file()]
    return found


def main() -> int:
    """Build, check and return the exit status."""
    shutil.rmtree(SITE, ignore_errors=True)
    address = os.environ.get("SITE_URL", "http://127.0.0.1:8000/").rstrip("/")
    environment = {**os.environ, "SITE_URL": f"{address}/", "SITE_URL_FR": f"{address}/fr/"}
    for name in CONFIGS:
        if (ROOT / name).is_file():
            command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean", "--config-file", name]
            if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
                return 1
    found = problems(f"{urlsplit(address).path}/")
    print(
        "\n".join(found) or f"{len(list(SITE.rglob('*.html')))} pages, all links good, nothing fetched from elsewhere"
    )
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
