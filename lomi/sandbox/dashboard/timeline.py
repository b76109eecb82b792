"""What happened, as a tree: request → state change → event → attempts to deliver it."""

from __future__ import annotations

from typing import Final

from ..clock import to_micros
from ..http import JsonValue
from ..log import ObjectChange, RecordedRequest
from ..store import Store, Values
from .board import Board
from .overview import ALWAYS, resources, shown_id

LENGTH: Final = 100
SHOWN: Final = ("number", "event_id", "attempt", "status", "signature", "request", "response", "response_status")


def timeline(board: Board) -> list[JsonValue]:
    """Return the newest requests, and what happened without one, the newest first."""
    store, journal = board._engine.store, list(board._engine.journal)  # noqa: SLF001 - of the same package
    requests, shown = board.requests[-LENGTH:], resources(board)
    caused: dict[int | str | None, list[ObjectChange]] = {}
    alone: dict[tuple[str, int], list[ObjectChange]] = {}
    for each in journal:
        # Keys, for one, are no resource, and their ids are secret.
        if each.type not in shown:
            continue
        if isinstance(each.cause, int):
            caused.setdefault(each.cause, []).append(each)
        else:
            alone.setdefault((each.cause or "call", each.at), []).append(each)
    attempts = _attempts(store, min((each.deliveries.start for each in journal if each.deliveries), default=ALWAYS))
    # What a test does after a request, under a frozen clock, comes at the moment of that request.
    roots = [(to_micros(each.at), 0, _request(each)) for each in requests]
    for position, ((kind, at), _) in enumerate(alone.items()):
        roots.append((at, 1 + position, {"key": f"{kind}/{at}", "kind": kind, "at": at // 1000}))
    tree: list[JsonValue] = []
    for at, _, root in sorted(roots, key=lambda each: each[:2], reverse=True)[:LENGTH]:
        number = root.get("number")
        found = caused.get(number, []) if isinstance(number, int) else alone[str(root["kind"]), at]
        tree.append({**root, "changes": _changes(board, found, attempts)})
    return tree


def request(board: Board, number: int) -> Values:
    """Return one request with its headers and both bodies; LookupError if it is not known any more."""
    entry = find(board, number)
    return {
        "headers": dict(entry.headers),
        "body": _json(entry.json, entry.body),
        "response": _json(entry.response_json, entry.response),
    }


def find(board: Board, number: int) -> RecordedRequest:
    """Return the request with that number; LookupError if it is not known any more."""
    for entry in board.requests:
        if entry.number == number:
            return entry
    raise LookupError("that request is forgotten")


def _json(value: JsonValue, text: str) -> JsonValue:
    return text if value is None else value


def _request(entry: RecordedRequest) -> Values:
    query = "&".join(f"{name}={value}" for name, values in entry.query.items() for value in values)
    return {
        "key": f"request/{entry.number}",
        "kind": "request",
        "number": entry.number,
        "at": int(entry.at.timestamp() * 1000),
        "method": entry.method,
        "path": entry.path,
        "query": query,
        "route": entry.route,
        "status": entry.status,
        "milliseconds": entry.milliseconds,
        "faults": list(entry.faults),
    }


def _changes(board: Board, found: list[ObjectChange], attempts: dict[int, list[JsonValue]]) -> list[JsonValue]:
    """Return changes of state with their events; an event belongs to the last change of its object."""
    changes: dict[int, Values] = {}
    latest: dict[tuple[str, str], list[JsonValue]] = {}
    for position, each in enumerate(found):
        subject = each.type, each.id
        if each.event is None or subject not in latest:
            latest[subject] = []
            changes[position] = {
                "type": each.type.removesuffix("s"),
                "id": shown_id(board, each.type, each.id),
                "source": each.source,
                "target": each.target,
                "changed": each.event is None,
                "events": latest[subject],
            }
        if each.event is not None:
            sent = [attempt for number in each.deliveries for attempt in attempts.get(number, [])]
            latest[subject].append({"event": each.event, "attempts": sent})
    return list(changes.values())


def _attempts(store: Store, start: int) -> dict[int, list[JsonValue]]:
    """Return the attempts of each delivery, by the number of its first, from a number on."""
    first: dict[tuple[str, ...], int] = {}
    found: dict[int, list[JsonValue]] = {}
    urls = {each.id: str(each["url"]) for each in store.select("webhooks")}
    for row in store.rows("SELECT * FROM deliveries WHERE number >= ? ORDER BY number", start):
        same = row["endpoint"], row["object"], row["event"], row["data"]
        if row["attempt"] == 1:
            first[same] = row["number"]
        shown: Values = {name: row[name] for name in SHOWN}
        shown.update(url=urls.get(row["endpoint"], row["endpoint"]), at=(row["sent_at"] or row["due_at"]) // 1000)
        found.setdefault(first.get(same, 0), []).append(shown)
    return found
