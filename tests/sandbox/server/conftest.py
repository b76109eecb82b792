"""What the tests of the sandbox share: questions in the plainest form, and both ways to reach a server."""

import json as json_module
from contextlib import contextmanager

import httpx
import pytest

from lomi.sandbox import Sandbox
from lomi.sandbox.http import Request

MERCHANT = "904d003c-3736-41d4-90a5-9de74d404fd7"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
NOTHING = object()


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.headers}
        self.body = response.body

    @property
    def json(self):
        return json_module.loads(self.body)

    @property
    def error(self):
        return self.json["error"]

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Asker:
    """Puts requests to a sandbox as they would come off the wire, escapes and all."""

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def __call__(self, target, method="GET", *, json=NOTHING, body=b"", headers=(), key=NOTHING, peer="127.0.0.1"):
        pairs = [(name.lower(), value) for name, value in (headers.items() if isinstance(headers, dict) else headers)]
        if key is NOTHING:
            key = self.sandbox.api_key
        if key is not None:
            pairs.append(("x-api-key", key))
        if json is not NOTHING:
            body = json_module.dumps(json).encode()
            pairs.append(("content-type", "application/json"))
        return Answer(self.sandbox.handle(Request(method, target, tuple(pairs), body, peer)))

    def post(self, json, target="/customers", **more):
        return self(target, "POST", json=json, **more)

    def patch(self, target, json, **more):
        return self(target, "PATCH", json=json, **more)

    def customer(self, **fields):
        answer = self.post({"name": "Awa Diop", **fields})
        assert answer.status == 201, answer
        return answer.json

    def id(self, **fields):
        created = self.customer(**fields)
        return created.get("customer_id") or created["id"]


@pytest.fixture
def deployed():
    """A sandbox that answers as the deployed server does."""
    with Sandbox("server", seed=1) as sandbox:
        yield sandbox


@pytest.fixture
def pages():
    """A sandbox that answers as the pages say."""
    with Sandbox("docs", seed=1) as sandbox:
        yield sandbox


@pytest.fixture
def ask(deployed):
    return Asker(deployed)


@pytest.fixture
def ask_docs(pages):
    return Asker(pages)


@pytest.fixture
def asker():
    return Asker


@pytest.fixture(params=["docs", "server"])
def either(request):
    """A sandbox in each dialect."""
    with Sandbox(request.param, seed=1) as sandbox:
        yield sandbox


@pytest.fixture(params=["in process", "served"])
def reach(request):
    """Opens an httpx client on a sandbox: without a socket, and over a real one."""

    @contextmanager
    def opened(sandbox, **options):
        headers = {"X-API-KEY": sandbox.api_key}
        if request.param == "in process":
            with httpx.Client(
                base_url=sandbox.base_url, transport=sandbox.transport(), headers=headers, **options
            ) as client:
                yield client
        else:
            with (
                sandbox.serve() as server,
                httpx.Client(base_url=server.url, headers=headers, trust_env=False, **options) as client,
            ):
                yield client

    return opened
