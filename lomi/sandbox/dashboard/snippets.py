"""A request of the log, to be repeated: as a command, and as a test for pytest."""

from __future__ import annotations

import json
import re
import shlex
from contextlib import suppress
from typing import Final

from ..faults import FAULTS
from ..http import ApiError, DatabaseError, JsonValue
from ..log import RecordedRequest
from .board import Board
from .overview import dialect_of, resources

ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z]+_[0-9a-f]{32}")
# What `Sandbox.seed` makes.
PLANTED: Final = ("customers", "transactions")
KEPT_HEADERS: Final = ("content-type", "idempotency-key", "lomi-account")


def as_curl(board: Board, entry: RecordedRequest, url: str) -> str:
    """Return a command that sends the request to a sandbox again."""
    parts = [
        f"curl -X {entry.method} {shlex.quote(url + _target(entry))}",
        f"-H {shlex.quote(f'X-API-KEY: {board.api_key}')}",
    ]
    parts += [f"-H {shlex.quote(f'{name}: {entry.headers[name]}')}" for name in KEPT_HEADERS if name in entry.headers]
    if entry.body:
        parts.append(f"--data-raw {shlex.quote(entry.body)}")
    return " \\\n  ".join(parts) + "\n"


def as_pytest(board: Board, entry: RecordedRequest) -> str:
    """Return a test that makes the same request of a `lomi_sandbox`, and of what the request needs before it."""
    lines: list[str] = []
    names: dict[str, str] = {}
    body = [*_steps(board, entry, lines, names), *_faults(board, entry)]
    sent = _call(entry, names)
    lost = entry.status is None or "truncate" in entry.faults
    if lost:
        body += ["with pytest.raises(httpx.RemoteProtocolError):", f"    {sent}"]
    else:
        body += [f"response = {sent}", f"assert response.status_code == {entry.status}"]
    if entry.route is not None:
        body.append(f"assert lomi_sandbox.calls({json.dumps(entry.route)})[-1].status == {entry.status}")
    docs = board.dialect == "docs"
    name = re.sub(r"\W+", "_", (entry.operation or entry.method).lower())
    imports = ["import httpx", "import pytest"] if lost or docs else ["import httpx"]
    mark = ['@pytest.mark.parametrize("lomi_dialect", ["docs"], indirect=True)'] if docs else []
    client = [
        "http = httpx.Client(",
        "    transport=lomi_sandbox.transport(),",
        "    base_url=lomi_sandbox.base_url,",
        '    headers={"X-API-KEY": lomi_sandbox.api_key},',
        ")",
    ]
    return (
        "\n".join(
            [*imports, "", "", *mark, f"def test_{name}(lomi_sandbox):", *(f"    {line}" for line in (*client, *body))]
        )
        + "\n"
    )


def _target(entry: RecordedRequest) -> str:
    from urllib.parse import urlencode

    query = urlencode(entry.query, doseq=True)
    return f"{entry.path}?{query}" if query else entry.path


def _call(entry: RecordedRequest, names: dict[str, str]) -> str:
    """Return the call that sends a request; ids that differ from run to run are named."""
    arguments = [json.dumps(entry.method), _named(json.dumps(_target(entry), ensure_ascii=False), names)]
    headers = {name: entry.headers[name] for name in KEPT_HEADERS if name in entry.headers}
    if entry.json is not None or not entry.body:
        headers.pop("content-type", None)
    if entry.json is not None:
        arguments.append(f"json={_named(_python(entry.json), names)}")
    elif entry.body:
        arguments.append(f"content={entry.body!r}")
    if headers:
        arguments.append(f"headers={headers!r}")
    return f"http.request({', '.join(arguments)})"


def _python(value: JsonValue) -> str:
    """Return a value as Python writes it, with the quotes of JSON."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_python(name)}: {_python(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_python, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _named(text: str, names: dict[str, str]) -> str:
    """Return the text of a string, or of several, with `{name}` in place of each id that has a name."""

    def string(match: re.Match[str]) -> str:
        found = match[0]
        for id, name in names.items():
            found = found.replace(id, f"\0{name}\1")
        if found == match[0]:
            return found
        return "f" + found.replace("{", "{{").replace("}", "}}").replace("\0", "{").replace("\1", "}")

    return re.sub(r'"(?:[^"\\]|\\.)*"', string, text)


def _steps(board: Board, entry: RecordedRequest, lines: list[str], names: dict[str, str]) -> list[str]:
    """Return what makes the objects that a request names: the requests that made them, else planted data."""
    for id in dict.fromkeys(ID.findall(f"{entry.path} {entry.body}")):
        if id in names:
            continue
        type = _type(board, id)
        maker = next((each for each in board.requests if each.number < entry.number and _made(each, id)), None)
        name = f"{(type or 'object').removesuffix('s')}_id"
        name = name if name not in names.values() else f"{name}_{len(names) + 1}"
        if maker is not None:
            _steps(board, maker, lines, names)
            lines.append(f"{name} = {_call(maker, names)}.json(){_made(maker, id)}")
        elif type in PLANTED:
            key = resources(board)[type].shape.keys(board.dialect, resources(board)[type])[0]
            lines.append("lomi_sandbox.seed(customers=1, transactions=1)")
            lines.append(f'{name} = lomi_sandbox.objects("{type}")[-1]["{key}"]')
        else:
            continue
        names[id] = name
    return lines


def _type(board: Board, id: str) -> str | None:
    """Return the type of the object with an id; None if there is none."""
    store = board._engine.store  # noqa: SLF001 - of the same package
    for type, resource in resources(board).items():
        with suppress(ApiError, DatabaseError):
            if store.find(type, dialect_of(board).read_id(resource.prefix, id)) is not None:
                return type
    return None


def _made(entry: RecordedRequest, id: str) -> str:
    """Return where the response holds the id of the object that a request made; empty if it made another."""
    value = entry.response_json
    if entry.method != "POST" or entry.status not in {200, 201} or not isinstance(value, dict) or id in entry.path:
        return ""
    inner = value.get("data")
    places = {f"[{json.dumps(key)}]": each for key, each in value.items()}
    places.update(
        {f'["data"][{json.dumps(key)}]': each for key, each in (inner if isinstance(inner, dict) else {}).items()}
    )
    return next((place for place, each in places.items() if each == id and id not in entry.body), "")


def _faults(board: Board, entry: RecordedRequest) -> list[str]:
    """Return what injects the faults that decided the response."""
    carried_out = any(each.cause == entry.number for each in board._engine.journal)  # noqa: SLF001
    lines: list[str] = []
    for name in entry.faults:
        kind = FAULTS[name]
        if kind.effect is None and (entry.status or 0) < 400:
            continue
        options = [f'route="{entry.route}"'] if entry.route else []
        options += [f"status={entry.status}"] if name == "fail" else []
        timed = any(each.name == "when" for each in kind.parameters)
        options += ['when="after_commit"'] if carried_out and timed else []
        lines.append(f"lomi_sandbox.inject({', '.join([json.dumps(name), *options])})")
    return lines
