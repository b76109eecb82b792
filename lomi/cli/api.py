"""``lomi-py api``: any endpoint, with the checks, retries and errors of the client."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, cast
from urllib.parse import parse_qsl, unquote

import typer

from ..errors import LomiError
from .command import Session, command
from .errors import CommandError, describe
from .json_input import json_data
from .output import console, details, table

__all__ = ["register"]

# A segment that names a resource or an action. Anything else, such as an id or a currency, is a value.
_NAME: Final = re.compile(r"[a-z]+([-_][a-z]+)*")
_ID: Final = re.compile(r"(.*_)?id")
# The columns to show first.
_COLUMNS: Final = (
    *("name", "title", "description", "email", "type", "status", "amount", "gross_amount", "net_amount"),
    *("balance", "available_balance", "currency_code", "currency"),
)


def register(app: typer.Typer) -> None:
    """Add the command to an app."""
    command(app, writes=True)(api)


def api(
    session: Session,
    method: Annotated[
        Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        typer.Argument(metavar="METHOD", case_sensitive=False, help="GET, POST, PATCH, PUT, DELETE or HEAD."),
    ],
    path: Annotated[str, typer.Argument(metavar="PATH", help="Such as /customers or /transactions/ID.")],
    query: Annotated[
        list[str] | None, typer.Option("--query", "-q", metavar="NAME=VALUE", help="A query parameter; repeatable.")
    ] = None,
    data: Annotated[
        str | None, typer.Option("--data", "-d", metavar="JSON", help="The body, a JSON object; @FILE or @- reads it.")
    ] = None,
    idempotency_key: Annotated[
        str | None, typer.Option(metavar="KEY", help="Makes a POST safe to repeat, where the API honors such keys.")
    ] = None,
) -> None:
    """Call any endpoint and show the response, a list as a table."""
    from .. import Request, path as make_path

    path, _, text = path.partition("?")
    template, values = _template(path)
    # A response may be any JSON; that of HEAD is empty.
    response_type: Any = type(None) if method == "HEAD" else object
    request = Request(
        method,
        make_path(template, **values),
        response_type,
        query=_parameters(text, query or []),
        body=None if data is None else json_data(data),
        idempotency_key=idempotency_key,
    )
    if method not in {"GET", "HEAD"}:
        session.confirm(f"send {method} {path}")
    try:
        response = session.client.send(request)
    except LomiError as error:
        raise describe(error, values.values()) from None
    items = _items(response)
    session.show(response, lambda: _shown(response, items), items)


def _template(path: str) -> tuple[str, dict[str, str]]:
    """Return a path with its values replaced by names, so that logs and errors do not show them."""
    if "://" in path:
        raise CommandError("PATH is a URL", "pass a path such as /customers; LOMI_BASE_URL says which server")
    values: dict[str, str] = {}
    parts = [""]
    for segment in path.removeprefix("/").split("/"):
        if _NAME.fullmatch(segment):
            parts.append(segment)
        else:
            name = f"id{len(values) + 1}" if values else "id"
            values[name] = unquote(segment)
            parts.append(f"{{{name}}}")
    return "/".join(parts), values


def _parameters(text: str, options: list[str]) -> dict[str, str | int | None]:
    pairs = parse_qsl(text, keep_blank_values=True)
    for each in options:
        name, equals, value = each.partition("=")
        if not (name and equals):
            raise CommandError(f'--query "{each[:40]}" is not NAME=VALUE', "pass something like --query pageSize=20")
        pairs.append((name, value))
    found: dict[str, str | int | None] = dict(pairs)
    if len(found) < len(pairs):
        raise CommandError("the query names a parameter twice", "pass several values as NAME=A,B if the API takes them")
    return found


def _items(response: Any) -> list[Any] | None:
    """Return the items of a list: of a bare array, or of the one array in an envelope. None for anything else."""
    fields = _object(response) or {}
    arrays: list[Any] = [value for value in (response, *fields.values()) if isinstance(value, list)]
    # A resource can have an array too, but an envelope has no id.
    return arrays[0] if len(arrays) == 1 and not any(map(_ID.fullmatch, fields)) else None


def _shown(response: Any, items: list[Any] | None) -> Any:
    fields = _object(response) or {}
    if items is None:
        inner = _object(fields.get("data")) or fields
        return details(inner) if inner else "Done." if response is None else table(("value",), [(response,)])
    rows = [_object(item) or {"value": item} for item in items]
    columns = _columns(rows) or ["value"]
    numbers = [name for name in columns if all(type(row.get(name)) in {int, float, type(None)} for row in rows)]
    about = {**fields, **(_object(fields.get("pagination")) or {})}
    total = about.get("total", about.get("totalCount"))
    caption = f"{len(rows)} item{'' if len(rows) == 1 else 's'}{'' if total is None else f' of {total}'}"
    return table(columns, ([row.get(name) for name in columns] for row in rows), right=numbers, caption=caption)


def _columns(rows: list[dict[str, Any]]) -> list[str]:
    """Choose as many columns as fit: the id, the known ones, others, the creation; none that is empty or nested."""
    names = [
        name
        for name in dict.fromkeys(name for row in rows for name in row)
        if any(row.get(name) not in (None, "") and not isinstance(row.get(name), (dict, list)) for row in rows)
    ]
    ids = [name for name in names if _ID.fullmatch(name)][:1]
    last = [name for name in names if name == "created_at"]
    known = [name for name in _COLUMNS if name in names]
    others = [name for name in names if name not in {*last, *known} and not _ID.fullmatch(name)]
    room = max(3, min(6, console().width // 20)) - len(last)
    return [*[*ids, *known, *others][:room], *last]


def _object(value: Any) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None
