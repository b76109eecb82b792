"""Halves of emojis in JSON, which is otherwise fine."""

from __future__ import annotations

import re

__all__ = ["repair_surrogates"]

# A run of backslashes with the escape of a surrogate behind it: a pair, or one alone.
_SURROGATE = re.compile(rb"(?i)(?<!\\)(\\+)u(?:d[89ab][0-9a-f]{2}(\\ud[c-f][0-9a-f]{2})?|d[c-f][0-9a-f]{2})")


def repair_surrogates(body: bytes) -> bytes:
    """Return a JSON body with U+FFFD for each half of an emoji.

    A server that cuts texts off in the middle must not make a whole listing unreadable.
    """

    def repaired(found: re.Match[bytes]) -> bytes:
        backslashes, low = found[1], found[2]
        if len(backslashes) % 2 == 0:  # they escape each other, and what follows is text
            return found[0][:-6] + rb"\ufffd" if low else found[0]
        return found[0] if low else backslashes + rb"ufffd"

    return _SURROGATE.sub(repaired, body)
