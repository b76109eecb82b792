from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any

import certifi
import pytest
import trustme

import lomi
from lomi._backends.proxies import Proxy, bypasses_proxy, parse_proxy, proxy_for, ssl_context

from ..core.factories import config


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOMI_API_KEY", "LOMI_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def parts(proxy: Proxy | None) -> Any:
    return None if proxy is None else (proxy.url, proxy.auth, proxy.secure, proxy.socks)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, ("http://proxy:3128", None, False, False)),
        ({"https_proxy": "proxy"}, ("http://proxy:80", None, False, False)),
        ({"ALL_PROXY": "https://proxy"}, ("https://proxy:443", None, True, False)),
        ({"HTTP_PROXY": "http://proxy:3128"}, None),
        ({"HTTPS_PROXY": ""}, None),
        ({"NO_PROXY": "example.com"}, None),
        ({"HTTPS_PROXY": "http://a%40b:p%3Aw@proxy:1"}, ("http://proxy:1", (b"a@b", b"p:w"), False, False)),
        ({"HTTPS_PROXY": "http://user@proxy:1"}, ("http://proxy:1", (b"user", b""), False, False)),
        (
            {"HTTPS_PROXY": "http://aïcha:p%C3%A9@proxy:1"},
            ("http://proxy:1", ("aïcha".encode(), "pé".encode()), False, False),
        ),
        ({"ALL_PROXY": "socks5://proxy"}, ("socks5://proxy:1080", None, False, True)),
        ({"ALL_PROXY": "socks5h://proxy:9"}, ("socks5://proxy:9", None, False, True)),
        ({"HTTPS_PROXY": "http://[::1]:3128"}, ("http://[::1]:3128", None, False, False)),
        ({"HTTPS_PROXY": "http://one:1", "ALL_PROXY": "http://two:2"}, ("http://one:1", None, False, False)),
        ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "sandbox.api.lomi.africa"}, None),
        ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": ".lomi.africa"}, None),
        ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "sandbox.api.lomi.africa:443"}, None),
        ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "example.com"}, ("http://proxy:80", None, False, False)),
        ({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "lomi.africa:8443"}, ("http://proxy:80", None, False, False)),
    ],
)
def test_the_proxy_that_the_environment_names(variables, expected, monkeypatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert parts(proxy_for(config())) == expected


NAME, FOUR, SIX = "sandbox.api.lomi.africa", "10.1.2.3", "fd00::1:2"


@pytest.mark.parametrize(
    ("host", "port", "exceptions", "bypassed"),
    [
        (NAME, 443, "", False),
        (NAME, 443, " , ,", False),
        (NAME, 443, "*", True),
        (NAME, 443, "example.com, *", True),
        (NAME, 443, "*:443", True),
        (NAME, 443, "*:8443", False),
        # A name covers its subdomains, in each of these forms.
        (NAME, 443, "sandbox.api.lomi.africa", True),
        (NAME, 443, "lomi.africa", True),
        (NAME, 443, ".lomi.africa", True),
        (NAME, 443, "*.lomi.africa", True),
        (NAME, 443, " LOMI.Africa. ", True),
        (NAME + ".", 443, "lomi.africa", True),
        (NAME, 443, "omi.africa", False),
        (NAME, 443, "*omi.africa", False),
        (NAME, 443, "sandbox", False),
        (NAME, 443, "x.sandbox.api.lomi.africa", False),
        (NAME, 443, ".", False),
        (NAME, 443, "example.com,lomi.africa", True),
        # With a port, for that port only.
        (NAME, 443, "lomi.africa:443", True),
        (NAME, 443, "*.lomi.africa:443", True),
        (NAME, 8443, "lomi.africa:443", False),
        (NAME, 443, "lomi.africa:https", False),
        (NAME, 443, "lomi.africa:", False),
        # Addresses and networks.
        (FOUR, 443, "10.1.2.3", True),
        (FOUR, 443, "10.1.2.4", False),
        (FOUR, 443, "10.1.2.3:443", True),
        (FOUR, 443, "10.1.2.3:80", False),
        (FOUR, 443, "10.0.0.0/8", True),
        (FOUR, 443, "10.9.9.9/8", True),
        (FOUR, 443, "10.0.0.0/8:443", True),
        (FOUR, 443, "10.0.0.0/8:80", False),
        (FOUR, 443, "192.168.0.0/16,10.1.0.0/16", True),
        (FOUR, 443, "192.168.0.0/16", False),
        (FOUR, 443, "10.0.0.0/99", False),
        (FOUR, 443, "fd00::/8", False),
        (FOUR, 443, "lomi.africa", False),
        (FOUR, 443, "2.3", False),
        (NAME, 443, "10.0.0.0/8", False),
        (SIX, 443, "fd00::1:2", True),
        (SIX, 443, "FD00:0:0:0:0:0:1:2", True),
        (SIX, 443, "[fd00::1:2]", True),
        (SIX, 443, "[fd00::1:2]:443", True),
        (SIX, 443, "[fd00::1:2]:80", False),
        (SIX, 443, "fd00::1:3", False),
        (SIX, 443, "fd00::/8", True),
        (SIX, 443, "[fd00::]/8", True),
        (SIX, 443, "10.0.0.0/8", False),
    ],
)
def test_exceptions(host, port, exceptions, bypassed) -> None:
    assert bypasses_proxy(host, port, exceptions) is bypassed


def test_nothing_for_this_machine_goes_through_a_proxy(monkeypatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy")
    for url in ("http://localhost:1", "https://localhost", "https://127.0.0.1", "http://[::1]:1"):
        assert proxy_for(config(base_url=url)) is None


@pytest.mark.parametrize(
    "value",
    [
        "ftp://user:s3cret@proxy",
        "http://",
        "http://proxy:s3cret",
        "http://[s3cret",
        "http://pröxy",
        "http://a..b",
        f"http://{'a' * 64}",
    ],
)
def test_a_url_that_names_no_proxy(value, monkeypatch) -> None:
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
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
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
    assert parts(proxy_for(config())) == ("http://proxy:3128", None, False, False)


def test_one_tls_context_for_all(fresh_context) -> None:
    context = ssl_context()
    assert context is ssl_context()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_a_system_that_keeps_exceptions_of_its_own(monkeypatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"https": "http://proxy:3128"})
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda host: host == "sandbox.api.lomi.africa")
    assert proxy_for(config()) is None
    assert parts(proxy_for(config(environment="live", key="some-key"))) == ("http://proxy:3128", None, False, False)


def test_a_proxy_that_is_passed_as_a_url() -> None:
    assert parts(parse_proxy("proxy:3128")) == ("http://proxy:3128", None, False, False)


def test_an_unusable_key_log_file(fresh_context, monkeypatch, tmp_path) -> None:
    """It once raised a FileNotFoundError."""
    for path in (tmp_path / "missing" / "keys.log", tmp_path):
        monkeypatch.setenv("SSLKEYLOGFILE", str(path))
        with pytest.raises(lomi.LomiConfigurationError, match="SSLKEYLOGFILE") as caught:
            ssl_context()
        assert caught.value.__context__ is None
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))
    assert ssl_context().keylog_filename == str(tmp_path / "keys.log")
