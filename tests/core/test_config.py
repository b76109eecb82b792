from __future__ import annotations

import math
from typing import Any

import pytest

import lomi
from lomi._core.config import UNCHANGED, Config

from ..wire import LIVE_KEY, TEST_KEY
from .factories import config, config_error

pytestmark = pytest.mark.usefixtures("bare_environment")


@pytest.mark.parametrize(
    ("key", "environment", "expected", "host"),
    [
        (TEST_KEY, None, "test", "https://sandbox.api.lomi.africa"),
        (TEST_KEY, "test", "test", "https://sandbox.api.lomi.africa"),
        (LIVE_KEY, None, "live", "https://api.lomi.africa"),
        (LIVE_KEY, "live", "live", "https://api.lomi.africa"),
        ("some-other-key-123", "live", "live", "https://api.lomi.africa"),
        ("some-other-key-123", "test", "test", "https://sandbox.api.lomi.africa"),
    ],
)
def test_the_environment_follows_from_the_key_or_is_given(key, environment, expected, host) -> None:
    made = config(key, environment=environment)
    assert (made.environment, made.base_url) == (expected, host)
    assert (made.secure, made.port, made.host, made.prefix) == (True, 443, host.removeprefix("https://"), b"")


@pytest.mark.parametrize("environment", ["TEST", "sandbox", "", 1, ["test"]])
def test_an_environment_that_does_not_exist(environment) -> None:
    assert config_error(environment=environment) == 'environment is neither "test" nor "live"'


def test_arguments_take_precedence_over_environment_variables_over_defaults(monkeypatch) -> None:
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
        ("http://api.localhost", "base_url is plain http"),
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
def test_base_urls_that_cannot_work(url, problem) -> None:
    assert problem in config_error(base_url=url)


@pytest.mark.parametrize("value", [0, -1, math.inf, math.nan, True, "5", [1]])
def test_timeouts_that_cannot_work(value) -> None:
    assert config_error(timeout=value) == "timeout is not a positive number of seconds; None means no limit"
    with pytest.raises(lomi.LomiConfigurationError, match="timeout"):
        config().with_changes(timeout=value)


@pytest.mark.parametrize("value", [-1, 101, True, 1.0, "2", None])
def test_retries_that_cannot_work(value) -> None:
    assert config_error(max_retries=value) == "max_retries is not a whole number from 0 to 100"
    with pytest.raises(lomi.LomiConfigurationError, match="max_retries"):
        config().with_changes(max_retries=value)


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
def test_accounts_that_cannot_work(value, problem) -> None:
    assert problem in config_error(account=value)
    with pytest.raises(lomi.LomiConfigurationError, match=problem):
        config().with_changes(account=value)


def test_the_headers_of_every_request() -> None:
    headers = dict(config(account="acct_1").headers)
    assert headers[b"Lomi-Account"] == b"acct_1"
    assert headers[b"Accept"] == b"application/json"
    assert headers[b"Accept-Encoding"] == b"gzip"  # raw deflate, which some servers send, would be unreadable
    assert headers[b"User-Agent"].startswith(f"lomi-python/{lomi.__version__} python/3.".encode())
    assert b"Lomi-Account" not in dict(config().headers)
    assert TEST_KEY.encode() not in b" ".join(value for _, value in config().headers)


def test_changing_options() -> None:
    made = config(account="acct_1")
    same = made.with_changes()
    assert [getattr(same, name) for name in Config.__slots__] == [getattr(made, name) for name in Config.__slots__]
    other = made.with_changes(timeout=None, max_retries=0, account=None)
    assert (other.timeout, other.max_retries, other.account) == (None, 0, None)
    assert other.headers == config().headers
    assert other.key is made.key
    third = other.with_changes(timeout=5, max_retries=100, account="acct_2")
    assert (third.timeout, third.max_retries, third.account) == (5, 100, "acct_2")
    assert dict(third.headers)[b"Lomi-Account"] == b"acct_2"
    assert (made.timeout, made.max_retries, made.account) == (60.0, 2, "acct_1")
    assert repr(UNCHANGED) == "UNCHANGED"


def test_whose_data_it_is_about() -> None:
    assert config(account="acct_1").scope == ("https://sandbox.api.lomi.africa", "acct_1")
    assert config(LIVE_KEY).scope == ("https://api.lomi.africa", None)


def test_printing_a_configuration() -> None:
    assert repr(config(account="acct_1")) == (
        "Config(environment='test', base_url='https://sandbox.api.lomi.africa', account='acct_1', timeout=60.0, "
        "max_retries=2)"
    )
    assert repr(Config()) == "Config(…)"  # as a tool that shows local variables finds it when a check failed


@pytest.mark.parametrize("label", ["a..b", "1.2.3.400", ".a", "a" * 64, f"a.{'b' * 64}.c"])
def test_a_host_with_a_label_that_is_empty_or_longer_than_63_characters(label) -> None:
    """It once raised a UnicodeError."""
    assert "base_url is not a URL" in config_error(base_url=f"https://{label}")
    assert config(base_url=f"https://{'a' * 63}.b").host == f"{'a' * 63}.b"


def test_the_application_is_named_in_the_user_agent() -> None:
    agent = dict(config(app_info=("MyShop", "1.2")).headers)[b"User-Agent"]
    assert agent.startswith(b"lomi-python/")
    assert agent.endswith(b" MyShop/1.2")
    assert dict(config(app_info=("MyShop", "1.2")).with_changes(timeout=5).headers)[b"User-Agent"] == agent


@pytest.mark.parametrize("value", ["MyShop", ["MyShop", "1.2"], ("MyShop",), ("MyShop", 1.2), ("a", "b", "c"), ()])
def test_app_info_that_is_not_a_name_and_a_version(value) -> None:
    assert config_error(app_info=value) == 'app_info is not a name and a version, such as ("MyShop", "1.2")'


@pytest.mark.parametrize("value", ["", "My Shop", "a/b", "a\r\nX: y", "a(b)", "é", "a\0"])
def test_app_info_with_characters_that_would_end_it(value) -> None:
    for given in ((value, "1.2"), ("MyShop", value)):
        assert "app_info contains other characters" in config_error(app_info=given)


def test_extras_add_to_those_that_are_there() -> None:
    first = config().with_changes(
        extra_headers={"X-Feature": "a b"},
        extra_query={"expand": "fees", "page": 2},
        extra_body={"channel": {"a": [1]}},
    )
    second = first.with_changes(extra_headers={"X-Other": "1"}, extra_query={"page": 3}, extra_body={"note": None})
    assert second.extra_headers == {"X-Feature": "a b", "X-Other": "1"}
    assert second.extra_query == {"expand": "fees", "page": 3}
    assert second.extra_body == {"channel": {"a": [1]}, "note": None}
    assert dict(second.headers)[b"X-Feature"] == b"a b"
    assert set(config().headers) < set(second.headers)
    assert (config().extra_headers, config().extra_query, config().extra_body) == ({}, {}, {})
    assert first.extra_query == {"expand": "fees", "page": 2}


def test_a_header_replaces_one_of_the_same_name_in_another_case() -> None:
    made = config().with_changes(extra_headers={"X-Feature": "a"}).with_changes(extra_headers={"x-feature": "b"})
    assert made.extra_headers == {"x-feature": "b"}
    assert [value for name, value in made.headers if name.lower() == b"x-feature"] == [b"b"]


def test_an_extra_body_is_a_copy() -> None:
    tags = ["a"]
    made = config().with_changes(extra_body={"tags": tags})
    tags.append("b")
    assert made.extra_body == {"tags": ["a"]}


def extras_error(**extras: Any) -> str:
    with pytest.raises(lomi.LomiConfigurationError) as caught:
        config().with_changes(**extras)
    assert "s3cret" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("option", ["extra_headers", "extra_query", "extra_body"])
@pytest.mark.parametrize("value", ["a=b", [("a", "b")], 5])
def test_extras_that_are_no_mapping(option, value) -> None:
    assert extras_error(**{option: value}) == f"{option} is not a mapping but {type(value).__name__}"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Accept",
            "ACCEPT-ENCODING",
            "authorization",
            "Connection",
            "Content-Length",
            "content-type",
            "Cookie",
            "Host",
        ),
        *("Idempotency-Key", "Lomi-Account", "Proxy-Authorization", "TE", "Transfer-Encoding", "Upgrade"),
        *("User-Agent", "X-API-KEY", "x-api-key", "X-Request-Id", "Content-Encoding", "Proxy-Connection"),
    ],
)
def test_headers_that_the_client_sets_itself(name) -> None:
    said = extras_error(extra_headers={name: "s3cret"})
    assert said == f"extra_headers cannot set {name}, which the client sets itself"


@pytest.mark.parametrize("name", ["", "X Y", "X:", "X\r\nHost", "é", 5, None])
def test_names_that_no_header_has(name) -> None:
    assert extras_error(extra_headers={name: "s3cret"}) == "extra_headers has a name that is no header name"


@pytest.mark.parametrize(
    "value", ["", " s3cret", "s3cret ", "s3cret\r\nHost: x", "s3cret\t", "s3cret\0", "s3cret é", 5, None]
)
def test_values_that_no_header_has(value) -> None:
    said = extras_error(extra_headers={"X-Feature": value})
    assert said == "the value of X-Feature in extra_headers is not printable ASCII text"


@pytest.mark.parametrize("name", ["", "a\0", "\ud800", 5])
def test_names_that_no_query_parameter_has(name) -> None:
    assert extras_error(extra_query={name: "s3cret"}) == "extra_query has a name that is not text"


@pytest.mark.parametrize("value", ["", "s3cret\0", "s3cret\ud800", None, True, 1.5, ["s3cret"]])
def test_values_that_no_query_parameter_has(value) -> None:
    said = extras_error(extra_query={"expand": value})
    assert said == "the value of expand in extra_query is neither text nor a whole number"


@pytest.mark.parametrize("body", [{"a": object()}, {5: "s3cret"}, {"a": "s3cret\0"}, {"a": float("nan")}, {"a": 2**53}])
def test_an_extra_body_that_is_not_json(body) -> None:
    assert "extra_body" in extras_error(extra_body=body)


def test_the_error_of_an_extra_body_is_read_in_the_language_of_the_reader() -> None:
    with pytest.raises(lomi.LomiConfigurationError) as caught:
        config().with_changes(extra_body={"a": float("nan")})
    english = str(caught.value)
    with lomi.language("fr"):
        assert str(caught.value) != english
