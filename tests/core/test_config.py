from __future__ import annotations

import copy
import math
import os
import pickle
import ssl
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import certifi
import httpx
import pytest
import trustme

import lomi
from lomi._backends.proxies import Proxy, proxy_for, ssl_context
from lomi._core.config import UNCHANGED, ApiKey, Config, changed, is_loopback, resolve

from ..wire import LIVE_KEY, TEST_KEY

PACKAGE = str(Path(lomi.__file__).parent)
DEFAULTS: dict[str, Any] = {
    "environment": None,
    "base_url": None,
    "account": None,
    "timeout": 60.0,
    "max_retries": 2,
}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOMI_API_KEY", "LOMI_BASE_URL", *PROXIES):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def config(key: Any = TEST_KEY, **given: Any) -> Config:
    return resolve(ApiKey(key), **{**DEFAULTS, **given})


def refused(key: Any = TEST_KEY, **given: Any) -> str:
    with pytest.raises(lomi.LomiConfigurationError) as caught:
        config(key, **given)
    error = caught.value
    assert (error.outcome, error.attempts, error.request_id) == ("not_sent", 0, None)
    assert "s3cret" not in str(error)
    assert len(str(key).strip()) < 8 or str(key).strip() not in str(error)
    return str(error)


@pytest.mark.parametrize(
    ("key", "environment", "expected", "host"),
    [
        (TEST_KEY, None, "test", "https://sandbox.api.lomi.africa"),
        (TEST_KEY, "test", "test", "https://sandbox.api.lomi.africa"),
        (LIVE_KEY, None, "live", "https://api.lomi.africa"),
        (LIVE_KEY, "live", "live", "https://api.lomi.africa"),
        ("some-other-key-123", None, "live", "https://api.lomi.africa"),
        ("some-other-key-123", "test", "test", "https://sandbox.api.lomi.africa"),
    ],
)
def test_the_environment_is_read_off_the_key(key, environment, expected, host) -> None:
    made = config(key, environment=environment)
    assert (made.environment, made.base_url) == (expected, host)
    assert (made.secure, made.port, made.host, made.prefix) == (True, 443, host.removeprefix("https://"), b"")


@pytest.mark.parametrize(("key", "environment", "its"), [(TEST_KEY, "live", "test"), (LIVE_KEY, "test", "live")])
def test_a_key_of_the_other_environment(key, environment, its) -> None:
    said = refused(key, environment=environment)
    assert f"this is a {its} key" in said
    assert f"lomi_sk_{environment}_" in said


@pytest.mark.parametrize("environment", ["TEST", "sandbox", "", 1, ["test"]])
def test_an_environment_that_is_none(environment) -> None:
    assert refused(environment=environment) == 'environment is neither "test" nor "live"'


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (TEST_KEY + "\n", "your key ends with a newline"),
        (TEST_KEY + "\r\n", "your key ends with a newline"),
        ("lomi_sk_test_a\nb", "your key contains a newline"),
        (" " + TEST_KEY, "your key contains a space"),
        (TEST_KEY + "\t", "your key contains a space"),
        (TEST_KEY + "\x00", "your key contains a control character"),
        (TEST_KEY + "\u200b", "your key contains a character that is not ASCII"),
        (TEST_KEY + "é", "your key contains a character that is not ASCII"),
        (f'"{TEST_KEY}"', "your key is in quotes"),
        (f"'{TEST_KEY}'", "your key is in quotes"),
        ("", "your key is empty"),
        ("  \n", "your key is empty"),
        ("lomi_pk_test_123", "is a publishable key"),
        (TEST_KEY.encode(), "is not a string but bytes"),
        (5, "is not a string but int"),
    ],
)
def test_keys_that_cannot_be_sent(key, problem, monkeypatch) -> None:
    said = refused(key)
    assert problem in said
    assert "api_key" in said
    if isinstance(key, str) and "\0" not in key:
        monkeypatch.setenv("LOMI_API_KEY", key)
        said = refused(None)
        assert problem in said
        assert "LOMI_API_KEY" in said


def test_no_key_at_all() -> None:
    said = refused(None)
    assert "LOMI_API_KEY" in said
    assert "api_key=" in said


def test_arguments_beat_environment_variables_beat_defaults(monkeypatch) -> None:
    monkeypatch.setenv("LOMI_API_KEY", LIVE_KEY)
    monkeypatch.setenv("LOMI_BASE_URL", "https://proxy.example/lomi/")
    assert config(None).environment == "live"
    assert config(TEST_KEY).environment == "test"
    assert config(None).base_url == "https://proxy.example/lomi"
    assert config(None).prefix == b"/lomi"
    assert config(None, base_url="http://localhost:8000").base_url == "http://localhost:8000"
    monkeypatch.setenv("LOMI_BASE_URL", "")
    assert config(None).base_url == "https://api.lomi.africa"


@pytest.mark.parametrize(
    ("url", "host", "port", "secure", "header"),
    [
        ("http://localhost", "localhost", 80, False, b"localhost"),
        ("http://LOCALHOST:81/", "localhost", 81, False, b"LOCALHOST:81"),
        ("http://127.0.0.1:8000", "127.0.0.1", 8000, False, b"127.0.0.1:8000"),
        ("http://127.9.9.9", "127.9.9.9", 80, False, b"127.9.9.9"),
        ("http://[::1]:8000", "::1", 8000, False, b"[::1]:8000"),
        ("https://example.com:8443/a/b///", "example.com", 8443, True, b"example.com:8443"),
    ],
)
def test_base_urls(url, host, port, secure, header) -> None:
    made = config(base_url=url)
    assert (made.host, made.port, made.secure) == (host, port, secure)
    assert made.base_url == url.rstrip("/")
    assert dict(made.headers)[b"Host"] == header


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://api.lomi.africa", "base_url is plain http"),
        ("http://10.0.0.1", "base_url is plain http"),
        ("http://localhost.example.com", "base_url is plain http"),
        ("http://0.0.0.0", "base_url is plain http"),
        ("https://user:s3cret@api.lomi.africa", "base_url contains user information"),
        ("https://s3cret@api.lomi.africa", "base_url contains user information"),
        ("https://api.lomi.africa?x=s3cret", "base_url contains a query"),
        ("https://api.lomi.africa/?", "base_url contains a query"),
        ("https://api.lomi.africa#s3cret", "base_url contains a query or a fragment"),
        ("ftp://api.lomi.africa", "base_url is not an https URL"),
        ("api.lomi.africa", "base_url is not an https URL"),
        ("https://", "base_url is not an https URL"),
        ("https:///customers", "base_url is not an https URL"),
        ("", "base_url is not an https URL"),
        ("https://[::1", "base_url is not a URL"),
        ("https://a:99999", "base_url is not a URL"),
        ("https://a:b", "base_url is not a URL"),
        ("https://api.lomi.africa\n", "base_url contains a space, a control character"),
        ("https://api.lomi.africa /x", "base_url contains a space"),
        ("https://lomí.africa", "base_url contains a space, a control character or one that is not ASCII"),
        (5, "base_url is not a string but int"),
    ],
)
def test_base_urls_that_cannot_be(url, problem) -> None:
    assert problem in refused(base_url=url)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("127.1", False), ("10.0.0.1", False), ("local", False)],
)
def test_loopback(host, loopback) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize("value", [0, -1, math.inf, math.nan, True, "5", [1]])
def test_timeouts_that_cannot_be(value) -> None:
    assert refused(timeout=value) == "timeout is not a positive number of seconds; None means no limit"
    with pytest.raises(lomi.LomiConfigurationError, match="timeout"):
        changed(config(), timeout=value, max_retries=UNCHANGED, account=UNCHANGED)


@pytest.mark.parametrize("value", [-1, 101, True, 1.0, "2", None])
def test_retries_that_cannot_be(value) -> None:
    assert refused(max_retries=value) == "max_retries is not a whole number from 0 to 100"
    with pytest.raises(lomi.LomiConfigurationError, match="max_retries"):
        changed(config(), timeout=UNCHANGED, max_retries=value, account=UNCHANGED)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "account is empty"),
        (" ", "account is empty"),
        ("acct\n", "account ends with a newline"),
        ("acct\r\nX: y", "account contains a newline"),
        ("é", "account contains a character that is not ASCII"),
        ("a b", "account contains a space"),
        (5, "account is not a string but int"),
    ],
)
def test_accounts_that_cannot_be(value, problem) -> None:
    assert problem in refused(account=value)
    with pytest.raises(lomi.LomiConfigurationError, match=problem):
        changed(config(), timeout=UNCHANGED, max_retries=UNCHANGED, account=value)


def test_what_every_request_carries() -> None:
    headers = dict(config(account="acct_1").headers)
    assert headers[b"Lomi-Account"] == b"acct_1"
    assert headers[b"Accept"] == b"application/json"
    assert headers[b"User-Agent"].startswith(f"lomi-python/{lomi.__version__} python/3.".encode())
    assert b"Lomi-Account" not in dict(config().headers)
    assert TEST_KEY.encode() not in b" ".join(value for _, value in config().headers)


def test_changing_options() -> None:
    made = config(account="acct_1")
    same = changed(made, timeout=UNCHANGED, max_retries=UNCHANGED, account=UNCHANGED)
    assert same == made
    other = changed(made, timeout=None, max_retries=0, account=None)
    assert (other.timeout, other.max_retries, other.account) == (None, 0, None)
    assert other.headers == config().headers
    assert other.key is made.key
    again = changed(other, timeout=5, max_retries=100, account="acct_2")
    assert (again.timeout, again.max_retries, again.account) == (5, 100, "acct_2")
    assert dict(again.headers)[b"Lomi-Account"] == b"acct_2"
    assert repr(UNCHANGED) == "UNCHANGED"


def test_the_key_is_hard_to_give_away() -> None:
    key = ApiKey(TEST_KEY)
    assert key.header() == (b"X-API-KEY", TEST_KEY.encode())
    assert key.redact(b"<" + TEST_KEY.encode() + b">") == b"<[key]>"
    seen = [repr(key), str(key), f"{key}", repr(config()), str(vars(config()))]
    seen += [repr(getattr(key, name)) for name in key.__slots__]
    assert TEST_KEY not in "".join(seen)
    assert not hasattr(key, "__dict__")
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled or copied"):
            copied(key)
        with pytest.raises(TypeError):
            copied(config()) if copied is not copy.copy else copied(config().key)


def test_no_frame_of_a_configuration_error_holds_the_key() -> None:
    for wrong in (
        {"environment": "live"},
        {"base_url": "http://example.com"},
        {"timeout": 0},
        {"account": ""},
        {"http_client": object()},
        {"api_key": TEST_KEY + "\n"},
    ):
        for flavour in (lomi.LomiClient, lomi.AsyncLomiClient):
            with pytest.raises(lomi.LomiConfigurationError) as caught:
                flavour(**{"api_key": TEST_KEY, **wrong})
            frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
            ours = [frame for frame in frames if frame.f_code.co_filename.startswith(PACKAGE)]
            assert ours
            for frame in ours:
                seen = {name: value for name, value in frame.f_locals.items() if name != "self"}
                assert TEST_KEY not in f"{seen} {getattr(frame.f_locals.get('self'), '__dict__', None)}"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, Proxy("http://proxy:3128", None, secure=False, socks=False)),
        ({"https_proxy": "proxy"}, Proxy("http://proxy:80", None, secure=False, socks=False)),
        ({"ALL_PROXY": "https://proxy"}, Proxy("https://proxy:443", None, secure=True, socks=False)),
        ({"HTTP_PROXY": "http://proxy:3128"}, None),
        (
            {"HTTPS_PROXY": "http://a%40b:p%3Aw@proxy:1"},
            Proxy("http://proxy:1", (b"a@b", b"p:w"), secure=False, socks=False),
        ),
        ({"HTTPS_PROXY": "http://user@proxy:1"}, Proxy("http://proxy:1", (b"user", b""), secure=False, socks=False)),
        (
            {"HTTPS_PROXY": "http://aïcha:p%C3%A9@proxy:1"},
            Proxy("http://proxy:1", ("aïcha".encode(), "pé".encode()), secure=False, socks=False),
        ),
        ({"ALL_PROXY": "socks5://proxy"}, Proxy("socks5://proxy:1080", None, secure=False, socks=True)),
        ({"ALL_PROXY": "socks5h://proxy:9"}, Proxy("socks5://proxy:9", None, secure=False, socks=True)),
        ({"HTTPS_PROXY": "http://[::1]:3128"}, Proxy("http://[::1]:3128", None, secure=False, socks=False)),
        (
            {"HTTPS_PROXY": "http://one:1", "ALL_PROXY": "http://two:2"},
            Proxy("http://one:1", None, secure=False, socks=False),
        ),
        ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "sandbox.api.lomi.africa"}, None),
        ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": ".lomi.africa"}, None),
        ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "*"}, None),
        (
            {"HTTPS_PROXY": "http://proxy", "NO_PROXY": "example.com"},
            Proxy("http://proxy:80", None, secure=False, socks=False),
        ),
    ],
)
def test_proxies_of_the_environment(variables, expected, monkeypatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(config()) == expected


def test_nothing_for_this_machine_goes_through_a_proxy(monkeypatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy")
    for url in ("http://localhost:1", "https://localhost", "https://127.0.0.1", "http://[::1]:1"):
        assert proxy_for(config(base_url=url)) is None


@pytest.mark.parametrize(
    "value", ["ftp://user:s3cret@proxy", "http://", "http://proxy:s3cret", "http://[s3cret", "http://pröxy"]
)
def test_a_proxy_that_is_none(value, monkeypatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(lomi.LomiConfigurationError, match="HTTPS_PROXY or ALL_PROXY") as caught:
        proxy_for(config())
    assert "s3cret" not in str(caught.value)


def test_a_socks_proxy_without_the_package_for_it(monkeypatch) -> None:
    monkeypatch.setattr("lomi._backends.proxies.find_spec", lambda _name: None)
    monkeypatch.setenv("ALL_PROXY", "socks5://user:s3cret@proxy")
    with pytest.raises(lomi.LomiConfigurationError, match="pip install socksio") as caught:
        proxy_for(config())
    assert "s3cret" not in str(caught.value)


def test_printing_a_proxy_shows_no_password() -> None:
    assert "s3cret" not in repr(Proxy("http://proxy", (b"user", b"s3cret"), secure=False, socks=False))


@pytest.fixture
def fresh_context(monkeypatch) -> Iterator[None]:
    """A TLS context made anew, in an environment that says nothing about it."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    ssl_context.cache_clear()
    yield
    ssl_context.cache_clear()


def test_who_is_trusted(fresh_context, monkeypatch, tmp_path) -> None:
    """The same as with httpx: the file, else the directory, else certifi's authorities alone."""
    known = {each["serialNumber"] for each in ssl.create_default_context(cafile=certifi.where()).get_ca_certs()}
    assert {each["serialNumber"] for each in ssl_context().get_ca_certs()} == known
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    ssl_context.cache_clear()
    assert ssl_context().get_ca_certs() == []  # what is in a directory is looked up when it is needed
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    ssl_context.cache_clear()
    assert len(ssl_context().get_ca_certs()) == 1


def test_a_file_of_certificates_that_cannot_be_read(fresh_context, monkeypatch, tmp_path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for name in ("missing.pem", "empty.pem"):
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / name))
        with pytest.raises(lomi.LomiConfigurationError, match="SSL_CERT_FILE contains no certificates"):
            ssl_context()


def test_settings_of_the_system_are_read_where_there_are_some(monkeypatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"https": "http://proxy:3128"})
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda _host: False)
    assert proxy_for(config()) == Proxy("http://proxy:3128", None, secure=False, socks=False)


def test_what_a_client_does_not_import() -> None:
    """What takes long to import, and is needed by some: a cold start pays for none of it."""
    slow = {"httpx", "asyncio", "urllib.request", "http.client", "rich", "typer", "lomi.sandbox", "lomi.cli"}
    code = f"""
import sys
# What is installed for tests, and brings asyncio in older versions, is not there.
sys.modules["trio"] = sys.modules["opentelemetry"] = None
from lomi import LomiClient
LomiClient("lomi_sk_test_x").close()
print(sorted({slow!r} & set(sys.modules)))
"""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("client", [lomi.LomiClient, lomi.AsyncLomiClient])
def test_annotations_can_be_evaluated(client) -> None:
    """As containers for dependency injection do."""
    hints = get_type_hints(client.__init__)
    kind = httpx.Client if client is lomi.LomiClient else httpx.AsyncClient
    assert hints["http_client"] == kind | None


def test_one_tls_context_for_all(fresh_context) -> None:
    context = ssl_context()
    assert context is ssl_context()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
