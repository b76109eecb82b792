"""Everything that can go wrong, as one tree.

    LomiError
    ├── LomiConfigurationError          the client was set up wrongly; nothing was sent
    ├── LomiValidationError             an argument is wrong; nothing was sent
    ├── LomiConnectionError             no usable answer came
    │   └── LomiTimeoutError            ... within the time allowed
    ├── LomiResponseError               an answer came that is not what the API promises
    ├── LomiPartialWriteError           a customer was created without its metadata
    ├── LomiReconcileError              it cannot be told whether a create happened
    └── LomiAPIError                    the API answered with an error
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

Each class says what to do next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from typing_extensions import override

from ._i18n.language import Language, chosen, translated

if TYPE_CHECKING:
    from ._core.reconciliation import SentRequest

__all__ = [
    "FieldError",
    "LomiAPIError",
    "LomiAuthError",
    "LomiBadRequestError",
    "LomiConfigurationError",
    "LomiConflictError",
    "LomiConnectionError",
    "LomiDatabaseError",
    "LomiError",
    "LomiMerchantNotFoundError",
    "LomiMissingParameterError",
    "LomiNotFoundError",
    "LomiPartialWriteError",
    "LomiPermissionError",
    "LomiRateLimitError",
    "LomiReconcileError",
    "LomiRefundLedgerError",
    "LomiResponseError",
    "LomiServerError",
    "LomiServiceUnavailableError",
    "LomiTimeoutError",
    "LomiValidationError",
    "Outcome",
    "error_class",
]

Outcome = Literal["not_sent", "rejected", "unknown"]
"""Did it happen? ``not_sent``: no, nothing left this machine. ``rejected``: no, the server said so.
``unknown``: it may have happened."""

_LONGEST_TEXT = 500


class LomiError(Exception):
    """The root of every error of this package.

    Catch it to catch them all. Three attributes are on every instance and answer "did it happen?" and
    "which request was it?".

    Attributes:
        outcome: ``"not_sent"``, ``"rejected"`` or ``"unknown"``; the worst over all attempts of the call. An error that
            is made of its message alone promises nothing: ``"unknown"``, but where its class says more.
        attempts: How many requests were sent for this call; 0 when it failed before any I/O.
        request_id: The id to give to lomi. support: the answer's, else the one this client sent, else None.
        method: The HTTP method, or None when no request was involved.
        path: The path template, such as ``/customers/{id}`` (never the ids), or None.
        idempotency_key: What makes the call safe to repeat, for a create that the API takes one for; else None.
    """

    message: str
    idempotency_key: str | None = None

    # The outcome of an error that is made of its text alone, as by a queue that keeps no more: nothing is promised.
    _believed: ClassVar[Outcome] = "unknown"
    # What a create that may have happened sent, for ``customers.reconcile``; prints nothing of it.
    _sent_request: SentRequest | None = None

    _language: Language

    def __init__(
        self,
        message: str = "",
        *,
        outcome: Outcome | None = None,
        attempts: int = 0,
        request_id: str | None = None,
        method: str | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(message)
        self._tell()
        self.outcome: Outcome = outcome or self._believed
        self.attempts = attempts
        self.request_id = request_id
        self.method = method
        self.path = path

    def _tell(self, language: Language | None = None) -> None:
        """Say it in a language; its name, code and attributes stay as they are."""
        self._language = chosen(language)
        self.message = self._worded(self._language)

    def _worded(self, language: Language) -> str:
        text: str = self.args[0]
        return translated(text, language)

    def __str__(self) -> str:
        """Return at most 500 characters of printable text, the end with the request always whole."""
        head, tail = self._head(), self._tail()
        text = _printable(f"{head}: {self.message}" if head else self.message)
        room = _LONGEST_TEXT - len(tail)
        return (text if len(text) <= room else text[: room - 1] + "…") + tail

    def __repr__(self) -> str:
        """Return the class and the same bounded text as ``str()``."""
        return f"{type(self).__name__}({str(self)!r})"

    def _head(self) -> str:
        return ""

    def _tail(self) -> str:
        if not self.attempts:
            return ""
        facts = [f"request {_printable(self.request_id)[:64]}"] if self.request_id else []
        facts += [f"{self.method} {self.path}"[:160]] if self.method else []
        facts += [f"{self.attempts} attempts" if self.attempts > 1 else "1 attempt"]
        facts += ["it may have happened"] if self.outcome == "unknown" and self.method != "GET" else []
        return f" ({', '.join(translated(fact, self._language) for fact in facts)})"


class LomiConfigurationError(LomiError):
    """The client was set up wrongly: no key, a key of the other environment, plain http, a closed client.

    What to do: fix the argument or the environment variable that the message names. Nothing was sent.
    """

    _believed: ClassVar[Outcome] = "not_sent"


class FieldError(NamedTuple):
    """One problem with one argument, as listed in `LomiValidationError.errors`."""

    field: str
    """The argument, with the place inside it: ``metadata.tags[2]``."""
    problem: str
    """What is wrong with it. Never contains the value."""
    hint: str
    """How to put it right."""

    def __str__(self) -> str:
        return f"{self.field} {self.problem} ({self.hint})"


class LomiValidationError(LomiError, ValueError):
    """An argument is wrong. Raised before any I/O: nothing was sent, nothing was lost.

    What to do: show `errors` to whoever typed the data in, or fix the call. It is a `ValueError` too.

    Attributes:
        errors: One `FieldError` (field, problem, hint) for each thing that is wrong, all of them at once.
    """

    _believed: ClassVar[Outcome] = "not_sent"

    errors: tuple[FieldError, ...]

    def __init__(self, message: str = "", *, errors: Iterable[FieldError] = ()) -> None:
        self._in_english = tuple(errors)
        super().__init__(message)

    @override
    def _worded(self, language: Language) -> str:
        message: str = self.args[0]
        told: list[FieldError] = []
        for each in self._in_english:
            told.append(FieldError(each.field, translated(each.problem, language), translated(each.hint, language)))
            message = message.replace(str(each), str(told[-1]), 1)
        self.errors = tuple(told)
        return message


class LomiConnectionError(LomiError):
    """No usable answer came: the name did not resolve, the connection was refused or lost.

    What to do: when `outcome` is ``"not_sent"``, try again whenever you like. When it is ``"unknown"`` and the
    call was a write, look before you repeat it: the first one may have arrived.
    """


class LomiTimeoutError(LomiConnectionError):
    """No answer came within ``timeout`` seconds for the whole call, or within a surrounding `lomi.deadline`.

    What to do: as for `LomiConnectionError`; raise ``timeout`` if the link is known to be slow.
    """


class LomiResponseError(LomiError):
    """An answer came that is not what the API promises: not JSON, too large, a redirect, a missing id.

    What to do: check ``base_url`` (a proxy, a captive portal or another server may have answered). When
    `outcome` is ``"unknown"``, a write may have happened although its answer cannot be read.

    Attributes:
        status_code: The HTTP status of that answer, or None when not even that could be read.
    """

    def __init__(
        self,
        message: str = "",
        *,
        status_code: int | None = None,
        outcome: Outcome | None = None,
        attempts: int = 0,
        request_id: str | None = None,
        method: str | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(message, outcome=outcome, attempts=attempts, request_id=request_id, method=method, path=path)
        self.status_code = status_code


class LomiPartialWriteError(LomiError):
    """A customer was created, but the API lost its metadata, and writing it again failed.

    What to do: do not create it again. Write the metadata with ``customers.update(error.customer_id, ...)``; the
    ``__cause__``, when there is one, is the error of the failed attempt to write it.

    Attributes:
        customer_id: The id of the customer, which exists without its metadata; None when constructed by hand.
    """

    def __init__(
        self,
        message: str = "",
        *,
        customer_id: str | None = None,
        outcome: Outcome | None = None,
        attempts: int = 0,
        request_id: str | None = None,
        method: str | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(message, outcome=outcome, attempts=attempts, request_id=request_id, method=method, path=path)
        self.customer_id = customer_id


class LomiReconcileError(LomiError):
    """It cannot be determined whether a create happened: several customers match, or one that lacks the data to tell.

    What to do: have a person look at the customers in `candidate_ids`. A ``reference`` passed to
    ``customers.create`` prevents this error.

    Attributes:
        candidate_ids: The ids of the customers that match, at least one.
    """

    def __init__(
        self,
        message: str = "",
        *,
        candidate_ids: Iterable[str] = (),
        outcome: Outcome | None = None,
        attempts: int = 0,
        request_id: str | None = None,
        method: str | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(message, outcome=outcome, attempts=attempts, request_id=request_id, method=method, path=path)
        self.candidate_ids: tuple[str, ...] = tuple(candidate_ids)


class LomiAPIError(LomiError):
    """The API answered with an error. Its subclasses say which; this class itself stands for an unknown one.

    What to do: read `code` and `message`; give `request_id` to support.

    Attributes:
        status_code: The HTTP status.
        code: The API's error code in upper case, such as ``MERCHANT_NOT_FOUND``; None when the answer had none.
        message: What the API said, in English.
        details: What the API added: a string, a mapping, a list or None.
        headers: The answer's headers; names are lower case and looked up in any case.
        body: The answer's body as it came, at most 1 MiB.
    """

    _believed: ClassVar[Outcome] = "rejected"

    def __init__(
        self,
        message: str = "",
        *,
        status_code: int = 0,
        code: str | None = None,
        details: Any = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        outcome: Outcome | None = None,
        attempts: int = 0,
        request_id: str | None = None,
        method: str | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(message, outcome=outcome, attempts=attempts, request_id=request_id, method=method, path=path)
        self.status_code = status_code
        self.code: str | None = code.upper() if code else None
        self.details: Any = details
        self.headers: Mapping[str, str] = {} if headers is None else headers
        self.body = body

    @override
    def _worded(self, language: Language) -> str:
        text: str = self.args[0]  # the API's own words
        return text

    @override
    def _head(self) -> str:
        return f"{self.status_code} {_printable(self.code)[:64]}" if self.code else f"{self.status_code}"


class LomiBadRequestError(LomiAPIError):
    """The API refused the request as malformed (400).

    What to do: read `message` and `details`, fix the call; repeating it unchanged fails again.
    """


class LomiMissingParameterError(LomiBadRequestError):
    """A parameter that the API requires was missing (400 ``MISSING_PARAMETER``).

    What to do: add the parameter that `message` names.
    """


class LomiAuthError(LomiAPIError):
    """The API did not accept the key (401).

    What to do: check the key and its environment. The API also answers 401 when its own key check fails or a
    quota is used up (see `message`), so a key that worked a minute ago may well be good.
    """


class LomiPermissionError(LomiAPIError):
    """The key may not touch this object (403), for instance another merchant's figures.

    What to do: use the merchant id that belongs to the key.
    """


class LomiNotFoundError(LomiAPIError):
    """There is no such object, or it is deleted, or it belongs to somebody else (404).

    What to do: check the id. On merchant figures the API also answers 404 when its database fails: read `message`.
    """


class LomiMerchantNotFoundError(LomiNotFoundError):
    """There is no merchant with this id (404 ``MERCHANT_NOT_FOUND``).

    What to do: check the merchant id; it is on the dashboard and differs from the organization id.
    """


class LomiConflictError(LomiAPIError):
    """The request contradicts an earlier one (409), such as an idempotency key used with another body.

    What to do: use a new idempotency key for a new operation. Never repeated by this client.
    """


class LomiRateLimitError(LomiAPIError):
    """Too many requests (429); the wait was longer than this client waits by itself, or retries ran out.

    What to do: wait `retry_after` seconds and call again; nothing was done.

    Attributes:
        retry_after: Seconds to wait, or None when the API did not say.
        limit: How many requests the API allows in its window, or None.
    """

    retry_after: float | None = None
    limit: int | None = None


class LomiServerError(LomiAPIError):
    """The API failed (5xx). The lomi. API also answers 500 to input it cannot handle.

    What to do: `outcome` is ``"unknown"``: reads were already repeated; before you repeat a create, look
    whether it happened.
    """

    _believed: ClassVar[Outcome] = "unknown"


class LomiDatabaseError(LomiServerError):
    """The API's database failed (500 ``DATABASE_ERROR``).

    What to do: as for `LomiServerError`.
    """


class LomiRefundLedgerError(LomiServerError):
    """The card processor has refunded a payment, but lomi. failed to record it (500 on ``refunds.create``).

    What to do: nothing. The money has moved, and a webhook of the processor puts the record right. Never repeat the
    refund; look for it with ``refunds.list`` later.
    """


class LomiServiceUnavailableError(LomiServerError):
    """The API is down or overloaded (503).

    What to do: as for `LomiServerError`; wait longer between tries.
    """


#: Which class stands for which code. No other place says so.
BY_CODE: Mapping[str, type[LomiAPIError]] = {
    "BAD_REQUEST": LomiBadRequestError,
    "MISSING_PARAMETER": LomiMissingParameterError,
    "UNAUTHORIZED": LomiAuthError,
    "FORBIDDEN": LomiPermissionError,
    "NOT_FOUND": LomiNotFoundError,
    "MERCHANT_NOT_FOUND": LomiMerchantNotFoundError,
    "CONFLICT": LomiConflictError,
    "RATE_LIMIT_EXCEEDED": LomiRateLimitError,
    "INTERNAL_ERROR": LomiServerError,
    "DATABASE_ERROR": LomiDatabaseError,
    "SERVICE_UNAVAILABLE": LomiServiceUnavailableError,
}
#: Which class stands for which status, where there is no code that says more.
BY_STATUS: Mapping[int, type[LomiAPIError]] = {
    400: LomiBadRequestError,
    401: LomiAuthError,
    403: LomiPermissionError,
    404: LomiNotFoundError,
    409: LomiConflictError,
    429: LomiRateLimitError,
    **dict.fromkeys(range(500, 600), LomiServerError),
    503: LomiServiceUnavailableError,
}


def error_class(status: int, code: str | None) -> type[LomiAPIError]:
    """Return the class for an error answer: by its code in any case, else by its status, else `LomiAPIError`."""
    by_status = BY_STATUS.get(status, LomiAPIError)
    return BY_CODE.get(code.upper(), by_status) if code else by_status


def _printable(text: str) -> str:
    # A server's text must not start a second line in somebody's log, nor colour their terminal.
    return "".join(c if c.isprintable() else " " for c in text)
