"""What a call makes of the result of its last attempt: the value that it returns, or an error."""

from __future__ import annotations

import http
import re
from functools import cache, partial
from types import NoneType
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from .._i18n.language import Message
from ..errors import LomiError, LomiRateLimitError, LomiResponseError, error_class
from ..models._base import attach_response
from ..models._reading import read
from ..models._response import ResponseInfo
from ..models._surrogates import repair_surrogates
from .call import Call
from .operations import RECONCILABLE, error_class_of, is_repeatable
from .response import Response, TransportFailure, clock_offset, redacted_headers
from .sent_request import SentRequest

__all__ = ["decode_or_raise"]

T = TypeVar("T")


def decode_or_raise(call: Call[T], result: Response | TransportFailure) -> T:
    """Return the value of a call, or raise the error that its result stands for.

    Raises:
        LomiConnectionError: There was no usable response.
        LomiResponseError: The response is not what the API documents.
        LomiAPIError: The API returned an error.
    """
    error = None
    if isinstance(result, TransportFailure):
        error = result.error(result.message, **call.error_context())
        if isinstance(error, LomiResponseError):
            error.status_code = result.status
        error.__cause__ = result.cause
    elif 200 <= result.status < 300:
        decoded = _decode(call, result)
        if not isinstance(decoded, LomiError):
            return decoded
        error = decoded
    elif _deleted_before(call, result):
        return _nothing(call)
    else:
        error = _api_error(call, result)
    # Such a create can be looked for, with what was sent and when.
    # Its body stays in the request: a traceback shows what frames hold.
    can_be_found = call.request.path.template in RECONCILABLE and not is_repeatable(call.request)
    if error.outcome == "unknown" and call.request.body is not None and can_be_found:
        date = result.date.decode("latin-1") if isinstance(result, Response) else ""
        now = call.now()
        sent = SentRequest(call.request.body, call.scope, call.started_at, now, clock_offset(date, now))
        error._sent_request = sent  # noqa: SLF001  # not part of an error's public interface
    raise error


def _deleted_before(call: Call[Any], response: Response) -> bool:
    """Tell whether an earlier attempt, whose response was lost, has most likely deleted it."""
    request = call.request
    return (
        response.status == 404
        and call.outcome == "unknown"
        and request.method == "DELETE"
        and request.response_type is NoneType
    )


def _decode(call: Call[T], response: Response) -> T | LomiError:
    problem = ""
    try:
        value = _decode_lenient(call, response.body)
        attach_response(value, _response_info(call, response))
        return value
    except ValidationError as invalid:
        problem = "; ".join(
            f"{'.'.join(map(str, each['loc']))[:60] or 'the body'}: {each['type']}"
            for each in invalid.errors(include_url=False, include_input=False, include_context=False)[:3]
        )
    except ValueError:
        problem = Message("the body is not JSON")
    call.update_outcome("rejected" if call.request.method in ("GET", "HEAD") else "unknown")
    response = response.redacted(call.redact)
    size, kind = len(response.body), _content_type(response)
    message = Message("{} with a response that cannot be read: {} ({} bytes, {})", response.status, problem, size, kind)
    return LomiResponseError(message, status_code=response.status, **call.error_context(response))


def _response_info(call: Call[Any], response: Response) -> ResponseInfo:
    return ResponseInfo(
        status_code=response.status,
        headers=partial(redacted_headers, response.raw_headers, call.redact),
        request_id=call.request_id,
        attempts=call.attempts,
        elapsed=call.now() - call.started_at,
    )


def _decode_lenient(call: Call[T], body: bytes) -> T:
    try:
        return _validated(call, body)
    except ValueError:
        repaired = repair_surrogates(body)
        if repaired == body:
            raise
    return _validated(call, repaired)


def _validated(call: Call[T], body: bytes) -> T:
    response_type: Any = call.request.response_type
    if response_type is NoneType:
        # A login page is a 200 as well: a response without content of interest is still an object, or empty.
        if body.strip():
            _unwrap_envelope(_adapter(dict).validate_json(body))
        return _nothing(call)
    data: Any = _unwrap_envelope(from_json(body)) if call.request.unwrap_data else body
    value: T
    value, call.unreadable = read(_adapter(response_type), data)
    return value


def _nothing(_call: Call[T]) -> T:
    # The caller asked for type(None), so T is None; a checker cannot know.
    nothing: Any = None
    value: T = nothing
    return value


def _unwrap_envelope(body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    if body.get("success") is False:  # pyright: ignore[reportUnknownMemberType]
        raise ValueError("success is false")
    return body["data"] if isinstance(body.get("data"), dict) else body  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


@cache
def _adapter(response_type: Any) -> TypeAdapter[Any]:
    return TypeAdapter(response_type)


def _api_error(call: Call[Any], response: Response) -> LomiError:
    response = response.redacted(call.redact)
    context = call.error_context(response)
    if response.status < 400:
        target = re.match(r"(https?://)(?:[^/?#]*@)?([^/?#@]{1,100})", response.headers.get("location", ""))
        message = Message("{} redirect, which is never followed: check base_url", response.status)
        if target:
            origin = f"{target[1]}{target[2]}"
            message = Message("{} redirect to {}, which is never followed: check base_url", response.status, origin)
        return LomiResponseError(message, status_code=response.status, **context)
    payload = response.error_payload
    code: Any = payload.get("code")
    code = code if isinstance(code, str) and code else None
    kind = error_class_of(call.request, response) or error_class(response.status, code)
    error = kind(
        _sentence(payload.get("message")) or _reason(response),
        status_code=response.status,
        code=code,
        details=payload.get("details"),
        headers=response.headers,
        body=response.body,
        **context,
    )
    if isinstance(error, LomiRateLimitError):
        error.retry_after = response.retry_after(call.now())
        error.limit = _limit(response)
    return error


def _sentence(message: Any) -> str:
    parts: list[Any] = message if isinstance(message, list) else [message]  # pyright: ignore[reportUnknownVariableType]
    return "; ".join(part for part in parts if isinstance(part, str))


def _reason(response: Response) -> str:
    reason = http.HTTPStatus(response.status).phrase if response.status in _STATUSES else Message("an error")
    if not response.body:
        return Message("{}, with an empty body", reason)
    return Message("{}, with {} bytes of {}", reason, len(response.body), _content_type(response))


def _content_type(response: Response) -> str:
    return response.headers.get("content-type", "")[:60] or Message("no content type")


_STATUSES = frozenset(status.value for status in http.HTTPStatus)


def _limit(response: Response) -> int | None:
    details = response.error_payload.get("details")
    inside: Any = details.get("limit") if isinstance(details, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    found = re.fullmatch(r"\s*([0-9]{1,9})\s*", response.headers.get("x-ratelimit-limit") or f"{inside}")
    return int(found[1]) if found else None
