"""Failures on demand: one table of what they are.

Everything else derives from `FAULTS`: the methods of a `Sandbox`, the pytest marker, chaos, the page, the command line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias, TypedDict

from .checks import is_number, is_text, is_whole, require
from .http import PHRASES, ApiError, Response
from .throttle import Throttle, refusal
from .wire import Dialect

When: TypeAlias = Literal["before", "after_commit"]

LONGEST: Final = 24 * 3600
# What HTTP lets the value of a header be.
SENDABLE: Final = re.compile(r"(?:[!-~\x80-\xff](?:[ -~\t\x80-\xff]*[!-~\x80-\xff])?)?")


@dataclass(frozen=True)
class Parameter:
    """A parameter of a fault: the rule that its values keep, and how a form asks for it."""

    name: str
    rule: str
    allows: Callable[[Any], bool]
    default: Any = ...
    # Least, most, step and start of a form's number; None where no form asks.
    form: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class FaultContext:
    """What an effect may use: the fault's options, and the request that it affects."""

    options: Mapping[str, Any]
    dialect: Dialect
    request_id: str
    throttle: Throttle


Effect: TypeAlias = Callable[[FaultContext, Response], Response]


@dataclass(frozen=True)
class FaultKind:
    """A kind of fault.

    Attributes:
        name: Its name, also of the method that injects it.
        parameters: What it takes, besides what all faults take.
        effect: What it makes of the response; None for a fault that an operation or a delivery carries out.
        after: Whether the effect comes after the request was carried out; None where `when` says so.
        webhooks: Whether it affects deliveries of webhooks, not requests.
        chaos: The options under which chaos injects it; none for what a correct program cannot get over.
    """

    name: str
    parameters: tuple[Parameter, ...] = ()
    effect: Effect | None = None
    after: bool | None = None
    webhooks: bool = False
    chaos: tuple[Mapping[str, Any], ...] = ()


class FaultFilter(TypedDict, total=False):
    """Which requests a fault affects: keyword arguments of every method that injects one.

    Attributes:
        route: `"POST /customers"`, `"/customers/{id}"` (any method), `"GET"` (any path), or None for every
            request, unknown paths included (default None).
        times: How many requests to affect, 1 or more (default 1); None affects all until it is cancelled.
        skip: How many matching requests to let pass first (default 0).
        probability: The chance that a matching request is affected, above 0 and at most 1 (default 1). One
            that is let off does not count against `times`.
        seed: Makes the choice under `probability` repeatable. Default: the sandbox's own seed, if it has one.
    """

    route: str | None
    times: int | None
    skip: int
    probability: float
    seed: int | None


class WebhookFilter(TypedDict, total=False):
    """Which deliveries a fault affects.

    Attributes:
        event: `"PAYMENT_SUCCEEDED"` or another event, or None for every event (default None).
        times: How many deliveries to affect, 1 or more (default 1); None affects all until it is cancelled.
        skip: How many matching deliveries to let pass first (default 0).
        probability: The chance that a matching delivery is affected, above 0 and at most 1 (default 1).
        seed: Makes the choice under `probability` repeatable. Default: the sandbox's own seed, if it has one.
    """

    event: str | None
    times: int | None
    skip: int
    probability: float
    seed: int | None


# Effects


def _fail(context: FaultContext, _: Response) -> Response:
    status, message = context.options["status"], context.options["message"]
    text = PHRASES.get(status, "Error") if message is None else message
    headers = _retry_after(context.options["retry_after"])
    refused = ApiError(status, text, code=context.options["code"], headers=headers)
    return context.dialect.failure(refused, context.request_id, ())


def _drop(_: FaultContext, response: Response) -> Response:
    return replace(response, dropped=True)


def _truncate(context: FaultContext, response: Response) -> Response:
    size, keep = len(response.body), context.options["keep"]
    if size == 0:
        return replace(response, dropped=True)
    return replace(response, cut_at=size // 2 if keep is None else min(keep, size - 1))


def _malformed(_: FaultContext, response: Response) -> Response:
    if not response.body:
        return response
    body = response.body[: len(response.body) // 2]
    headers = (pair for pair in response.headers if pair[0] != "Content-Length")
    return replace(response, headers=(*headers, ("Content-Length", str(len(body)))), body=body)


def _html_502(_: FaultContext, __: Response) -> Response:
    body = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
    return Response(502, (("Content-Type", "text/html"), ("Content-Length", str(len(body)))), body)


def _rate_limit(context: FaultContext, _: Response) -> Response:
    retry_after = context.options["retry_after"]
    usual = refusal(context.throttle.limit, context.throttle.seconds)
    others = (pair for pair in usual.headers if pair[0] != "Retry-After")
    details = dict(usual.details) if isinstance(usual.details, dict) else {}
    if isinstance(retry_after, (int, float)):
        details["retry_after_seconds"] = retry_after
    refused = ApiError(429, usual.message, details=details, headers=(*_retry_after(retry_after), *others))
    return context.dialect.failure(refused, context.request_id, ())


def _retry_after(value: float | str | None) -> tuple[tuple[str, str], ...]:
    return () if value is None else (("Retry-After", str(value)),)


# The table


def _is_retry_after(value: Any) -> bool:
    return value is None or is_number(value, 0) or (isinstance(value, str) and SENDABLE.fullmatch(value) is not None)


def _seconds(name: str, least: float, most: float, start: float) -> Parameter:
    rule = f"is above 0 and at most {LONGEST:,}, a day"
    return Parameter(
        name, rule, lambda value: is_number(value, 0, LONGEST) and value > 0, form=(least, most, least, start)
    )


WHEN: Final = Parameter(
    "when", 'is "before" or "after_commit"', lambda value: value in ("before", "after_commit"), "before"
)
RETRY_RULE: Final = "is seconds, 0 or more, a text that a header can hold, or None for no header"
MESSAGE: Final = Parameter("message", "is a text", is_text, "permission denied for function")

FAULTS: Final[Mapping[str, FaultKind]] = {
    kind.name: kind
    for kind in (
        FaultKind("drop", (WHEN,), _drop, chaos=({"when": "before"}, {"when": "after_commit"})),
        FaultKind(
            "fail",
            (
                Parameter("status", "is 400 to 599", lambda value: is_whole(value, 400, 599), 500, (400, 599, 1, 503)),
                Parameter("code", "is a text, or None for the usual one", lambda v: v is None or is_text(v), None),
                Parameter("message", "is a text, or None for a usual one", lambda v: v is None or is_text(v), None),
                Parameter("retry_after", RETRY_RULE, _is_retry_after, None),
                WHEN,
            ),
            _fail,
            chaos=({"status": 500, "when": "after_commit"}, {"status": 503}),
        ),
        FaultKind("html_502", (WHEN,), _html_502, chaos=({"when": "before"}, {"when": "after_commit"})),
        FaultKind(
            "truncate",
            (
                Parameter(
                    "keep",
                    "is a whole number, 0 or more, or None for half",
                    lambda v: v is None or is_whole(v, 0),
                    None,
                ),
            ),
            _truncate,
            after=True,
            chaos=({},),
        ),
        FaultKind(
            "rate_limit",
            (Parameter("retry_after", RETRY_RULE, _is_retry_after, 1, (0, 3600, 1, 1)),),
            _rate_limit,
            after=False,
            chaos=({"retry_after": 1},),
        ),
        FaultKind("delay", (_seconds("seconds", 0.1, 120, 2),), chaos=({"seconds": 0.5},)),
        FaultKind("drip", (_seconds("seconds_per_byte", 0.001, 10, 0.05),)),
        FaultKind("stall", (_seconds("seconds", 0.1, 120, 2),)),
        FaultKind("malformed", (), _malformed, after=True),
        FaultKind("database_error", (MESSAGE,)),
        FaultKind("outage_as_404", (replace(MESSAGE, default="canceling statement due to statement timeout"),)),
        FaultKind("unauthorized"),
        FaultKind("repeat_page"),
        FaultKind("lose_metadata"),
        FaultKind("stale_read"),
        FaultKind("lose_update"),
        FaultKind(
            "refuse_refund",
            (
                replace(MESSAGE, default="Cannot refund a charge with a pending dispute"),
                Parameter("manual", "is True or False", lambda value: isinstance(value, bool), default=False),
            ),
        ),
        FaultKind("lose_refund"),
        FaultKind(
            "hold_refund",
            (
                _seconds("seconds", 1, 86400, 60),
                Parameter(
                    "status", 'is "completed" or "failed"', lambda value: value in ("completed", "failed"), "completed"
                ),
            ),
        ),
        FaultKind("lose_webhook", webhooks=True),
        FaultKind("duplicate_webhook", webhooks=True),
        FaultKind("delay_webhook", (_seconds("seconds", 1, 3600, 60),), webhooks=True),
        FaultKind("reorder_webhook", webhooks=True),
        FaultKind("corrupt_webhook_signature", webhooks=True),
        FaultKind("change_webhook_id", webhooks=True),
    )
}

# Every name that a fault can be injected by, with the options that the name stands for: `drop_after_commit`.
NAMES: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    **{name: (name, {}) for name in FAULTS},
    **{
        f"{name}_{when}": (name, {"when": when})
        for name, kind in FAULTS.items()
        if WHEN in kind.parameters
        for when in ("before", "after_commit")
    },
}


def checked(kind: FaultKind, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the options of a fault, defaults filled in; ValueError if one is wrong."""
    known = {parameter.name: parameter for parameter in kind.parameters}
    for name in options:
        if name not in known:
            raise TypeError(f"{kind.name}() takes no {name!r}")
    filled: dict[str, Any] = {}
    for name, parameter in known.items():
        value = options.get(name, parameter.default)
        if value is ...:
            raise TypeError(f"{kind.name}() needs {name!r}")
        require(parameter.allows(value), f"{name} {parameter.rule}", value)
        filled[name] = value
    return filled
