"""``lomi-py listen`` and ``trigger``: webhooks on this machine, without a public address."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer

from .command import Session, command
from .connect import key_or_prompt
from .errors import Code, CommandError
from .json_input import json_data
from .output import line, show

if TYPE_CHECKING:
    import httpx

__all__ = ["register"]

FORWARDED: Final = ("content-type", "user-agent", "x-lomi-event", "x-lomi-signature")
# Seconds: what the vendor gives an endpoint; the silence after which a stream is dead (it pings every 15); the waits
# before it is opened again.
ENDPOINT: Final = 4.0
SILENCE: Final = 40.0
WAITS: Final = (1, 2, 4, 8, 15, 30)

# Replaced by tests, which do not wait.
sleep: Callable[[float], None] = time.sleep


def register(app: typer.Typer) -> None:
    """Add the commands to an app."""
    app.command()(listen)
    command(app, lines=False, account=False, writes=True)(trigger)


def listen(
    forward_to: Annotated[
        str | None, typer.Option(metavar="URL", help="Post each webhook here too, such as http://localhost:8000/lomi.")
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many webhooks. Default: at Ctrl-C.")] = None,
    allow_production: Annotated[
        bool, typer.Option("--allow-production", help="Listen with a live key, where the server allows it.")
    ] = False,
) -> None:
    """Print webhooks as they are sent, and forward them to a program on this machine.

    In a sandbox this needs nothing else. The API relays what it sends to the endpoints that are registered: it needs
    one that is subscribed, and each attempt is relayed again.
    """
    import httpx

    url, headers = _target()
    if allow_production:
        url += "?allow_production=true"
    seen, failures = 0, 0
    with (
        httpx.Client(headers=headers, timeout=httpx.Timeout(10, read=SILENCE)) as api,
        httpx.Client(timeout=ENDPOINT, trust_env=False) as program,
    ):
        while True:
            try:
                for message, payload in _messages(api, url):
                    failures = 0
                    if message.get("type") == "connected":
                        _greet(message, forward_to)
                    elif message.get("type") == "webhook" and payload is not None:
                        _relay(program, forward_to, message, payload)
                        seen += 1
                    if seen == count:
                        return
                reason = "the stream ended"
            except httpx.HTTPError as error:
                reason = str(error) or type(error).__name__
            wait = WAITS[min(failures, len(WAITS) - 1)]
            failures += 1
            print(f"lomi-py: {reason}; listening again in {wait} s", file=sys.stderr)
            sleep(wait)


def trigger(
    session: Session,
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Such as PAYMENT_SUCCEEDED; any other word lists all.")],
    data: Annotated[
        str | None, typer.Option("--data", "-d", metavar="JSON", help="Fields to put into the example's own; or @FILE.")
    ] = None,
) -> None:
    """Have the API send a webhook about an example to every endpoint that is subscribed to its event."""
    from .. import Request, path
    from ..sandbox.examples import EVENTS, example

    if event not in EVENTS:
        raise CommandError(f'"{event[:40]}" cannot be triggered', f"EVENT is one of {', '.join(EVENTS)}")
    given: dict[str, Any] = {} if data is None else json_data(data)
    session.confirm(f"send {event} to every endpoint that is subscribed to it,")
    body = {"event": event, "data": {**example(event), "environment": session.client.environment, **given}}
    response = session.client.send(Request("POST", path("/test/webhook-event"), object, body=body))
    session.show(response, lambda: f"{event} is on its way to every endpoint that is subscribed to it.")


def _target() -> tuple[str, list[tuple[bytes, bytes]]]:
    """Return the address of the stream, and the headers of a request to it."""
    from .._core.api_key import ApiKey
    from .._core.config import Config

    config = Config.from_options(ApiKey(key_or_prompt()), None, None, None, None, 0)
    return f"{config.base_url}/cli/listen", [*config.headers, config.key.header()]


def _messages(api: httpx.Client, url: str) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Yield each message of a stream, and the text of its payload as it stands in it.

    Raises:
        CommandError: The server refuses.
    """
    with api.stream("GET", url, headers={"Accept": "text/event-stream"}) as response:
        if response.status_code >= 500:
            response.raise_for_status()
        if response.status_code != 200:
            code = Code.NOT_ALLOWED if response.status_code in {401, 403} else Code.FAILED
            hint = "a live key needs --allow-production, and a server that allows it" if code == 4 else ""
            raise CommandError(f"{url} responded {response.status_code}", hint, code=code)
        for text in _texts(response.iter_bytes()):
            try:
                message = json.loads(text)
            except ValueError:
                continue
            if isinstance(message, dict):
                yield cast("dict[str, Any]", message), _payload(text)


def _texts(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield the data of each server-sent event. Lines end with a line feed only: JSON may hold other separators."""
    buffer, data = b"", list[str]()
    for chunk in chunks:
        *lines, buffer = (buffer + chunk).split(b"\n")
        for each in lines:
            name, _, value = each.removesuffix(b"\r").partition(b":")
            if name == b"data":
                data.append(value.removeprefix(b" ").decode("utf-8", "replace"))
            elif not name and data:
                yield "\n".join(data)
                data.clear()


def _payload(text: str) -> str | None:
    """Return the text of the payload in a JSON object; parsed and written anew, its signature would not fit."""
    decoder = json.JSONDecoder()
    position = text.index("{") + 1
    while (start := _skip(text, position)) < len(text) and text[start] != "}":
        name, position = decoder.raw_decode(text, start)
        start = _skip(text, position)
        _, position = decoder.raw_decode(text, start)
        if name == "payload":
            return text[start:position]
    return None


def _skip(text: str, position: int) -> int:
    while text[position : position + 1] in {" ", "\t", "\r", "\n", ",", ":"}:
        position += 1
    return position


def _greet(message: dict[str, Any], forward_to: str | None) -> None:
    where = f", forwarding to {forward_to}" if forward_to else ""
    show(line(("Listening", "green"), f"{where}. Ctrl-C stops."), soft_wrap=True)
    if secret := message.get("webhook_secret"):
        show(line("  export LOMI_WEBHOOK_SECRET=", (str(secret), "cyan")), soft_wrap=True)


def _relay(program: httpx.Client, forward_to: str | None, message: dict[str, Any], payload: str) -> None:
    """Print a webhook, and forward it."""
    import httpx

    result = ""
    if forward_to is not None:
        headers = {name: str(value) for name, value in dict(message.get("headers") or {}).items()}
        kept = {name: value for name, value in headers.items() if name.lower() in FORWARDED}
        try:
            result = f" → {program.post(forward_to, content=payload.encode(), headers=kept).status_code}"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            result = f" → {error}"
    show(f"{datetime.now(timezone.utc):%H:%M:%S}  {message.get('event')}{result}", soft_wrap=True)
