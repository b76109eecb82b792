"""Where a response ends in what a connection received."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["has_trailing_data"]

_BODILESS = frozenset({204, 304})
# As h11 reads them, which takes a line feed alone for the end of a line too.
_BLANK_LINE = re.compile(rb"\n\r?\n")
_CHUNK_HEADER = re.compile(rb"([0-9A-Fa-f]{1,20})(?:[; \t][^\n]*)?\r\n")


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
    length = None
    for name, value in headers:
        if len(name) == 14 and name.lower() == b"content-length":
            length = value
        elif len(name) == 17 and name.lower() == b"transfer-encoding":  # takes precedence over a length
            return _end_of_chunks(raw, end) != len(raw)
    return length is None or not length.isdigit() or end + int(length) != len(raw)


def _end_of_heads(raw: bytes) -> int:
    """Return where the final response's head ends, behind any interim (1xx) ones; -1 where it does not."""
    end = 0
    while True:
        interim = raw[end + 9 : end + 10] == b"1"
        found = _BLANK_LINE.search(raw, end)
        if found is None:
            return -1
        end = found.end()
        if not interim:
            return end


def _end_of_chunks(raw: bytes, start: int) -> int:
    """Return where a chunked body ends; -1 where it does not."""
    while start >= 0 and (chunk := _CHUNK_HEADER.match(raw, start)) is not None:
        length = int(chunk[1], 16)
        if length == 0:
            trailers = _BLANK_LINE.search(raw, chunk.end() - 1)
            return -1 if trailers is None else trailers.end()
        start = chunk.end() + length + 2
    return -1
