"""The shops: their own tests, and each served for a person who pays in a browser."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lomi.sandbox import Server

Start = Callable[..., "subprocess.Popen[str]"]


def test_their_own_tests(start: Start) -> None:
    process = start("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio")
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said


# Each on sockets, in a process of its own: WSGI with threads, ASGI.
SHOPS = {
    "flask": ("flask", "--app", "flask_app", "run", "--port", "0"),
    "fastapi": ("uvicorn", "fastapi_app:app", "--port", "0"),
    "django": ("django", "runserver", "--noreload", "127.0.0.1:0"),
}


@pytest.mark.parametrize("shop", SHOPS)
def test_a_person_pays(
    shop: str, start: Start, server: Server, browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "shop.db"
    monkeypatch.setenv("SHOP_DATABASE", f"sqlite:///{database}" if shop == "fastapi" else str(database))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "django_site.settings")
    monkeypatch.setenv("LOMI_WEBHOOK_SECRET", "whsec_test")
    if shop == "django":
        assert start("-m", "django", "migrate", "--run-syncdb").wait(60) == 0
    process = start("-m", *SHOPS[shop])
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if running := re.search(r"(?:unning on|server at) (http://127\.0\.0\.1:[1-9]\d*)", line):
            break
    else:
        pytest.fail("the shop did not start: " + "".join(said))
    server.sandbox.webhooks.add(f"{running[1]}/webhooks/lomi", secret="whsec_test")

    context = browser.new_context(viewport={"width": 390, "height": 700}, locale="en-US")
    context.set_default_timeout(20_000)
    try:
        page = context.new_page()
        page.goto(running[1])
        page.get_by_role("button", name="Buy for 15 000 XOF").click()
        page.get_by_role("button", name="Wave").click()
        page.get_by_role("heading", name="Thank you").wait_for()
        assert page.url.startswith(f"{running[1]}/orders/")
    finally:
        context.close()
