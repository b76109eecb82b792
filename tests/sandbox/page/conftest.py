"""What the tests of the page share: questions to it without a socket, and the language of what they find."""

import json
from pathlib import Path

import pytest

import lomi.sandbox
from lomi.sandbox import Sandbox
from lomi.sandbox.dashboard.guard import page_or_refusal
from lomi.sandbox.http import Request

FILES = Path(lomi.sandbox.__file__).parent / "dashboard" / "page"


class Page:
    """Asks for the page as a browser on this machine does."""

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def __call__(self, path, method="GET", body=b"", **headers):
        pairs = {"host": "127.0.0.1:8000", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return page_or_refusal(self.sandbox, Request(method, f"/_sandbox{path}", tuple(pairs.items()), body))

    def json(self, path):
        answer = self(f"/api/{path}")
        assert answer.status == 200, answer
        return json.loads(answer.body)

    def order(self, path, **fields):
        answer = self(f"/api/{path}", "POST", json.dumps(fields).encode(), content_type="application/json")
        assert answer.status in {200, 400}, answer
        return json.loads(answer.body)


@pytest.fixture
def sandbox():
    with Sandbox("docs", seed=1) as made:
        yield made


@pytest.fixture
def page(sandbox):
    return Page(sandbox)


@pytest.fixture
def send(sandbox):
    """Sends the sandbox a request of its API, with its key."""

    def sent(method, target, body=None, **headers):
        pairs = {"x-api-key": sandbox.api_key, "content-type": "application/json"}
        pairs.update((name.replace("_", "-"), value) for name, value in headers.items())
        text = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return sandbox.handle(Request(method, target, tuple(pairs.items()), text))

    return sent


@pytest.fixture(scope="session")
def words():
    """Every word of the page, by name and language."""
    return json.loads((FILES / "words.json").read_text("utf-8"))
