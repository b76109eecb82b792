from __future__ import annotations

import copy
import pickle
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

import httpx
import pytest

import lomi
from lomi._core.api_key import ApiKey
from lomi._core.config import Config

from ..wire import LIVE_KEY, TEST_KEY
from .factories import config, config_error

PACKAGE = str(Path(lomi.__file__).parent)
pytestmark = pytest.mark.usefixtures("bare_environment")


@pytest.mark.parametrize(("key", "environment", "its"), [(TEST_KEY, "live", "test"), (LIVE_KEY, "test", "live")])
def test_a_key_of_the_other_environment(key, environment, its) -> None:
    said = config_error(key, environment=environment)
    assert f"this is a {its} key" in said
    assert f"lomi_sk_{environment}_" in said


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
        ("some-other-key-123", "starts with neither lomi_sk_test_ nor lomi_sk_live_"),
        (TEST_KEY.encode(), "is not a string but bytes"),
        (5, "is not a string but int"),
    ],
)
def test_keys_that_cannot_be_sent(key, problem, monkeypatch) -> None:
    said = config_error(key)
    assert problem in said
    assert "api_key" in said
    if isinstance(key, str) and "\0" not in key:
        monkeypatch.setenv("LOMI_API_KEY", key)
        said = config_error(None)
        assert problem in said
        assert "LOMI_API_KEY" in said


def test_no_key_at_all() -> None:
    said = config_error(None)
    assert "LOMI_API_KEY" in said
    assert "api_key=" in said


def test_a_key_without_a_known_prefix_is_refused_unless_the_environment_is_given(monkeypatch) -> None:
    """It once went to the live host."""
    assert "environment=" in config_error("some-other-key-123")
    monkeypatch.setenv("LOMI_API_KEY", "some-other-key-123")
    assert config_error(None).startswith("LOMI_API_KEY starts with neither")
    for environment in ("test", "live"):
        assert config("some-other-key-123", environment=environment).environment == environment
        assert config(None, environment=environment).environment == environment


def test_neither_repr_nor_attributes_nor_pickle_reveal_the_key() -> None:
    key = ApiKey(TEST_KEY)
    key.check()
    assert key.header() == (b"X-API-KEY", TEST_KEY.encode())
    assert key.redact(b"<" + TEST_KEY.encode() + b">") == b"<[key]>"
    seen = [repr(key), str(key), f"{key}", repr(config())]
    seen += [repr(getattr(config(), name)) for name in Config.__slots__]
    seen += [repr(getattr(key, name)) for name in ApiKey.__slots__]
    assert TEST_KEY not in "".join(seen)
    assert not hasattr(key, "__dict__")
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled or copied"):
            copied(key)


def test_no_frame_of_a_configuration_error_holds_the_key() -> None:
    for wrong in (
        {"environment": "live"},
        {"base_url": "http://example.com"},
        {"timeout": 0},
        {"account": ""},
        {"http_client": object()},
        {"transport": object()},
        {"app_info": "x"},
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


def test_a_function_needs_an_environment() -> None:
    assert config_error(lambda: TEST_KEY) == 'an api_key function needs environment="test" or environment="live"'
    made = config(lambda: TEST_KEY, environment="test")
    assert (made.environment, made.base_url) == ("test", "https://sandbox.api.lomi.africa")
    assert made.key.environment is None


def test_a_function_is_not_called_before_an_attempt() -> None:
    def provider() -> str:
        raise AssertionError

    assert config(provider, environment="test").key.provider is provider
    assert ApiKey(TEST_KEY).provider is None


@pytest.mark.parametrize(
    ("provided", "problem"),
    [
        (LIVE_KEY, "this is a live key"),
        (TEST_KEY + "\n", "your key ends with a newline"),
        ("lomi_pk_test_123", "is a publishable key"),
        ("", "your key is empty"),
        (None, "api_key is not a string but NoneType"),
        (TEST_KEY.encode(), "api_key is not a string but bytes"),
    ],
)
def test_each_key_of_a_function_is_checked(provided, problem) -> None:
    key = ApiKey(lambda: provided, "test")
    key.check()
    key.replace(TEST_KEY)
    with pytest.raises(lomi.LomiConfigurationError, match=problem) as caught:
        key.replace(provided)
    assert not provided or str(provided) not in str(caught.value)
    for frame, _ in traceback.walk_tb(caught.value.__traceback__):
        if frame.f_code.co_filename.startswith(PACKAGE):
            assert not provided or str(provided) not in str(frame.f_locals)
    # The last one that was right stays.
    assert key.header() == (b"X-API-KEY", TEST_KEY.encode())


def test_a_key_of_a_function_needs_no_known_prefix() -> None:
    key = ApiKey(lambda: "some-other-key-123", "live")
    key.check()
    key.replace("some-other-key-123")
    assert key.header() == (b"X-API-KEY", b"some-other-key-123")


def rotated(*numbers: int) -> ApiKey:
    key = ApiKey(lambda: "", "test")
    for number in numbers:
        key.replace(f"{TEST_KEY}-{number}-")
    return key


def test_rotated_keys_are_all_redacted() -> None:
    key = rotated(*range(8))
    assert key.header()[1] == f"{TEST_KEY}-7-".encode()
    assert key.redact(b" ".join(f"{TEST_KEY}-{number}-".encode() for number in range(8))) == b" ".join([b"[key]"] * 8)


def test_a_key_that_is_used_again_is_not_forgotten_before_those_that_are_not() -> None:
    key = rotated(0, 1, 0, 2, 3, 4, 5, 6, 7, 0, 8)
    for number in (0, 2, 3, 4, 5, 6, 7, 8):
        assert key.redact(f"{TEST_KEY}-{number}-".encode()) == b"[key]", number


def test_keys_that_alternate_push_no_other_out() -> None:
    key = rotated(0, *[1, 2] * 20)
    for number in (0, 1, 2):
        assert key.redact(f"{TEST_KEY}-{number}-".encode()) == b"[key]", number


def test_a_key_is_redacted_while_another_thread_takes_one() -> None:
    key, done = rotated(*range(8)), threading.Event()

    def rotate() -> None:
        for number in range(3000):
            key.replace(f"{TEST_KEY}-{number % 20}-")
        done.set()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        thread = threading.Thread(target=rotate)
        thread.start()
        while not done.is_set():
            key.redact(b"x" * 100)  # once: RuntimeError, deque mutated during iteration
        thread.join()
    finally:
        sys.setswitchinterval(interval)


class Seen:
    """Responds with 503 once, then with a success, and notes the key of each attempt."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers["X-API-KEY"])
        return httpx.Response(503 if len(self.keys) == 1 else 200, json={"id": "a"}, headers={"Retry-After": "0"})


def sync_client(provider: Any, seen: Any) -> lomi.LomiClient:
    return lomi.LomiClient(provider, environment="test", transport=httpx.MockTransport(seen))


def async_client(provider: Any, seen: Any) -> lomi.AsyncLomiClient:
    return lomi.AsyncLomiClient(provider, environment="test", transport=httpx.MockTransport(seen))


def test_a_function_is_asked_for_each_attempt() -> None:
    seen, keys = Seen(), iter(["lomi_sk_test_one", "lomi_sk_test_two"])
    assert sync_client(lambda: next(keys), seen).customers.get("a").id == "a"
    assert seen.keys == ["lomi_sk_test_one", "lomi_sk_test_two"]


@pytest.mark.anyio
async def test_an_async_function_is_asked_for_each_attempt(anyio_backend) -> None:
    seen, keys = Seen(), iter(["lomi_sk_test_one", "lomi_sk_test_two"])

    async def provider() -> str:
        return next(keys)

    assert (await async_client(provider, seen).customers.get("a")).id == "a"
    assert seen.keys == ["lomi_sk_test_one", "lomi_sk_test_two"]
    assert (await async_client(lambda: TEST_KEY, Seen()).customers.get("a")).id == "a"


def test_an_async_function_needs_the_async_client() -> None:
    async def provider() -> str:
        raise AssertionError

    seen = Seen()
    with pytest.raises(lomi.LomiConfigurationError) as caught:
        sync_client(provider, seen).customers.get("a")
    assert "AsyncLomiClient" in str(caught.value.__cause__)
    assert (seen.keys, caught.value.outcome) == ([], "not_sent")


def test_a_function_that_fails() -> None:
    seen, cause = Seen(), KeyError("vault")

    def provider() -> str:
        raise cause

    with pytest.raises(lomi.LomiConfigurationError, match="the api_key function raised KeyError") as caught:
        sync_client(provider, seen).customers.create(name="A")
    assert caught.value.__cause__ is cause
    assert (seen.keys, caught.value.outcome) == ([], "not_sent")


@pytest.mark.parametrize("second", [KeyError("vault"), LIVE_KEY])
def test_a_function_that_fails_after_an_unknown_attempt_keeps_the_outcome_unknown(second) -> None:
    seen = Seen()

    def provider() -> str:
        if not seen.keys:
            return TEST_KEY
        if isinstance(second, Exception):
            raise second
        return second

    with pytest.raises(lomi.LomiConfigurationError) as caught:
        sync_client(provider, seen).customers.delete("a")
    assert (seen.keys, caught.value.outcome, caught.value.attempts) == ([TEST_KEY], "unknown", 2)
    assert LIVE_KEY not in str(caught.value)


def test_every_key_of_a_function_is_redacted_from_what_a_response_echoes() -> None:
    used: list[str] = []

    def provider() -> str:
        used.append(f"lomi_sk_test_{len(used)}-s3cret")
        return used[-1]

    def echo(request: httpx.Request) -> httpx.Response:
        # With the key of this attempt and that of the one before.
        status = 503 if len(used) == 1 else 404
        return httpx.Response(status, json={"message": " ".join(used)}, headers={"Retry-After": "0"})

    with pytest.raises(lomi.LomiNotFoundError) as caught:
        sync_client(provider, echo).customers.get("a")
    assert caught.value.message == "[key] [key]"
    assert b"s3cret" not in caught.value.body


@pytest.mark.parametrize("provided", [TEST_KEY + "\n", KeyError("vault")])
def test_the_error_of_a_function_is_read_in_the_language_of_the_reader(provided) -> None:
    def provider() -> str:
        if isinstance(provided, Exception):
            raise provided
        return provided

    with pytest.raises(lomi.LomiConfigurationError) as caught:
        sync_client(provider, Seen()).customers.get("a")
    english = caught.value.message
    with lomi.language("fr"):
        assert caught.value.message != english
    assert caught.value.message == english
