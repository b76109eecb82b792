"""What may be shown of people and their requests until the user asks to see personal data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from ..http import JsonValue
from ..log import SECRET_HEADERS, RecordedRequest
from ..operations import OPERATIONS
from ..wire import EXAMPLE_ID

HIDDEN: Final = "••••"

# What says nothing about a person, besides identifiers. Whatever else there is, or will be, is hidden, but for
# the names of fields.
PLAIN_FIELDS: Final = frozenset(
    (
        *("status", "code", "type", "environment", "success", "is_business", "flow_type", "event_type"),
        *("created_at", "updated_at", "as_of_date", "expires_in_seconds", "retry_after_seconds", "limit"),
        *("currency_code", "gross_amount", "balance", "mrr", "arr", "merchant_lifetime_value"),
        *("payment_method_code", "provider_code", "retry_payment_every", "total_retries"),
        *("page", "pageSize", "totalCount", "totalPages"),
    )
)
# What the sandbox says of a mistake: it may repeat what was asked for, and is plain where that is.
ECHOING_FIELDS: Final = frozenset({"message", "details"})
PLAIN_HEADERS: Final = frozenset(
    (
        *("accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "expect"),
        *("host", "if-none-match", "cache-control", "transfer-encoding", "user-agent"),
    )
)
# By the name of a parameter, what is plain as its value.
PLAIN_PARAMETERS: Final = {
    "page": r"-?\d{1,9}",
    "pageSize": r"-?\d{1,9}",
    "type": r"all|business|individual",
    "status": r"all|active|inactive",
    "currency_code": r"[A-Z]{3}",
}
IDENTIFIER: Final = re.compile(
    rf"[0-9a-f]{{8}}-?(?:[0-9a-f]{{4}}-?){{3}}[0-9a-f]{{12}}|[a-z]{{2,4}}_[0-9a-f]{{32}}|{re.escape(EXAMPLE_ID)}",
    re.IGNORECASE,
)
SHORT: Final = re.compile(r"[\w.:+-]{1,64}", re.ASCII)
FIELD: Final = re.compile(r"[a-z][A-Za-z_]{0,39}")
MASKED_KEY: Final = re.compile(r"(?:Bearer )?(?:lomi_sk_(?:test|live)_)?\*{4}", re.IGNORECASE)
# The words that paths are made of, some of them by mistake.
WORDS: Final = {"", "api", "v1", "v2"}.union(
    *(route.partition(" ")[2].split("/") for route in OPERATIONS),
)


def name_hint(name: str) -> str:
    """`A•••• B••••` of Amadou Ba."""
    return " ".join(f"{word[0]}{HIDDEN}" for word in name.split()[:4]) or HIDDEN


def email_hint(email: str | None) -> str | None:
    """`a••••@••••` of an address."""
    return email and f"{email[0]}{HIDDEN}@{HIDDEN}"


def phone_hint(number: str | None) -> str | None:
    """The country of a number, where it begins with that."""
    return number and (f"{number[:4]} {HIDDEN}" if re.match(r"\+\d{3}", number) else HIDDEN)


def target(entry: RecordedRequest, *, personal: bool) -> str:
    """Path and query, for people to read: values are not percent-encoded."""
    if personal:
        path, query = entry.path, entry.query
    else:
        path, query = _plain_path(entry.path), _plain_query(entry.query)
    pairs = "&".join(f"{name}={value}" for name, values in query.items() for value in values)
    return f"{path}?{pairs}" if pairs else path


def headers(entry: RecordedRequest, *, personal: bool) -> dict[str, str]:
    if personal:
        return entry.headers
    return {name: value if _is_plain_header(name, value) else HIDDEN for name, value in entry.headers.items()}


def body(entry: RecordedRequest, *, personal: bool) -> str:
    """Return the request body, laid out."""
    return _laid_out(entry.body, personal=personal, echo=False)


def response(entry: RecordedRequest, *, personal: bool) -> str:
    """Return the response, laid out."""
    echo = target(entry, personal=False) == target(entry, personal=True)
    return _laid_out(entry.response, personal=personal, echo=echo)


def _is_plain_header(name: str, value: str) -> bool:
    if name in SECRET_HEADERS:
        return MASKED_KEY.fullmatch(value) is not None
    return name in PLAIN_HEADERS or IDENTIFIER.fullmatch(value) is not None


def _plain_path(path: str) -> str:
    return "/".join(
        segment if segment.lower() in WORDS or IDENTIFIER.fullmatch(segment) else HIDDEN for segment in path.split("/")
    )


def _plain_query(query: Mapping[str, list[str]]) -> dict[str, list[str]]:
    plain: dict[str, list[str]] = {}
    for name, values in query.items():
        pattern = PLAIN_PARAMETERS.get(name, "")
        shown = name if name in PLAIN_PARAMETERS or name == "search" else HIDDEN
        plain.setdefault(shown, []).extend(value if re.fullmatch(pattern, value) else HIDDEN for value in values)
    return plain


def _laid_out(text: str, *, personal: bool, echo: bool) -> str:
    if not text:
        return ""
    try:
        value: JsonValue = json.loads(text)
        shown = value if personal else _plain(value, echo=echo)
        return json.dumps(shown, ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text if personal else HIDDEN


def _plain(value: JsonValue, *, echo: bool, name: str | None = None) -> JsonValue:
    """The shape of a value, and those of its values that are plain."""
    if isinstance(value, dict):
        return {
            key if FIELD.fullmatch(key) else HIDDEN: (
                HIDDEN if key == "metadata" and item else _plain(item, echo=echo, name=_inherited(name, key))
            )
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_plain(item, echo=echo, name=name) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if name in ECHOING_FIELDS and echo:
        return value
    text = str(value)
    return value if IDENTIFIER.fullmatch(text) or (name in PLAIN_FIELDS and SHORT.fullmatch(text)) else HIDDEN


def _inherited(name: str | None, key: str) -> str:
    """What is within `details` counts as `details`."""
    return name if name in ECHOING_FIELDS else key
