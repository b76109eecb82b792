"""Reading a response's body: decompressed, and never more of it than the cap."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from .._i18n.language import Message

__all__ = ["LARGEST_BODY", "LARGEST_ERROR_BODY", "BodyReader", "ResponseTooLarge"]

LARGEST_BODY = 16 * 1024 * 1024
LARGEST_ERROR_BODY = 1024 * 1024
_PIECE = 65536


class ResponseTooLarge(Exception):
    """The body is larger than the cap, or is not in the encoding that it claims."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class BodyReader:
    """Collects a body while it arrives."""

    def __init__(self, status: int, raw_headers: Sequence[tuple[bytes, bytes]]) -> None:
        self._status = status
        self._is_error = status >= 300
        self._left = LARGEST_ERROR_BODY if self._is_error else LARGEST_BODY
        self._parts: list[bytes] = []
        encodings = [v.strip().lower() for n, v in raw_headers if n.lower() == b"content-encoding"]
        self._unzip = None
        if encodings and encodings != [b"identity"]:
            if encodings not in ([b"gzip"], [b"x-gzip"]):
                raise ResponseTooLarge(Message("the response is in an encoding that was not requested"), self._status)
            self._unzip = zlib.decompressobj(31)

    def feed(self, chunk: bytes) -> bool:
        """Take a chunk; return whether more is wanted.

        Raises:
            ResponseTooLarge: A success response is larger than the cap, or it cannot be decompressed.
        """
        if self._unzip is None:
            return self._keep(chunk)
        while True:
            # Piece by piece: a few bytes can expand to gigabytes, and at once they would be in memory twice.
            try:
                piece = self._unzip.decompress(chunk, _PIECE)
            except zlib.error:
                piece = None
            if piece is None:
                raise ResponseTooLarge(Message("the response cannot be decompressed"), self._status)
            if not self._keep(piece):
                return False
            chunk = self._unzip.unconsumed_tail
            if not chunk and len(piece) < _PIECE:
                return True

    def _keep(self, piece: bytes) -> bool:
        self._parts.append(piece[: self._left])
        self._left -= len(piece)
        if self._left >= 0:
            return True
        if not self._is_error:
            raise ResponseTooLarge(
                Message("the response is larger than {} MiB", LARGEST_BODY // 1024 // 1024), self._status
            )
        self._left = 0
        return False

    def bytes(self) -> bytes:
        """Return the complete body."""
        if self._parts and self._unzip is not None and not self._unzip.eof and self._left:
            raise ResponseTooLarge(Message("the compressed body of the response was cut short"), self._status)
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
