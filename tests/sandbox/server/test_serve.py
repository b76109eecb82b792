"""Serving over HTTP: what it listens on, how it starts and ends, and what it needs of uvicorn."""

import asyncio
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

import lomi
from lomi.sandbox import Sandbox, _guard, _uvicorn, run
from lomi.sandbox._http import Request

ROOT = Path(lomi.__file__).parents[1]


def get(url, **headers):
    return httpx.get(url, headers=headers, trust_env=False)


@pytest.mark.parametrize("dialect", ["docs", "server"])
def test_serve(dialect):
    with Sandbox(dialect=dialect).serve() as server:
        answer = get(f"{server.url}/customers?search=amadou", **{"X-API-KEY": server.api_key})
        assert answer.status_code == 200
        assert answer.json()["customers"]
        assert get(server.page_url).status_code == 200
        assert repr(server) == f"<Server {server.url} of {server.sandbox!r}>"


def test_docs_is_the_default():
    with Sandbox() as sandbox:
        assert sandbox.dialect == "docs"


def test_the_server_stops_and_the_sandbox_stays(deployed):
    with deployed.serve() as server:
        get(f"{server.url}/me")
    with pytest.raises(httpx.ConnectError):
        get(f"{server.url}/me")
    assert not [thread for thread in threading.enumerate() if thread.name == "lomi-sandbox"]
    with deployed.serve() as again:
        get(f"{again.url}/me")
    assert len(deployed.requests) == 2
    again.close()


def test_two_servers_share_one_sandbox(deployed):
    with deployed.serve() as one, deployed.serve() as two:
        assert one.url != two.url
        get(f"{one.url}/me")
        get(f"{two.url}/me")
    assert len(deployed.requests) == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_listens_on_loopback(pages, host):
    with pages.serve(host=host) as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert get(f"{server.url}/me").status_code == 401


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_listens_on_ipv6_loopback(pages):
    try:
        server = pages.serve(host="::1")
    except OSError:
        pytest.skip("no IPv6 loopback here")
    with server:
        assert server.url.startswith("http://[::1]:")
        assert get(f"{server.url}/me").status_code == 401


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.com", ""])
def test_listens_nowhere_else(pages, host):
    with pytest.raises(ValueError, match="this machine only"):
        pages.serve(host=host)


def test_a_port_of_ones_own_and_one_that_is_taken(pages):
    with pages.serve() as first, pytest.raises(OSError, match="in use"):
        pages.serve(first.port)
    with pages.serve(first.port) as second:
        assert second.port == first.port


def test_answers_are_not_held_back_by_nagle(deployed):
    seen = []
    made = _uvicorn._Protocol.connection_made

    def noticed(self, transport):
        made(self, transport)
        connection = transport.get_extra_info("socket")
        seen.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_uvicorn._Protocol, "connection_made", noticed)
        with deployed.serve() as server:
            get(f"{server.url}/me")
    assert seen[0]


def test_a_client_that_goes_away_while_sending_is_forgotten(deployed):
    with deployed.serve() as server:
        with socket.create_connection((server.host, server.port)) as connection:
            connection.sendall(b"POST /customers HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        get(f"{server.url}/me")
    assert [entry.method for entry in deployed.requests] == ["GET"]


def test_closing_does_not_wait_for_half_a_request(deployed):
    with deployed.serve() as server:
        connection = socket.create_connection((server.host, server.port))
        connection.sendall(b"POST /customers HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
    assert connection.recv(100) == b""
    connection.close()
    assert deployed.requests == ()


def test_closing_does_not_wait_for_a_client_that_does_not_read(deployed, monkeypatch):
    monkeypatch.setattr(_uvicorn, "PATIENCE", 0.1)
    server = deployed.serve()
    deployed.fail(503, message="x" * 30_000_000)
    with socket.create_connection((server.host, server.port), timeout=30) as connection:
        connection.sendall(b"GET /me HTTP/1.1\r\nHost: x\r\n\r\n")
        assert len(connection.recv(1)) == 1
        closing = threading.Thread(target=server.close, daemon=True)
        closing.start()
        closing.join(30)
        assert not closing.is_alive()


def test_closing_a_sandbox_closes_its_servers(deployed):
    one, two = deployed.serve(), deployed.serve()
    one.close()
    with deployed:
        assert get(f"{two.url}/me").status_code == 401
    for server in (one, two):
        with pytest.raises(httpx.ConnectError):
            get(f"{server.url}/me")
        server.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "lomi-sandbox"]
    with pytest.raises(RuntimeError, match="the sandbox is closed"):
        deployed.serve()


@pytest.mark.parametrize("port", [-1, 65_536, "80", 80.0, None, True])
def test_a_port_that_cannot_be(pages, port):
    with pytest.raises(ValueError, match=f"^port is 0 to 65535, a whole number, not {port!r}$"):
        pages.serve(port)


class Cycle:
    """Stands for uvicorn's, for moments of one that cannot be hit from outside."""

    def __init__(self, *messages):
        self.messages = list(messages)
        self.closed = 0
        cycle = self

        class Connection(asyncio.Transport):
            def close(self):
                cycle.closed += 1

        self.transport = Connection()

    async def receive(self):
        return self.messages.pop(0)

    async def send(self, message):
        raise AssertionError(message)


SCOPE = {
    "method": "GET",
    "raw_path": b"/me",
    "query_string": b"",
    "headers": [],
    "client": ("127.0.0.1", 1),
}
BODY = {"type": "http.request", "body": b"", "more_body": False}
GONE = {"type": "http.disconnect"}


@pytest.mark.skipif(not hasattr(time, "clock_gettime"), reason="Windows has no clock that cannot be frozen")
def test_a_frozen_clock_stops_neither_answers_nor_the_end(deployed, monkeypatch):
    """As libraries that freeze time replace the function wherever a module holds it."""
    monkeypatch.setattr(time, "monotonic", lambda: 1.9e9)
    deployed.delay(0.01)
    deployed.drip(0.0001)
    ended = []

    def whole_life():
        with deployed.serve() as server, socket.create_connection((server.host, server.port)) as connection:
            connection.sendall(b"GET /me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            while part := connection.recv(65536):
                ended.append(part)
        ended.append(b"closed")

    thread = threading.Thread(target=whole_life, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    assert ended[0].startswith(b"HTTP/1.1 401 ")
    assert ended[-1] == b"closed"


def test_a_loop_that_the_process_prefers_is_not_used(deployed, monkeypatch):
    class Policy(asyncio.DefaultEventLoopPolicy):
        def new_event_loop(self):
            raise AssertionError

    before = asyncio.get_event_loop_policy()
    asyncio.set_event_loop_policy(Policy())
    try:
        with deployed.serve() as server:
            assert get(f"{server.url}/me").status_code == 401
    finally:
        asyncio.set_event_loop_policy(before)


def test_a_request_that_comes_while_closing_is_let_go(deployed):
    application = _uvicorn.Application(deployed)
    application.stop()
    cycle = Cycle(GONE)
    asyncio.run(application(SCOPE, cycle.receive, cycle.send))
    assert cycle.closed == 1
    assert deployed.requests == ()
    application.stop()


def test_a_dropped_connection_is_waited_for(deployed):
    deployed.drop()
    cycle = Cycle(BODY, BODY, GONE)
    asyncio.run(_uvicorn.Application(deployed)(SCOPE, cycle.receive, cycle.send))
    assert cycle.closed == 1
    assert cycle.messages == []


def test_a_client_that_is_gone_before_it_was_asked_who_it_is(deployed):
    deployed.drop()
    cycle = Cycle(BODY, GONE)
    asyncio.run(_uvicorn.Application(deployed)({**SCOPE, "client": None}, cycle.receive, cycle.send))
    assert [entry.status for entry in deployed.requests] == [None]


def test_the_connection_behind_send_is_uvicorns(deployed):
    """Dropping and truncating stand on this: it fails if uvicorn ever hides its connections."""
    seen = []
    found = _uvicorn.connection_of

    def noticed(send):
        seen.append((send, found(send)))
        return seen[-1][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_uvicorn, "connection_of", noticed)
        with deployed.serve() as server:
            get(f"{server.url}/me")
    send, connection = seen[0]
    assert connection is send.__self__.transport
    assert connection.get_extra_info("peername")[0] == "127.0.0.1"


def test_a_send_without_a_connection():
    async def send(message):
        raise AssertionError(message)

    with pytest.raises(TypeError, match="uvicorn"):
        _uvicorn.connection_of(send)


def test_a_server_that_does_not_start(pages, monkeypatch):
    async def startup(self, sockets=None):
        raise ZeroDivisionError

    monkeypatch.setattr("uvicorn.Server.startup", startup)
    with pytest.raises(RuntimeError, match="could not be served") as caught:
        pages.serve()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_logging_of_the_process_is_left_alone(deployed, caplog):
    access = logging.getLogger("uvicorn.access")
    before = (access.level, list(access.handlers), access.propagate, logging.getLogger("uvicorn.error").level)
    with caplog.at_level(logging.INFO, "uvicorn.access"), deployed.serve() as server:
        get(f"{server.url}/customers?search=private")
    assert "private" not in caplog.text
    assert before == (
        access.level,
        list(access.handlers),
        access.propagate,
        logging.getLogger("uvicorn.error").level,
    )


def test_without_uvicorn(pages, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "lomi.sandbox._uvicorn", raising=False)
    with pytest.raises(ImportError, match=r'pip install "lomi\[sandbox\]"'):
        pages.serve()


# run


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_until_a_signal(number, tmp_path):
    texts = []
    before = signal.getsignal(number)

    def announce(text):
        texts.append(text)
        url = text.split("LOMI_BASE_URL=")[1].split()[0]
        assert get(f"{url}/me").status_code == 401
        os.kill(os.getpid(), number)

    run(data=tmp_path / "data.db", dialect="server", seed=1, announce=announce)
    assert len(texts) == 1
    assert "export LOMI_API_KEY=lomi_sk_test_" in texts[0]
    assert "server dialect" in texts[0]
    assert re.search(r"A page to look at: http://127\.0\.0\.1:\d+/_sandbox/\n", texts[0])
    assert signal.getsignal(number) is before


def test_run_announces_itself_through_a_pipe_at_once():
    with subprocess.Popen(
        [sys.executable, "-c", "from lomi.sandbox import run; run()"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            assert process.stdout.readline().startswith("The sandbox answers on http://127.0.0.1:")
        finally:
            process.terminate()
        assert process.wait(30) == 0


def test_run_waits(monkeypatch):
    class Event(threading.Event):
        turns = 0

        def wait(self, timeout=None):
            self.turns += 1
            return self.turns == 3 if timeout == 0.5 else super().wait(timeout)

    monkeypatch.setattr("lomi.sandbox._run.threading.Event", Event)
    run(announce=lambda text: None)


# Clients, ready made


@pytest.mark.parametrize(
    "options", [{}, {"api_key": "lomi_sk_test_x", "account": "acct_1", "timeout": 5, "max_retries": 0}, {"api_key": ""}]
)
def test_client(deployed, monkeypatch, options):
    for name, http in (("LomiClient", httpx.Client), ("AsyncLomiClient", httpx.AsyncClient)):
        monkeypatch.setattr(lomi, name, dict)
        given = (deployed.client if name == "LomiClient" else deployed.async_client)(**options)
        assert isinstance(given.pop("http_client"), http)
        assert given == {
            "api_key": deployed.api_key,
            "base_url": "https://lomi-sandbox.invalid",
            "account": None,
            "timeout": 60.0,
            "max_retries": 2,
            **options,
        }


# Whom it answers


def test_the_page_is_under_its_prefix(pages):
    with pages.serve() as server:
        for path in ("/_sandbox", "/_sandbox/", "/_sandbox/page.css?a"):
            assert get(server.url + path).status_code in {200, 308}
        assert get(f"{server.url}/_sandboxes").status_code == 404
    assert [entry.path for entry in pages.requests] == ["/_sandboxes"]


def test_the_page_is_not_there_in_process(ask_docs):
    assert ask_docs("/_sandbox/").status == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        *(
            (host, 401)
            for host in ("127.0.0.1:8000", "localhost:8000", "LOCALHOST", "[::1]:80", "127.1.2.3", "10.0.0.7:80")
        ),
        *((host, 401) for host in ("sandbox:8000", "sandbox", "lomi_sandbox:80", "sandbox.:80", "localhost.")),
        *((host, 401) for host in ("shop.localhost:80", "shop.test", "host.docker.internal", "a.svc.cluster.local:80")),
        *((host, 401) for host in ("", None)),
        *((host, 403) for host in ("evil.example:8000", "EVIL.com", "evil.com.", "127.0.0.1.evil.com", "a.nip.io:80")),
        *((host, 403) for host in ("localhost.evil.com", "evillocal.com", "test.com", "evil.com:", "[::1].evil.com")),
        *(
            (host, 403)
            for host in ("127.0.0.1@evil.com", "evil.com:80:80", "1.evil", "evil.com, localhost", "evil.com ")
        ),
    ],
)
def test_a_page_whose_name_was_made_to_resolve_to_here_gets_nothing(deployed, host, status):
    headers = (("x-api-key", "wrong"),) if host is None else (("host", host), ("x-api-key", "wrong"))
    cycle = Cycle(BODY)
    sent = []

    async def send(message):
        sent.append(message)

    application = _uvicorn.Application(deployed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_uvicorn, "connection_of", lambda send: cycle.transport)
        scope = {**SCOPE, "headers": [(name.encode(), value.encode()) for name, value in headers]}
        asyncio.run(application(scope, cycle.receive, send))
    assert sent[0]["status"] == status
    assert len(deployed.requests) == (status == 401)
    if status == 403:
        assert b"a name that anybody may own" in sent[1]["body"]


def test_a_rebound_name_over_a_socket(deployed):
    with deployed.serve() as server:
        key = {"X-API-KEY": server.api_key}
        assert get(f"{server.url}/customers", Host="evil.example", **key).status_code == 403
        assert get(f"{server.url}/customers", Host="sandbox", **key).status_code == 200


@pytest.mark.parametrize(
    ("headers", "local"),
    [
        ({"host": "127.0.0.1:80"}, True),
        ({"host": "localhost"}, True),
        ({"host": "[::1]:1", "origin": "http://[::1]:1", "sec-fetch-site": "same-origin"}, True),
        ({"host": "localhost:8", "sec-fetch-site": "none"}, True),
        ({}, False),
        ({"host": "evil.example"}, False),
        ({"host": "127.0.0.1.evil.example"}, False),
        ({"host": "127.0.0.1:80", "origin": "http://evil.example"}, False),
        ({"host": "127.0.0.1:80", "origin": "http://127.0.0.1:81"}, False),
        ({"host": "127.0.0.1:80", "origin": "null"}, False),
        ({"host": "127.0.0.1:80", "sec-fetch-site": "cross-site"}, False),
    ],
)
def test_the_page_is_for_pages_of_this_machine_only(headers, local):
    assert _guard.is_local(Request("GET", "/_sandbox/", tuple(headers.items()))) is local
