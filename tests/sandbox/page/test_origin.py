"""Nobody but a page that this sandbox served, in a browser on this machine, gets to see or to switch anything."""

import http.client
import json
import socket

import pytest

from lomi.sandbox import Sandbox

READ = "/_sandbox/api/state"
WRITE = "/_sandbox/api/reset"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def server():
    with Sandbox(seed=1) as sandbox, sandbox.serve() as running:
        sandbox.fail(503)
        yield running


def ask(server, method, path, headers, body=None):
    """A request with these headers and no others, as a browser would have to send it."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def attacks(server):
    here = f"127.0.0.1:{server.port}"
    local = ("Host", here)
    return {
        "a name of somebody else that resolves to here": [("Host", f"evil.example:{server.port}")],
        "the same, and its page thinks it is at home": [
            ("Host", f"evil.example:{server.port}"),
            ("Origin", f"http://evil.example:{server.port}"),
            ("Sec-Fetch-Site", "same-origin"),
        ],
        "a name that begins like this machine's": [("Host", f"{here}.evil.example")],
        "a name that ends like it": [("Host", "evil.localhost")],
        "user info in front": [("Host", f"{here}@evil.example")],
        "no port but a word": [("Host", "127.0.0.1:x")],
        "an empty host": [("Host", "")],
        "a page of another site": [local, ("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")],
        "the same in a browser that names no sites": [local, ("Origin", "https://evil.example")],
        "another server on this machine": [local, ("Origin", "http://127.0.0.1:1"), ("Sec-Fetch-Site", "same-site")],
        "another name of this machine": [local, ("Origin", f"http://localhost:{server.port}")],
        "this address over TLS": [local, ("Origin", f"https://{here}")],
        "a sandboxed frame, or a file": [local, ("Origin", "null")],
        "an image, a script or a frame elsewhere": [local, ("Sec-Fetch-Site", "cross-site")],
        "a link on another page of this machine": [local, ("Sec-Fetch-Site", "same-site")],
        "an origin sent twice": [local, ("Origin", f"http://{here}"), ("Origin", "https://evil.example")],
    }


def test_attacks_get_nothing_and_change_nothing(server):
    for name, headers in attacks(server).items():
        for method, path, more, body in (
            ("GET", "/_sandbox/", [], None),
            ("GET", READ, [], None),
            ("POST", WRITE, list(JSON.items()), b"{}"),
            ("OPTIONS", WRITE, [("Access-Control-Request-Method", "POST")], None),
        ):
            status, answered, text = ask(server, method, path, headers + more, body)
            assert status == 403, (name, method, path)
            assert b"localhost" in text
            assert "faults" not in text.decode()
            assert not [header for header in answered if header.lower().startswith("access-control")], name
    assert len(server.sandbox.faults) == 1


def test_two_hosts_are_one_too_many(server):
    here = f"127.0.0.1:{server.port}"
    head = f"POST {WRITE} HTTP/1.1\r\nHost: {here}\r\nHost: evil.example\r\nContent-Type: application/json\r\n"
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        # In one piece: an answer is lost where its connection closes on what is still to be read.
        connection.sendall(f"{head}Content-Length: 2\r\n\r\n{{}}".encode())
        status = int(connection.recv(65536).split()[1])
    assert status in {400, 403}
    assert len(server.sandbox.faults) == 1


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_what_a_form_can_send_changes_nothing(server, kind):
    """For a browser that would name no origin: these types are all that a page may send elsewhere unasked."""
    headers = [("Host", f"127.0.0.1:{server.port}")] + ([("Content-Type", kind)] if kind else [])
    status, _, text = ask(server, "POST", WRITE, headers, b"{}")
    assert (status, json.loads(text)) == (400, {"problem": "an order is sent as application/json"})
    assert len(server.sandbox.faults) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_an_order_changes_nothing(server, method):
    status, answered, _ = ask(server, method, WRITE, [("Host", f"127.0.0.1:{server.port}")])
    assert (status, answered["Allow"]) == (405, "POST")
    assert len(server.sandbox.faults) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("site", [[], [("Sec-Fetch-Site", "same-origin")]])
def test_its_own_page_may(server, host, site):
    headers = [("Host", f"{host}:{server.port}"), *site]
    assert ask(server, "GET", "/_sandbox/", headers)[0] == 200
    assert ask(server, "GET", READ, headers)[0] == 200
    origin = ("Origin", f"http://{host}:{server.port}")
    assert ask(server, "POST", WRITE, [*headers, origin, *JSON.items()], b"{}")[0] == 200
    assert server.sandbox.faults == ()


def test_the_address_bar_may(server):
    headers = [("Host", f"localhost:{server.port}"), ("Sec-Fetch-Site", "none")]
    assert ask(server, "GET", "/_sandbox/", headers)[0] == 200


@pytest.mark.parametrize("path", ["/_sandbox", "/_sandbox/", "/_sandbox/page.js", READ, "/_sandbox/nothing", WRITE])
def test_every_answer_is_sealed(server, path):
    _, answered, _ = ask(server, "GET", path, [("Host", f"127.0.0.1:{server.port}")])
    policy = answered["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answered["X-Frame-Options"] == "DENY"
    assert answered["X-Content-Type-Options"] == "nosniff"
    assert answered["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answered["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answered["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answered
