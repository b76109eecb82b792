"""Serving over HTTP: what it listens on, how it starts and ends, and what HTTP/1.1 asks of it."""

import asyncio
import contextlib
import gc
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

import lomi
from lomi.sandbox import Sandbox, run, server as server_module
from lomi.sandbox.dashboard import guard
from lomi.sandbox.http import LARGEST_BODY, Request
from lomi.sandbox.serving import log_line

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


def test_server_is_the_default():
    with Sandbox() as sandbox:
        assert sandbox.dialect == "server"


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


def test_responses_are_not_held_back_by_nagle(deployed, monkeypatch):
    seen = []
    made = server_module.Connection.connection_made

    def noticed(self, transport):
        made(self, transport)
        seen.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(server_module.Connection, "connection_made", noticed)
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
    monkeypatch.setattr(server_module, "PATIENCE", 0.1)
    server = deployed.serve()
    deployed.fail(503, message="x" * 30_000_000)
    with socket.create_connection((server.host, server.port), timeout=30) as connection:
        connection.sendall(b"GET /me HTTP/1.1\r\nHost: x\r\n\r\n")
        assert len(connection.recv(1)) == 1
        closing = threading.Thread(target=server.close, daemon=True)
        closing.start()
        closing.join(30)
        assert not closing.is_alive()


def test_a_connection_that_arrives_as_the_server_closes_is_closed(deployed, monkeypatch):
    unraisable = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)
    with contextlib.ExitStack() as late, deployed.serve() as server:

        def close(_):
            # In the server's thread: it sees the connection and the end in the same turn of its loop.
            connections.append(late.enter_context(connected(server)))
            deployed.on_request(None)
            with pytest.raises(RuntimeError, match="cannot join current thread"):
                server.close()

        connections = []
        deployed.on_request(close)
        get(f"{server.url}/me")
        server.close()
        gc.collect()
        assert [read_all(connection) for connection in connections] == [b""]
    assert unraisable == []


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


@contextmanager
def connected(server):
    with socket.create_connection((server.host, server.port), timeout=30) as connection:
        yield connection


def read_all(connection):
    received = b""
    while part := connection.recv(65536):
        received += part
    return received


ME = b"GET /me HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = ME.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


@pytest.mark.parametrize("level", [1, 5, logging.DEBUG])
def test_a_root_logger_that_wants_everything(deployed, level):
    root = logging.getLogger()
    before = root.level
    root.setLevel(level)
    try:
        with deployed.serve() as server:
            assert get(f"{server.url}/me").status_code == 401
    finally:
        root.setLevel(before)


def test_pipelined_requests_are_answered_in_their_order(deployed):
    deployed.delay(0.01, route="GET /me")
    with deployed.serve() as server, connected(server) as connection:
        connection.sendall(ME + b"HEAD /nowhere HTTP/1.1\r\nHost: x\r\n\r\n" + LAST)
        received = read_all(connection)
    assert [int(status) for status in re.findall(rb"HTTP/1.1 (\d+) ", received)] == [401, 404, 401]
    assert [entry.method for entry in deployed.requests] == ["GET", "HEAD", "GET"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /me HTTP/1.1\r\n\r\n", 400),
        (b"GET /me HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET /me HTTP/1.1\r\nHost: x\r\nX-Big: " + b"a" * 2**21, 431),
        (b"POST /me HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
    ],
)
def test_what_is_no_request_is_refused(deployed, sent, status):
    with deployed.serve() as server, connected(server) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(sent)
        with contextlib.suppress(ConnectionError):
            assert read_all(connection).startswith(b"HTTP/1.1 %d " % status)
    assert deployed.requests == ()


def test_http_1_0_is_answered_and_closed(deployed):
    with deployed.serve() as server, connected(server) as connection:
        connection.sendall(b"GET /me HTTP/1.0\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize(
    ("name", "sent"), [("HEAD", b"GET /me HT"), ("HEAD", b""), ("BODY", ME[:-2] + b"Content-Length: 9\r\n\r\n{")]
)
def test_a_head_and_a_body_that_never_come_time_out(deployed, monkeypatch, name, sent):
    monkeypatch.setattr(server_module, name, 0.01)
    with deployed.serve() as server, connected(server) as connection:
        connection.sendall(sent)
        assert read_all(connection).startswith(b"HTTP/1.1 408 Request Timeout\r\n")


def test_a_body_larger_than_any_is_not_kept(deployed):
    seen = []
    deployed.on_request(seen.append)
    size = LARGEST_BODY + 2**21
    with deployed.serve() as server, connected(server) as connection:
        connection.sendall(ME[:-2].replace(b"GET", b"POST") + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % size)
        connection.sendall(b"x" * size)
        assert read_all(connection).startswith(b"HTTP/1.1 404 ") is False
    assert len(seen) == 1
    deployed.on_request(None)


def test_a_client_that_leaves_ends_its_response(deployed):
    with deployed.serve() as server:
        deployed.delay(60)
        with connected(server) as connection:
            connection.sendall(ME)
            while not deployed.requests:
                get(f"{server.url}/nowhere")
        while len(server._listener.connections) > 1:
            get(f"{server.url}/nowhere")
    assert deployed.requests[0].faults == ("delay",)


def test_a_failure_of_the_sandbox_itself_is_a_500(deployed, monkeypatch, caplog):
    def broken(request):
        raise ZeroDivisionError("of the sandbox")

    with deployed.serve() as server:
        server._listener.respond = broken
        answer = get(f"{server.url}/me")
    assert (answer.status_code, answer.text) == (500, "The sandbox failed: ZeroDivisionError('of the sandbox')\n")
    assert "the sandbox failed" in caplog.text


def test_a_stalled_response(deployed, reach):
    with reach(deployed) as client:
        whole = client.get("/me").content
        deployed.stall(0.001)
        assert client.get("/me").content == whole
        deployed.stall(30)
        with pytest.raises(httpx.ReadTimeout):
            client.get("/me", timeout=httpx.Timeout(10, read=0.05))


def test_a_response_that_is_both_slow_and_dropped(deployed):
    deployed.drip(0.001)
    deployed.drop()
    with deployed.serve() as server, connected(server) as connection:
        connection.sendall(ME)
        assert read_all(connection) == b""


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


def test_a_server_that_does_not_start(pages, monkeypatch):
    def broken():
        raise ZeroDivisionError

    monkeypatch.setattr(server_module, "_loop", broken)
    with pytest.raises(RuntimeError, match="could not be served") as caught:
        pages.serve()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_the_process_needs_no_server_library(tmp_path):
    script = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from lomi.sandbox import Sandbox\n"
        "with Sandbox().serve() as server: print(server.url)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.startswith("http://127.0.0.1:")


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
    assert "(dialect: server)" in texts[0]
    assert 'curl -H "X-API-KEY: $LOMI_API_KEY"' in texts[0]
    assert re.search(r"Requests, data and faults: http://127\.0\.0\.1:\d+/_sandbox/\n", texts[0])
    assert signal.getsignal(number) is before


def test_run_announces_itself_through_a_pipe_at_once():
    with subprocess.Popen(
        [sys.executable, "-c", "from lomi.sandbox import run; run()"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            assert process.stdout.readline().startswith("The sandbox is listening on http://127.0.0.1:")
        finally:
            process.terminate()
        assert process.wait(30) == 0


def test_run_waits(monkeypatch):
    class Event(threading.Event):
        turns = 0

        def wait(self, timeout=None):
            self.turns += 1
            return self.turns == 3 if timeout == 0.5 else super().wait(timeout)

    monkeypatch.setattr("lomi.sandbox.serving.threading.Event", Event)
    run(announce=lambda text: None)


def test_run_logs_a_line_a_request(monkeypatch):
    texts = []

    class Event(threading.Event):
        def wait(self, timeout=None):
            if timeout == 0.5:
                url = texts[0].split("LOMI_BASE_URL=")[1].split()[0]
                get(f"{url}/customers?search=private", **{"X-API-KEY": "lomi_sk_test_mine"})
                get(f"{url}/private")
                return True
            return super().wait(timeout)

    monkeypatch.setattr("lomi.sandbox.serving.threading.Event", Event)
    run(seed=1, customers=3, api_key="lomi_sk_test_mine", log=True, announce=texts.append)
    assert [re.sub(r"\d+ ms", "1 ms", text) for text in texts[1:]] == [
        "10:30:00  GET /customers  200  1 ms",
        "10:30:00  GET (unknown path)  404  1 ms",
    ]


def test_a_log_line_names_faults(ask):
    ask.sandbox.drop()
    ask("/me")
    assert log_line(ask.sandbox.requests[0]).partition("  ")[2].startswith("GET /me  no response  ")
    assert log_line(ask.sandbox.requests[0]).endswith(" ms  [drop]")


# Clients, ready made


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"api_key": "lomi_sk_test_x", "account": "acct_1", "timeout": 5, "max_retries": 0, "hooks": []},
        {"api_key": ""},
    ],
)
def test_client_takes_every_option_of_a_client(deployed, monkeypatch, options):
    for name, transport in (("LomiClient", httpx.BaseTransport), ("AsyncLomiClient", httpx.AsyncBaseTransport)):
        monkeypatch.setattr(lomi, name, dict)
        make = deployed.client if name == "LomiClient" else deployed.async_client
        given = make(**options)
        assert isinstance(given.pop("transport"), transport)
        assert given == {"api_key": deployed.api_key, "base_url": "https://lomi-sandbox.invalid", **options}
        for own in ("http_client", "transport"):
            made = make(**{own: None})
            assert made.keys() & {"http_client", "transport"} == {own}
            assert made[own] is None


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
    request = Request("GET", "/me", headers)
    response = guard.page_or_refusal(deployed, request) or deployed.handle(request)
    assert response.status == status
    assert len(deployed.requests) == (status == 401)
    if status == 403:
        assert b"a name that anybody may own" in response.body


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
    assert guard.is_local(Request("GET", "/_sandbox/", tuple(headers.items()))) is local
