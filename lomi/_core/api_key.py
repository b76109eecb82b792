"""The API key: kept out of every repr, pickle and traceback."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Literal, get_args

from .._i18n.language import Message
from ..errors import LomiConfigurationError

__all__ = ["ApiKey", "ApiKeyProvider", "Environment", "checked_environment", "environment_of", "header_problem"]

Environment = Literal["live", "test"]
"""The environment that a key belongs to."""

ApiKeyProvider = Callable[[], str] | Callable[[], Awaitable[str]]
"""A function that returns the key; async functions work with `AsyncLomiClient`."""

_PREFIXES: dict[str, Environment] = {"lomi_sk_live_": "live", "lomi_sk_test_": "test"}
# How many keys of a provider are redacted: the present one and those that an old response may still echo.
_REMEMBERED = 8


class ApiKey:
    """The only holder of the key. Its repr, its attributes and pickle do not reveal it.

    No function that can raise keeps the key in a local variable, so that no traceback shows it.
    """

    __slots__ = ("_environment", "_known", "_reveal", "_source", "provider")

    def __init__(self, given: Any, environment: Environment | None = None) -> None:
        self._source = "LOMI_API_KEY" if given is None else "api_key"
        self._environment = environment
        provider: Any = given if callable(given) else None
        self.provider: ApiKeyProvider | None = provider
        """The caller's function, asked for the key of each attempt; None for a fixed key."""
        self._reveal = _hidden(os.environ.get("LOMI_API_KEY") if given is None else given)
        self._known: deque[Callable[[], str]] = deque(maxlen=_REMEMBERED)

    def check(self) -> None:
        """Make sure that there is a key, and that it can be one of the environment.

        Raises:
            LomiConfigurationError: It cannot; the message says why, without the key.
        """
        if self.provider is not None:
            if self._environment is None:
                raise LomiConfigurationError(
                    Message('an api_key function needs environment="test" or environment="live"')
                )
        elif self._reveal() is None:
            raise LomiConfigurationError(
                Message(
                    "no API key: set the environment variable LOMI_API_KEY, or pass api_key=; keys "
                    "are on the dashboard and start with lomi_sk_test_ or lomi_sk_live_"
                )
            )
        else:
            self._check(self._reveal)
            if self.environment is None and self._environment is None:
                raise LomiConfigurationError(
                    Message(
                        "{} starts with neither lomi_sk_test_ nor lomi_sk_live_: check the key, or pass "
                        'environment="test" or environment="live"',
                        self._source,
                    )
                )

    def _check(self, reveal: Callable[[], Any]) -> None:
        if not isinstance(reveal(), str):
            raise LomiConfigurationError(Message("{} is not a string but {}", self._source, type(reveal()).__name__))
        if problem := header_problem(reveal()):
            hint = Message("copy it again, without anything around it")
            raise LomiConfigurationError(Message("your key {} ({}): {}", problem, self._source, hint))
        if reveal().startswith("lomi_pk_"):
            raise LomiConfigurationError(
                Message("{} is a publishable key (lomi_pk_…): use the secret key, lomi_sk_…", self._source)
            )
        own = environment_of(reveal())
        if own and self._environment and own != self._environment:
            raise LomiConfigurationError(
                Message(
                    'this is a {} key (lomi_sk_{}_…), but environment="{}": use a key that starts '
                    "with lomi_sk_{}_, or leave environment out",
                    own,
                    own,
                    self._environment,
                    self._environment,
                )
            )
        # Another thread may change the deque meanwhile, so a copy is read; it only shrinks after the key was added.
        earlier = [known for known in self._known.copy() if known() == reveal()]
        self._known.append(reveal)
        for known in earlier:
            with suppress(ValueError):
                self._known.remove(known)

    @property
    def environment(self) -> Environment | None:
        """The environment that the key's prefix names, or None."""
        return None if self.provider is not None else environment_of(self._reveal())

    def replace(self, provided: Any) -> None:
        """Check a key that the provider returned, and use it from now on.

        Raises:
            LomiConfigurationError: It cannot be a key of this environment.
        """
        reveal = _hidden(provided)
        del provided
        self._check(reveal)
        self._reveal = reveal

    def header(self) -> tuple[bytes, bytes]:
        """Return the header to put on a request, at the last moment."""
        return (b"X-API-KEY", self._reveal().encode("ascii"))

    def redact(self, text: bytes) -> bytes:
        """Return a text without the key, for responses that echo the request."""
        for known in self._known.copy():
            text = text.replace(known().encode("ascii"), b"[key]")
        return text

    def __repr__(self) -> str:
        return "ApiKey('lomi_sk_…')"

    def __reduce__(self) -> str:
        raise TypeError("an API key cannot be pickled or copied: create the client where it is used")


def _hidden(key: Any) -> Callable[[], Any]:
    return lambda: key


def checked_environment(value: Any) -> Environment | None:
    """Return the environment that a caller named, if any.

    Raises:
        LomiConfigurationError: It is neither.
    """
    if value is not None and value not in get_args(Environment):
        raise LomiConfigurationError(Message('environment is neither "test" nor "live"'))
    environment: Environment | None = value
    return environment


def environment_of(key: str) -> Environment | None:
    """Return the environment that a key's prefix names, or None."""
    return next((name for prefix, name in _PREFIXES.items() if key.startswith(prefix)), None)


def header_problem(value: str) -> Message | None:
    """Return why a text cannot be a header's value, or None when it can."""
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
    if value[0] in "\"'":  # as an env file leaves them
        return Message("is in quotes")
    return None if value.isprintable() else Message("contains a control character")
