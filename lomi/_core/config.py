"""What a client is set up with: checked once, frozen, and safe to print."""

from __future__ import annotations

import ipaddress
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args
from urllib.parse import SplitResult, urlsplit

from .._i18n.language import Message
from .._version import __version__
from ..errors import LomiConfigurationError
from .deadline import is_duration

__all__ = ["UNCHANGED", "ApiKey", "Config", "Environment", "Unchanged", "changed", "resolve"]

Environment = Literal["live", "test"]
"""Where a key belongs, and a client works."""

HOSTS: dict[Environment, str] = {
    "live": "https://api.lomi.africa",
    "test": "https://sandbox.api.lomi.africa",
}
_KEY_PREFIXES: dict[str, Environment] = {"lomi_sk_live_": "live", "lomi_sk_test_": "test"}


class ApiKey:
    """The one holder of the key. Printing, pickling or looking at its attributes does not give the key away.

    Nothing that raises keeps the key in a variable, so that no traceback shows it.
    """

    __slots__ = ("_reveal", "_source")

    def __init__(self, given: str | None) -> None:
        self._source = "LOMI_API_KEY" if given is None else "api_key"
        key: Any = os.environ.get("LOMI_API_KEY") if given is None else given
        self._reveal: Callable[[], Any] = lambda: key

    def check(self) -> None:
        """Make sure that there is a key, and that it can be one.

        Raises:
            LomiConfigurationError: It cannot; the message says why, without the key.
        """
        if self._reveal() is None:
            raise LomiConfigurationError(
                Message(
                    "no API key: set the environment variable LOMI_API_KEY, or pass api_key=; "
                    "keys are on the dashboard and start with lomi_sk_test_ or lomi_sk_live_"
                )
            )
        if not isinstance(self._reveal(), str):
            kind = type(self._reveal()).__name__
            raise LomiConfigurationError(Message("{} is not a string but {}", self._source, kind))
        if problem := _header_problem(self._reveal()):
            hint = Message("copy it again, without anything around it")
            raise LomiConfigurationError(Message("your key {} ({}): {}", problem, self._source, hint))
        if self._reveal().startswith("lomi_pk_"):
            raise LomiConfigurationError(
                Message("{} is a publishable key (lomi_pk_…): use the secret key, lomi_sk_…", self._source)
            )

    @property
    def environment(self) -> Environment | None:
        """What the key says it is for, or None when it does not say."""
        return next((name for prefix, name in _KEY_PREFIXES.items() if self._reveal().startswith(prefix)), None)

    def header(self) -> tuple[bytes, bytes]:
        """Return the header to put on a request, at the last moment."""
        return (b"X-API-KEY", self._reveal().encode("ascii"))

    def redact(self, text: bytes) -> bytes:
        """Return the text without the key, for answers that echo what was sent."""
        return text.replace(self._reveal().encode("ascii"), b"[key]")

    def __repr__(self) -> str:
        return "ApiKey('lomi_sk_…')"

    def __reduce__(self) -> str:
        raise TypeError("an API key cannot be pickled or copied: create the client where it is used")


@dataclass(frozen=True)
class Config:
    """What one client works with."""

    key: ApiKey
    environment: Environment
    base_url: str
    account: str | None
    timeout: float | None
    max_retries: int
    secure: bool = field(repr=False)
    host: str = field(repr=False)
    port: int = field(repr=False)
    prefix: bytes = field(repr=False)
    """The path of ``base_url``, which is put in front of every path."""
    headers: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    """What every request carries; the key is not among them."""

    @property
    def scope(self) -> tuple[str, str | None]:
        """Whose data a call is about, as far as it can be told without the key."""
        return self.base_url, self.account


class Unchanged:
    """The type of `UNCHANGED`: what ``with_options`` was not given, since None means something there."""

    def __repr__(self) -> str:
        return "UNCHANGED"


UNCHANGED = Unchanged()


def resolve(
    key: ApiKey,
    environment: Environment | None,
    base_url: str | None,
    account: str | None,
    timeout: float | None,
    max_retries: int,
) -> Config:
    """Return the checked configuration; arguments beat environment variables beat defaults.

    Raises:
        LomiConfigurationError: One of the values cannot work; the message says which, and what to do.
    """
    key.check()
    if environment is not None and environment not in get_args(Environment):
        raise LomiConfigurationError(Message('environment is neither "test" nor "live"'))
    if key.environment and environment and key.environment != environment:
        raise LomiConfigurationError(
            Message(
                'this is a {} key (lomi_sk_{}_…), but environment="{}": '
                "use a key that starts with lomi_sk_{}_, or leave environment out",
                key.environment,
                key.environment,
                environment,
                environment,
            )
        )
    chosen: Environment = key.environment or environment or "live"
    url = _base_url(base_url if base_url is not None else os.environ.get("LOMI_BASE_URL") or HOSTS[chosen])
    account = _account(account)
    return Config(
        key=key,
        environment=chosen,
        base_url=url.geturl(),
        account=account,
        timeout=_timeout(timeout),
        max_retries=_max_retries(max_retries),
        secure=url.scheme == "https",
        host=url.hostname or "",
        port=url.port or (443 if url.scheme == "https" else 80),
        prefix=url.path.encode("ascii"),
        headers=_headers(url.netloc, account),
    )


def changed(
    config: Config,
    *,
    timeout: float | None | Unchanged,
    max_retries: int | Unchanged,
    account: str | None | Unchanged,
) -> Config:
    """Return a copy with the given options in place of its own."""
    if not isinstance(timeout, Unchanged):
        config = replace(config, timeout=_timeout(timeout))
    if not isinstance(max_retries, Unchanged):
        config = replace(config, max_retries=_max_retries(max_retries))
    if not isinstance(account, Unchanged):
        account = _account(account)
        headers = _headers(urlsplit(config.base_url).netloc, account)
        config = replace(config, account=account, headers=headers)
    return config


def _headers(netloc: str, account: str | None) -> tuple[tuple[bytes, bytes], ...]:
    common = (
        (b"Host", netloc.encode("ascii")),
        (b"Accept", b"application/json"),
        (b"Accept-Encoding", b"gzip, deflate"),
        (b"User-Agent", f"lomi-python/{__version__} python/{platform.python_version()}".encode("ascii")),
    )
    return (*common, (b"Lomi-Account", account.encode("ascii"))) if account else common


def _account(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise LomiConfigurationError(Message("{} is not a string but {}", "account", type(value).__name__))
    if problem := _header_problem(value):
        # An empty Lomi-Account makes the API act on the operator's own organisation.
        raise LomiConfigurationError(
            Message("account {}: pass an id such as acct_…, or None for your own organisation", problem)
        )
    return value


def _header_problem(value: str) -> Message | None:
    """Return what keeps a text from being a header value, or None."""
    if not value.strip():
        return Message("is empty")
    if value.endswith(("\n", "\r")):
        return Message("ends with a newline")
    if not value.isascii():
        return Message("contains a character that is not ASCII")
    if "\n" in value or "\r" in value:
        return Message("contains a newline")
    if " " in value or "\t" in value:
        return Message("contains a space")
    if value[0] in "\"'":  # as an env file leaves them, and the key would no longer say that it is for test
        return Message("is in quotes")
    return None if value.isprintable() else Message("contains a control character")


def _base_url(value: Any) -> SplitResult:
    if not isinstance(value, str):
        raise LomiConfigurationError(Message("{} is not a string but {}", "base_url", type(value).__name__))
    if not value.isascii() or not value.isprintable() or " " in value:
        raise LomiConfigurationError(Message("base_url contains a space, a control character or one that is not ASCII"))
    try:
        url = urlsplit(value.rstrip("/"))
        host, _ = url.hostname, url.port
    except ValueError:
        raise LomiConfigurationError(Message("base_url is not a URL: pass something like {}", HOSTS["live"])) from None
    if "@" in url.netloc:
        raise LomiConfigurationError(
            Message("base_url contains user information: pass the key as api_key=, and no password")
        )
    if url.scheme not in ("http", "https") or not host:
        raise LomiConfigurationError(Message("base_url is not an https URL: pass something like {}", HOSTS["live"]))
    if "?" in value or "#" in value:
        raise LomiConfigurationError(Message("base_url contains a query or a fragment: leave it out"))
    if url.scheme == "http" and not is_loopback(host):
        raise LomiConfigurationError(
            Message(
                "base_url is plain http, which would show your key to the network: use https "
                "(plain http is accepted for localhost only)"
            )
        )
    return url


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine: ``localhost``, 127.0.0.0/8 or ::1."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _timeout(value: float | None) -> float | None:
    if value is None or is_duration(value):
        return value
    raise LomiConfigurationError(Message("timeout is not a positive number of seconds; None means no limit"))


def _max_retries(value: Any) -> int:
    if type(value) is int and 0 <= value <= 100:
        return value
    raise LomiConfigurationError(Message("max_retries is not a whole number from 0 to 100"))
