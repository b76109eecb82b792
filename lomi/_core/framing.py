"""Where a response ends in what a connection received."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["has_trailing_data"]

_BODILESS = frozenset({204, 304})


def has_trailing_data(
    received: Sequence[bytes], method: str, status: int, headers: Sequence[tuple[bytes, bytes]]
) -> bool:
    """Tell whether a connection received anything behind a response, which the next request would take for its own.

    Framing that this cannot follow counts as trailing data: such a connection is closed rather than used again.
    """
    raw = received[0] if len(received) == 1 else b"".join(received)
    end = _end_of_heads(raw)
    if method == "HEAD" or status in _BODILESS:
        return end != len(raw)
    for name, value in headers:
        if len(name) == 14 and name.lower() == b"content-length":
            return not value.isdigit() or end + int(value) != len(raw)
    return _end_of_chunks(raw, end) != len(raw)


def _end_of_heads(raw: bytes) -> int:
    """Return where the final response's head ends, behind any interim (1xx) ones; -1 where it does not."""
    end = 0
    while True:
        interim = raw[end + 9 : end + 10] == b"1"
        found = raw.find(b"\r\n\r\n", end)
        if found < 0:
            return -1
        end = found + 4
        if not interim:
            return end


def _end_of_chunks(raw: bytes, start: int) -> int:
    """Return where a chunked body ends; -1 where it does not."""
    while start >= 0:
        line = raw.find(b"\r\n", start)
        try:
            length = int(raw[start : max(line, 0)].split(b";")[0], 16)
        except ValueError:
            return -1
        if length == 0:
            trailer = line if raw[line : line + 4] == b"\r\n\r\n" else raw.find(b"\r\n\r\n", line)
            return trailer + 4 if trailer >= 0 else -1
        start = line + 2 + length + 2
    return -1
