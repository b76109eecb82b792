"""A real server process, visited over HTTP."""

import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lomi.sandbox import Server

ASGI = ("-m", "uvicorn", "django_site.asgi:application", "--port", "0", "--lifespan", "off")
# Django's own server: WSGI, a thread for each connection, and for each asynchronous view an event loop of its own.
WSGI = ("-m", "django", "runserver", "--noreload", "127.0.0.1:0")


@pytest.fixture(params=[ASGI, WSGI], ids=["asgi", "wsgi"])
def url(server: Server, start: Callable[..., "subprocess.Popen[str]"], request: pytest.FixtureRequest) -> Iterator[str]:
    process = start(*request.param, DJANGO_SETTINGS_MODULE="django_site.settings")
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if running := re.search(r"(?:running on|server at) (http://127\.0\.0\.1:[1-9]\d*)", line):
            yield running[1]
            return
    pytest.fail("the server did not start: " + "".join(said))


def visit(url: str, form: dict[str, str] | None = None) -> tuple[int, Any]:
    data = None if form is None else json.dumps(form).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_both_kinds_of_view(url: str, server: Server) -> None:
    status, made = visit(f"{url}/customers", {"name": "Awa Diop", "order": "order-1"})
    assert status == 201
    # The asynchronous view, twice: its client lives on from one request to the next.
    for _ in range(2):
        assert visit(f"{url}/customers/{made['id']}") == (200, {"id": made["id"], "name": "Awa Diop", "city": None})

    status, refused = visit(f"{url}/customers", {"name": " ", "order": "order-2"})
    assert (status, list(refused["errors"])) == (422, ["name"])
    assert visit(f"{url}/customers", {})[0] == 422
    assert visit(f"{url}/customers/cus_nobody")[0] == 404

    server.sandbox.drop("after_commit", route="POST /customers")
    status, lost = visit(f"{url}/customers", {"name": "Fatou Sow", "order": "order-3"})
    assert (status, lost["happened"]) == (502, "unknown")
