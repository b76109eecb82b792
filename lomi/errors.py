"""Everything that can go wrong, as one tree.

    LomiError
    ├── LomiConfigurationError          the client is set up wrongly; nothing was sent
    ├── LomiValidationError             an argument is wrong; nothing was sent
    ├── LomiConnectionError             no usable response arrived
    │   └── LomiTimeoutError            ... within the time allowed
    ├── LomiResponseError               the response is not what the API documents
    ├── LomiPartialWriteError           a customer was created without its metadata
    ├── LomiReconcileError              it cannot be determined whether a create happened
    ├── LomiWebhookSignatureError       a webhook is not signed with your secret
    ├── LomiWebhookPayloadError         ... is, but its body is not an event
    └── LomiAPIError                    the API returned an error
        ├── LomiBadRequestError             400  BAD_REQUEST
        │   └── LomiMissingParameterError        MISSING_PARAMETER
        ├── LomiAuthError                   401  UNAUTHORIZED
        ├── LomiPermissionError             403  FORBIDDEN
        ├── LomiNotFoundError               404  NOT_FOUND
        │   └── LomiMerchantNotFoundError        MERCHANT_NOT_FOUND
        ├── LomiConflictError               409  CONFLICT
        ├── LomiRateLimitError              429  RATE_LIMIT_EXCEEDED
        └── LomiServerError                 5xx  INTERNAL_ERROR
            ├── LomiDatabaseError                DATABASE_ERROR
            ├── LomiRefundLedgerError            a refund that is not recorded yet
            └── LomiServiceUnavailableError 503  SERVICE_UNAVAILABLE
Each class documents what to do next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal, NamedTuple, TypedDict

from typing_extensions import Unpack, override

from ._i18n.language import Language, Message, ambient_language, effective_language, join, printable, render, shortened

__all__ = [
    "FieldError", "LomiAPIError", "LomiAuthError", "LomiBadRequestError", "LomiConfigurationError",
    "LomiConflictError", "LomiConnectionError", "LomiDatabaseError", "LomiError", "LomiMerchantNotFoundError",
    "LomiMissingParameterError", "LomiNotFoundError", "LomiPartialWriteError", "LomiPermissionError",
    "LomiRateLimitError", "LomiReconcileError", "LomiRefundLedgerError", "LomiResponseError", "LomiServerError",
    "LomiServiceUnavailableError", "LomiTimeoutError", "LomiValidationError", "LomiWebhookPayloadError",
    "LomiWebhookSignatureError", "Outcome", "error_class",
]  # fmt: skip

Outcome = Literal["not_sent", "rejected", "unknown"]
"""Whether the operation happened. ``not_sent``: no, nothing left this machine. ``rejected``: no, the server refused it.
``unknown``: it may have happened."""


class ErrorContext(TypedDict, total=False):
    """The attributes that every error can be constructed with; see `LomiError`."""

    outcome: Outcome | None
    attempts: int
    request_id: str | None
    method: str | None
    path: str | None


class LomiError(Exception):
    """The base class of every error of this package.

    Its text is made when it is read: in the language of the surrounding `lomi.language` block, else in that in
    which it was raised, else in that of ``LOMI_LANG``, else in English.

    Attributes:
        outcome: ``"not_sent"``, ``"rejected"`` or ``"unknown"``: the worst of all attempts of the call. Defaults to
            ``"unknown"`` when constructed by hand, unless the class implies more.
        attempts: How many requests were sent for this call; 0 when it failed before any I/O.
        request_id: The id to give to support: that of the response, else the one that this client sent, or None.
        method: The HTTP method, or None when no request was involved.
        path: The path template, such as ``/customers/{id}`` (never the ids), or None.
        idempotency_key: What makes the call safe to repeat, for a create that the API takes one for; else None.
    """

    idempotency_key: str | None = None
    _default_outcome: ClassVar[Outcome] = "unknown"
    _shows_doubt: ClassVar[bool] = True
    # What a create with an unknown outcome sent, for ``customers.reconcile``; its repr shows nothing of it.
    _sent_request: object | None = None

    def __init__(self, message: str = "", **context: Unpack[ErrorContext]) -> None:
        super().__init__(message)
        self._raised_in: Language | None = ambient_language()
        self.outcome: Outcome = context.get("outcome") or self._default_outcome
        self.attempts: int = context.get("attempts", 0)
        self.request_id: str | None = context.get("request_id")
        self.method: str | None = context.get("method")
        self.path: str | None = context.get("path")

    @property
    def message(self) -> str:
        """What went wrong, without the request."""
        return self._render(self.args[0])

    def _render(self, text: str) -> str:
        return render(text, effective_language(self._raised_in))

    def __str__(self) -> str:
        """Return at most 500 printable characters; the request at the end is never cut off."""
        head, tail = self._head(), self._tail()
        return shortened(f"{head}: {self.message}" if head else self.message, tail, 500)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def _head(self) -> str:
        return ""

    def _tail(self) -> str:
        if not self.attempts:
            return ""
        parts: list[str] = [Message("request {}", printable(self.request_id)[:64])] if self.request_id else []
        parts += [f"{self.method} {self.path}"[:160]] if self.method else []
        parts += [Message("{} attempts", self.attempts) if self.attempts > 1 else Message("1 attempt")]
        if self._shows_doubt and self.outcome == "unknown" and self.method != "GET":
            parts.append(Message("it may have happened"))
        return f" ({self._render(join(', ', parts))})"


class LomiConfigurationError(LomiError):
    """The client is set up wrongly: no key, a key of the other environment, plain http, a closed client.

    What to do: fix the argument or the environment variable that the message names. Nothing was sent.
    """

    _default_outcome: ClassVar[Outcome] = "not_sent"


class FieldError(NamedTuple):
    """One problem with one argument, as listed in `LomiValidationError.errors`."""

    field: str
    """The argument, and the place inside it: ``metadata.tags[2]``."""
    problem: str
    """What is wrong with it. Never contains the value."""
    hint: str
    """How to fix it."""

    def __str__(self) -> str:
        return render(Message("{} {} ({})", *self), effective_language())


class LomiValidationError(LomiError, ValueError):
    """An argument is wrong. Raised before any I/O: nothing was sent.

    What to do: show `errors` to the person who entered the data, or fix the call. It is also a `ValueError`.
    """

    _default_outcome: ClassVar[Outcome] = "not_sent"

    def __init__(self, message: str = "", *, operation: str | None = None, errors: Iterable[FieldError] = ()) -> None:
        self._errors = tuple(errors)
        if not message:
            message = join("; ", [Message("{} {} ({})", *each) for each in self._errors])
            message = Message("{}: {}", operation, message) if operation else message
        super().__init__(message)

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """One `FieldError` (field, problem, hint) for each thing that is wrong, all of them at once."""
        return tuple(FieldError(*map(self._render, each)) for each in self._errors)


class LomiConnectionError(LomiError):
    """No usable response arrived: the name did not resolve, the connection was refused or lost.

    What to do: with an `outcome` of ``"not_sent"``, try again. With ``"unknown"``, check before you repeat a write.
    """


class LomiTimeoutError(LomiConnectionError):
    """No response arrived within ``timeout`` seconds for the whole call, or within a surrounding `lomi.deadline`.

    What to do: as for `LomiConnectionError`; raise ``timeout`` if the link is known to be slow.
    """


class LomiResponseError(LomiError):
    """The response is not what the API documents: not JSON, too large, a redirect, a missing id.

    What to do: check ``base_url`` (a proxy, a captive portal or another server may have responded). A write with an
    `outcome` of ``"unknown"`` may have happened although its response cannot be read.

    Attributes:
        status_code: The HTTP status of that response, or None when not even that could be read.
    """

    def __init__(self, message: str = "", *, status_code: int | None = None, **context: Unpack[ErrorContext]) -> None:
        super().__init__(message, **context)
        self.status_code = status_code


class LomiPartialWriteError(LomiError):
    """A customer was created, but the API lost its metadata, and writing it again failed.

    What to do: do not create it again. Write the metadata with ``customers.update(error.customer_id, ...)``.

    Attributes:
        customer_id: The id of the customer, which exists without its metadata; None when constructed by hand.
    """

    _shows_doubt: ClassVar[bool] = False

    def __init__(self, message: str = "", *, customer_id: str | None = None, **context: Unpack[ErrorContext]) -> None:
        super().__init__(message, **context)
        self.customer_id = customer_id


class LomiReconcileError(LomiError):
    """It cannot be determined whether a create happened: several customers match, or one that lacks the data to tell.

    What to do: have a person look at the candidates. A ``reference`` passed to ``customers.create`` prevents this.

    Attributes:
        candidate_ids: The ids of the customers that match, at least one.
    """

    def __init__(
        self, message: str = "", *, candidate_ids: Iterable[str] = (), **context: Unpack[ErrorContext]
    ) -> None:
        super().__init__(message, **context)
        self.candidate_ids: tuple[str, ...] = tuple(candidate_ids)


class LomiWebhookSignatureError(LomiError):
    """A webhook has no signature, one of another secret or body, or is older than ``max_age``.

    What to do: refuse it. If lomi. has sent it, check the secret, and that the body is the bytes as received.
    """

    _default_outcome: ClassVar[Outcome] = "not_sent"


class LomiWebhookPayloadError(LomiError):
    """A webhook's signature is right, but its body is not a JSON object with the name of an event.

    What to do: refuse it; it is the same when it comes again. Its delivery log on the dashboard shows what was sent.
    """

    _default_outcome: ClassVar[Outcome] = "not_sent"


class LomiAPIError(LomiError):
    """The API returned an error. Its subclasses are the known ones; this class itself stands for any other.

    What to do: read `code` and `message`, which is the API's own, in English; give `request_id` to support.

    Attributes:
        status_code: The HTTP status.
        code: The API's error code in upper case, such as ``MERCHANT_NOT_FOUND``; None when the response has none.
        details: What the API added: a string, a mapping, a list or None.
        headers: The headers of the response; names are lower case and looked up in any case.
        body: The body of the response as received, at most 1 MiB.
    """

    _default_outcome: ClassVar[Outcome] = "rejected"

    def __init__(
        self,
        message: str = "",
        *,
        status_code: int = 0,
        code: str | None = None,
        details: Any = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        **context: Unpack[ErrorContext],
    ) -> None:
        super().__init__(message, **context)
        self.status_code = status_code
        self.code: str | None = code.upper() if code else None
        self.details: Any = details
        self.headers: Mapping[str, str] = {} if headers is None else headers
        self.body = body

    @override
    def _head(self) -> str:
        return f"{self.status_code} {printable(self.code)[:64]}" if self.code else f"{self.status_code}"


class LomiBadRequestError(LomiAPIError):
    """The API rejected the request as malformed (400).

    What to do: read `message` and `details`, fix the call; repeating it unchanged fails again.
    """


class LomiMissingParameterError(LomiBadRequestError):
    """A parameter that the API requires is missing (400 ``MISSING_PARAMETER``).

    What to do: add the parameter that `message` names.
    """


class LomiAuthError(LomiAPIError):
    """The API did not accept the key (401).

    What to do: check the key and its environment. A valid key also gets a 401 when a quota is used up: see `message`.
    """


class LomiPermissionError(LomiAPIError):
    """The key may not access this object (403), for instance another merchant's figures.

    What to do: use the merchant id that belongs to the key.
    """


class LomiNotFoundError(LomiAPIError):
    """The object does not exist, was deleted, or belongs to another organisation (404).

    What to do: check the id. For merchant figures the API also returns 404 when its database fails: read `message`.
    """


class LomiMerchantNotFoundError(LomiNotFoundError):
    """No merchant has this id (404 ``MERCHANT_NOT_FOUND``).

    What to do: check the merchant id; it is on the dashboard and differs from the organization id.
    """


class LomiConflictError(LomiAPIError):
    """The request contradicts an earlier one (409), such as an idempotency key used with another body.

    What to do: use a new idempotency key for a new operation. This client never repeats such a request.
    """


class LomiRateLimitError(LomiAPIError):
    """Too many requests (429), and the wait is longer than this client waits by itself, or retries ran out.

    What to do: wait `retry_after` seconds and call again; nothing was done.

    Attributes:
        retry_after: Seconds to wait, or None when the API named none.
        limit: How many requests the API allows in its window, or None.
    """

    retry_after: float | None = None
    limit: int | None = None


class LomiServerError(LomiAPIError):
    """The API failed (5xx). The lomi. API also returns 500 for input that it cannot handle.

    What to do: reads have been retried already; before you repeat a create, check whether it happened.
    """

    _default_outcome: ClassVar[Outcome] = "unknown"


class LomiDatabaseError(LomiServerError):
    """The API's database failed (500 ``DATABASE_ERROR``).

    What to do: as for `LomiServerError`.
    """


class LomiRefundLedgerError(LomiServerError):
    """The card processor has refunded a payment, but lomi. failed to record it (500 on ``refunds.create``).

    What to do: never repeat it. The money has moved, and the record is put right: see ``refunds.list`` later.
    """


class LomiServiceUnavailableError(LomiServerError):
    """The API is down or overloaded (503).

    What to do: as for `LomiServerError`; wait longer between attempts.
    """


# Status, code and class: the only such table. A code without a status is that of a subclass.
_KNOWN: tuple[tuple[int | None, str, type[LomiAPIError]], ...] = (
    (400, "BAD_REQUEST", LomiBadRequestError),
    (None, "MISSING_PARAMETER", LomiMissingParameterError),
    (401, "UNAUTHORIZED", LomiAuthError),
    (403, "FORBIDDEN", LomiPermissionError),
    (404, "NOT_FOUND", LomiNotFoundError),
    (None, "MERCHANT_NOT_FOUND", LomiMerchantNotFoundError),
    (409, "CONFLICT", LomiConflictError),
    (429, "RATE_LIMIT_EXCEEDED", LomiRateLimitError),
    (500, "INTERNAL_ERROR", LomiServerError),
    (None, "DATABASE_ERROR", LomiDatabaseError),
    (503, "SERVICE_UNAVAILABLE", LomiServiceUnavailableError),
)
BY_CODE: Mapping[str, type[LomiAPIError]] = {code: kind for _, code, kind in _KNOWN}
BY_STATUS: Mapping[int, type[LomiAPIError]] = dict.fromkeys(range(500, 600), LomiServerError) | {
    status: kind for status, _, kind in _KNOWN if status
}


def error_class(status: int, code: str | None) -> type[LomiAPIError]:
    """Return the class for an error response: by its code in any case, else by its status, else `LomiAPIError`."""
    return BY_CODE.get((code or "").upper(), BY_STATUS.get(status, LomiAPIError))
