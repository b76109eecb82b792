"""What a client is configured with: checked once, immutable, and safe to print."""

from __future__ import annotations

import ipaddress
import os
import platform
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from typing_extensions import Self

from .._i18n.language import Message
from .._version import __version__
from ..errors import FieldError, LomiConfigurationError
from ..params._base import is_loopback
from ..params._json import json_value
from .api_key import ApiKey, Environment, checked_environment, header_problem
from .deadline import is_duration

__all__ = ["UNCHANGED", "Config", "Environment", "Unchanged"]

HOSTS: Mapping[Environment, str] = {
    "live": "https://api.lomi.africa",
    "test": "https://sandbox.api.lomi.africa",
}

# Headers that the client sets itself, and those that decide about the connection.
_OWN_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "host",
        "idempotency-key",
        "keep-alive",
        "lomi-account",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-api-key",
        "x-lomi-api-key",
        "x-request-id",
    }
)
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class Unchanged:
    """The type of `UNCHANGED`, which stands for an option that ``with_options`` was not given."""

    def __repr__(self) -> str:
        return "UNCHANGED"


UNCHANGED = Unchanged()


class Config:
    """The configuration of one client. The attributes are read-only by convention."""

    __slots__ = (
        *("account", "app_info", "base_url", "environment", "extra_body", "extra_headers", "extra_query", "headers"),
        *("host", "key", "max_retries", "port", "prefix", "secure", "timeout"),
    )

    key: ApiKey
    environment: Environment
    base_url: str
    """Where the API is, without a slash at the end."""
    account: str | None
    timeout: float | None
    max_retries: int
    app_info: tuple[str, str] | None
    extra_headers: Mapping[str, str]
    extra_query: Mapping[str, str | int]
    extra_body: Mapping[str, Any]
    secure: bool
    host: str
    port: int
    prefix: bytes
    """The path of ``base_url``, which is put in front of every path."""
    headers: tuple[tuple[bytes, bytes], ...]
    """What every request carries; the key is not among them."""

    @classmethod
    def from_options(
        cls,
        key: ApiKey,
        environment: Environment | None,
        base_url: str | None,
        account: str | None,
        timeout: float | None,
        max_retries: int,
        app_info: tuple[str, str] | None = None,
    ) -> Self:
        """Return the checked configuration. Arguments take precedence over environment variables, these over defaults.

        Raises:
            LomiConfigurationError: One of the values cannot work; the message says which, and what to do.
        """
        environment = checked_environment(environment)
        key.check()
        config = cls()
        config.key = key
        config.environment = key.environment or environment or "live"
        url = _base_url(
            base_url if base_url is not None else os.environ.get("LOMI_BASE_URL") or HOSTS[config.environment]
        )
        config.base_url = url.geturl()
        config.account = _account(account)
        config.timeout = _timeout(timeout)
        config.max_retries = _max_retries(max_retries)
        config.app_info = _app_info(app_info)
        config.extra_headers, config.extra_query, config.extra_body = {}, {}, {}
        config.secure = url.scheme == "https"
        config.host = url.hostname or ""
        config.port = url.port or (443 if config.secure else 80)
        config.prefix = url.path.encode("ascii")
        config.headers = _headers(config)
        return config

    def with_changes(
        self,
        *,
        timeout: float | None | Unchanged = UNCHANGED,
        max_retries: int | Unchanged = UNCHANGED,
        account: str | None | Unchanged = UNCHANGED,
        extra_headers: Mapping[str, str] | None = None,
        extra_query: Mapping[str, str | int] | None = None,
        extra_body: Mapping[str, Any] | None = None,
    ) -> Self:
        """Return a copy with the given options in place of its own; the extras add to those that it has.

        Raises:
            LomiConfigurationError: One of them cannot work.
        """
        config = type(self)()
        for name in self.__slots__:
            setattr(config, name, getattr(self, name))
        if not isinstance(timeout, Unchanged):
            config.timeout = _timeout(timeout)
        if not isinstance(max_retries, Unchanged):
            config.max_retries = _max_retries(max_retries)
        if not isinstance(account, Unchanged):
            config.account = _account(account)
        added = _extra_headers(extra_headers)
        replaced = {name.lower() for name in added}
        kept = {name: value for name, value in self.extra_headers.items() if name.lower() not in replaced}
        config.extra_headers = {**kept, **added}
        config.extra_query = {**self.extra_query, **_extra_query(extra_query)}
        config.extra_body = {**self.extra_body, **_extra_body(extra_body)}
        config.headers = _headers(config)
        return config

    @property
    def scope(self) -> tuple[str, str | None]:
        """The base URL and the account: whose data a call is about, as far as it can be told without the key."""
        return self.base_url, self.account

    def __repr__(self) -> str:
        shown = ("environment", "base_url", "account", "timeout", "max_retries")
        if not all(hasattr(self, name) for name in shown):  # in the traceback of a check that failed
            return "Config(…)"
        return f"Config({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"


def _headers(config: Config) -> tuple[tuple[bytes, bytes], ...]:
    agent = f"lomi-python/{__version__} python/{platform.python_version()}"
    if config.app_info is not None:
        agent += f" {config.app_info[0]}/{config.app_info[1]}"
    headers = {
        "Host": urlsplit(config.base_url).netloc,
        "Accept": "application/json",
        # Some servers send deflate without its zlib header: it is not offered.
        "Accept-Encoding": "gzip",
        "User-Agent": agent,
        **({"Lomi-Account": config.account} if config.account else {}),
        **config.extra_headers,
    }
    return tuple((name.encode("ascii"), value.encode("ascii")) for name, value in headers.items())


def _account(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise LomiConfigurationError(Message("{} is not a string but {}", "account", type(value).__name__))
    if problem := header_problem(value):
        # An empty Lomi-Account makes the API act on the operator's own organisation.
        raise LomiConfigurationError(
            Message("account {}: pass an id such as acct_…, or None for your own organisation", problem)
        )
    return value


def _base_url(value: Any) -> SplitResult:
    if not isinstance(value, str):
        raise LomiConfigurationError(Message("{} is not a string but {}", "base_url", type(value).__name__))
    if not value.isascii() or not value.isprintable() or " " in value:
        raise LomiConfigurationError(Message("base_url contains a space, a control character or one that is not ASCII"))
    try:
        url = urlsplit(value.rstrip("/"))
        host, _ = url.hostname, url.port
        (host or "").encode("idna")  # refuses labels that are empty or too long
        if host and host.replace(".", "").isdigit():
            ipaddress.ip_address(host)
    except ValueError:
        host, url = None, None
    if url is None:
        raise LomiConfigurationError(Message("base_url is not a URL: pass something like {}", HOSTS["live"]))
    if "@" in url.netloc:
        raise LomiConfigurationError(
            Message("base_url contains user information: pass the key as api_key=, and no password")
        )
    if url.scheme not in ("http", "https") or not host:
        raise LomiConfigurationError(Message("base_url is not an https URL: pass something like {}", HOSTS["live"]))
    if "?" in value or "#" in value:
        raise LomiConfigurationError(Message("base_url contains a query or a fragment: leave it out"))
    # Not its subdomains: the system may ask a name server for them, and the key would follow the response.
    if url.scheme == "http" and not is_loopback(host):
        raise LomiConfigurationError(
            Message(
                "base_url is plain http, which would show your key to the network: use https "
                "(plain http is accepted for localhost only)"
            )
        )
    return url


def _timeout(value: float | None) -> float | None:
    if value is None or is_duration(value):
        return value
    raise LomiConfigurationError(Message("timeout is not a positive number of seconds; None means no limit"))


def _max_retries(value: Any) -> int:
    if type(value) is int and 0 <= value <= 100:
        return value
    raise LomiConfigurationError(Message("max_retries is not a whole number from 0 to 100"))


def _app_info(value: tuple[str, str] | None) -> tuple[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, tuple) or [type(each) for each in value] != [str, str]:  # type: ignore[redundant-expr]
        raise LomiConfigurationError(Message('app_info is not a name and a version, such as ("MyShop", "1.2")'))
    if not all(_TOKEN.fullmatch(each) for each in value):
        raise LomiConfigurationError(
            Message("app_info contains other characters than letters, digits and any of !#$%&'*+.^_`|~-")
        )
    return value


def _extra_headers(value: Mapping[str, str] | None) -> dict[str, str]:
    for name, each in _mapping("extra_headers", value).items():
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            raise LomiConfigurationError(Message("extra_headers has a name that is no header name"))
        if name.lower() in _OWN_HEADERS:
            raise LomiConfigurationError(Message("extra_headers cannot set {}, which the client sets itself", name))
        if (
            not isinstance(each, str)
            or not each.isascii()
            or not each.isprintable()
            or each != each.strip()
            or not each
        ):
            raise LomiConfigurationError(Message("the value of {} in extra_headers is not printable ASCII text", name))
    return dict(value or {})


def _extra_query(value: Mapping[str, str | int] | None) -> dict[str, str | int]:
    for name, each in _mapping("extra_query", value).items():
        if not isinstance(name, str) or not name or not _is_text(name):
            raise LomiConfigurationError(Message("extra_query has a name that is not text"))
        if type(each) is not int and not (isinstance(each, str) and each and _is_text(each)):
            raise LomiConfigurationError(
                Message("the value of {} in extra_query is neither text nor a whole number", name)
            )
    return dict(value or {})


def _extra_body(value: Mapping[str, Any] | None) -> dict[str, Any]:
    problems: list[FieldError] = []
    copy: dict[str, Any] = json_value("extra_body", _mapping("extra_body", value), problems)
    if problems:
        raise LomiConfigurationError(Message("{} {} ({})", *problems[0]))
    return copy


def _mapping(option: str, value: Mapping[str, Any] | None) -> Mapping[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise LomiConfigurationError(Message("{} is not a mapping but {}", option, type(value).__name__))
    return value


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value
