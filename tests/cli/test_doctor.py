import datetime as dt
import os
import socket
import ssl

import pytest
import trustme

from lomi import LomiClient
from lomi._backends import proxies as backend_proxies
from lomi._core.api_key import ApiKey
from lomi._core.config import Config
from lomi.cli import main
from lomi.cli.doctor import call, certificate, clock, connection, examine, name_lookup, proxies, settings
from lomi.sandbox import Sandbox
from tests.fire.server import FaultServer, answer, authority, each_request
from tests.wire import LIVE_KEY, TEST_KEY


@pytest.fixture
def closed():
    """A closed port."""
    with FaultServer(lambda wire: None) as server:
        return server.port


def test_everything_works(run):
    run("doctor", "--sandbox")
    lines = run.out.splitlines()
    assert [line.split()[1] for line in lines] == [
        "versions",
        "settings",
        "proxy",
        "DNS",
        "connection",
        "TLS",
        "clock",
        "call",
    ]
    assert [line[0] for line in lines] == ["✓", "✓", "✓", "✓", "✓", "–", "✓", "✓"]
    assert "httpx 0." in lines[0]


def test_the_json_report_holds_no_key(run, sandbox):
    found = run.json("doctor")
    assert {finding["ok"] for finding in found} == {True, None}
    assert found[1]["detail"] == f"test key for {os.environ['LOMI_BASE_URL']}"
    assert "lomi_sk_test_sandbox" not in run.out


def test_no_report_holds_a_part_of_the_key(run, monkeypatch, capsys, closed):
    monkeypatch.setenv("LOMI_BASE_URL", f"http://127.0.0.1:{closed}")
    for key in (TEST_KEY, LIVE_KEY, f"{TEST_KEY}\n", f" {TEST_KEY}", "lomi_pk_test_1234567890"):
        monkeypatch.setenv("LOMI_API_KEY", key)
        assert main(["doctor"]) == 1
        out, err = capsys.readouterr()
        assert err == ""
        assert key.strip()[-10:] not in out
        assert "✗ connection" in out


def test_without_a_key_the_connection_is_checked_all_the_same(run):
    with Sandbox("server") as sandbox, sandbox.serve() as server:
        found = {finding.name: finding for finding in examine(None, server.url)}
    assert found["settings"].ok is False
    assert "LOMI_API_KEY" in found["settings"].fix
    assert found["connection"].ok is True
    assert found["call"].detail == "skipped: there is no key"
    assert found["clock"].ok is None


def test_an_invalid_base_url(run):
    found = list(examine(TEST_KEY, "ftp://lomi"))
    assert [finding.name for finding in found] == ["versions", "settings"]
    assert "base_url is not an https URL" in found[-1].fix


def test_an_invalid_host_name(run):
    finding = name_lookup("a" * 70, 443)
    assert finding.ok is False
    assert "LOMI_BASE_URL" in finding.fix
    # The client refuses it before anything is looked up.
    found = list(examine(TEST_KEY, f"https://{'a' * 70}"))
    assert [finding.name for finding in found] == ["versions", "settings"]
    assert found[-1].ok is False


def test_an_unknown_host_name(run, monkeypatch):
    def unknown(*arguments, **options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert name_lookup("api.lomi.africa", 443).detail == "api.lomi.africa cannot be resolved: Name or service not known"
    found = {finding.name: finding for finding in examine(TEST_KEY, "https://api.lomi.africa")}
    assert [found[name].ok for name in ("DNS", "connection", "TLS", "clock", "call")] == [False, None, None, None, None]


def test_a_closed_port(closed):
    finding = connection("127.0.0.1", closed)
    assert (finding.ok, finding.fix) == (
        False,
        "check that the server is running and that LOMI_BASE_URL names its port",
    )


def test_a_firewall_drops_packets(monkeypatch):
    def swallowed(address, timeout):
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", swallowed)
    finding = connection("127.0.0.1", 1)
    assert finding.detail == "no connection to port 1 in 10 s"
    assert "firewall" in finding.fix


def client_context(root):
    context = ssl.create_default_context(cadata=root.decode())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def hold(wire):
    wire.sock.recv(1)


def test_a_trusted_certificate():
    made = authority("localhost")
    with FaultServer(hold, tls=made.server) as server:
        finding = certificate("localhost", server.port, client_context(made.root))
    assert finding.ok is True
    assert finding.detail.startswith("TLSv1.3, certificate trusted, issued by trustme")


def test_an_issuer_without_a_name(monkeypatch):
    made = authority("localhost")
    monkeypatch.setattr(
        ssl.SSLSocket, "getpeercert", lambda self: {"issuer": (), "notAfter": "Jan  1 00:00:00 2038 GMT"}
    )
    with FaultServer(hold, tls=made.server) as server:
        finding = certificate("localhost", server.port, client_context(made.root))
    assert "issued by an unnamed authority, valid until 2038-01-01" in finding.detail


def server_context(ca, *names, **validity):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names, **validity).configure_cert(context)
    return context


@pytest.mark.parametrize(
    ("names", "not_after", "trusted", "fix"),
    [
        (["localhost"], None, False, "SSL_CERT_FILE"),
        (["api.lomi.africa"], None, True, "the certificate is for another name"),
        (["localhost"], dt.datetime(2020, 1, 1), True, "set this machine's clock; if it is right"),
    ],
)
def test_an_untrusted_certificate(names, not_after, trusted, fix):
    ca = trustme.CA()
    context = client_context((ca if trusted else trustme.CA()).cert_pem.bytes())
    with FaultServer(hold, tls=server_context(ca, *names, not_after=not_after)) as server:
        finding = certificate("localhost", server.port, context)
    assert finding.ok is False
    assert finding.detail.startswith("the certificate is not trusted: ")
    assert fix in finding.fix


def test_a_port_that_does_not_speak_tls():
    with FaultServer(lambda wire: wire.send(b"SSH-2.0-OpenSSH\r\n" * 10)) as server:
        finding = certificate("127.0.0.1", server.port, ssl.create_default_context())
    assert finding.detail.startswith("the handshake failed: ")
    assert "may not speak TLS" in finding.fix


def test_tls_is_checked(run, monkeypatch):
    made = authority("localhost")
    context = client_context(made.root)
    monkeypatch.setattr(backend_proxies, "ssl_context", lambda: context)
    with FaultServer(hold, tls=made.server) as server:
        found = {each.name: each for each in examine(None, f"https://localhost:{server.port}")}
    assert found["TLS"].ok is True


@pytest.mark.parametrize(
    ("date", "now", "ok", "detail"),
    [
        ("Mon, 01 Jan 2024 00:00:00 GMT", 1704067205, True, "within 30 s"),
        ("Mon, 01 Jan 2024 00:00:00 GMT", 1704067500, False, "300 s ahead"),
        ("Mon, 01 Jan 2024 00:00:00 GMT", 1704060000, False, "7200 s behind"),
        ("Mon, 01 Jan 2024 00:00:00 -0000", 1704067205, True, "within 30 s"),
        ("nonsense", 0, None, "not compared: the response has no Date header"),
        ("Mon, 01 Jan", 0, None, "not compared: the response has no Date header"),
        (None, 0, None, "not compared: the response has no Date header"),
    ],
)
def test_clocks_are_compared(date, now, ok, detail):
    headers = {} if date is None else {"Date": date}
    body = {"error": {"code": "not_found", "message": "no"}}
    with (
        FaultServer(each_request(lambda wire, received: wire.send(answer(404, body, headers)))) as server,
        LomiClient(TEST_KEY, base_url=server.url) as client,
    ):
        finding = clock(client, lambda: float(now))
    assert (finding.ok, finding.detail.startswith(detail)) == (ok, True), finding
    assert bool(finding.fix) is (ok is False)


def test_the_clock_of_a_server_without_errors():
    with (
        FaultServer(each_request(lambda wire, received: wire.send(answer(200, {})))) as server,
        LomiClient(TEST_KEY, base_url=server.url) as client,
    ):
        assert clock(client, lambda: 0.0).ok is None


def test_the_clock_of_a_server_out_of_reach(closed):
    with LomiClient(TEST_KEY, base_url=f"http://127.0.0.1:{closed}", max_retries=0) as client:
        assert clock(client, lambda: 0.0).detail == "not compared: LomiConnectionError"


def test_a_rejected_call(run):
    with Sandbox("server") as sandbox, sandbox.client(api_key="lomi_sk_test_unknown") as client:
        finding = call(client)
    assert (finding.ok, finding.detail) == (False, "LomiAuthError")
    assert "check LOMI_API_KEY" in finding.fix
    assert "unknown" not in finding.fix


def config(url="https://api.lomi.africa"):
    return Config.from_options(ApiKey(TEST_KEY), None, url, None, 10, 0)


def test_a_proxy_is_shown_without_its_password(run, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://user:s3cret@127.0.0.1:3128")
    proxy, finding = proxies(config())
    assert finding.detail == "http://127.0.0.1:3128"
    assert proxy.url == finding.detail


def test_an_invalid_proxy(run, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "gopher://x")
    proxy, finding = proxies(config())
    assert (proxy, finding.ok) == (None, False)
    assert "HTTPS_PROXY" in finding.fix


def test_behind_a_proxy_the_connection_to_the_proxy_is_checked(run, monkeypatch):
    with FaultServer(hold) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        found = {each.name: each for each in examine(None, "https://api.lomi.africa")}
    assert found["connection"].ok is True
    assert found["TLS"].detail == "covered by the call, through the proxy"


def test_settings_of_each_environment():
    for key, environment in ((TEST_KEY, "test"), (LIVE_KEY, "live")):
        _, finding = settings(key, "https://api.lomi.africa")
        assert finding.detail == f"{environment} key for https://api.lomi.africa"


def test_a_wrong_path_in_the_base_url_is_not_taken_for_a_wrong_id(run, sandbox, monkeypatch):
    base_url = os.environ["LOMI_BASE_URL"] + "/v9"
    monkeypatch.setenv("LOMI_BASE_URL", base_url)
    run("doctor", code=1)
    assert f"there is no lomi. API at {base_url}: check the path in LOMI_BASE_URL" in run.out
    assert "check the id" not in run.out
