from __future__ import annotations

import gzip

import pytest
from hypothesis import given, strategies as st

from lomi._core.body import LARGEST_BODY, LARGEST_ERROR_BODY, BodyReader, ResponseTooLarge


def body(status: int = 200, encoding: bytes | None = None, name: bytes = b"Content-Encoding") -> BodyReader:
    return BodyReader(status, [] if encoding is None else [(b"X-Other", b"gzip"), (name, encoding)])


def collect(into: BodyReader, *chunks: bytes) -> bytes:
    for chunk in chunks:
        assert into.feed(chunk)
    return into.bytes()


@given(st.lists(st.binary()))
def test_chunks_are_joined(chunks: list[bytes]) -> None:
    assert collect(body(), *chunks) == b"".join(chunks)


@given(
    st.binary(),
    st.integers(1, 50),
    st.sampled_from([b"gzip", b" X-GZIP "]),
)
def test_a_compressed_body(whole, size, name) -> None:
    packed = gzip.compress(whole)
    chunks = [packed[start : start + size] for start in range(0, len(packed), size)]
    assert collect(body(200, name), *chunks) == whole


def test_identity_is_no_compression() -> None:
    assert collect(body(200, b"Identity"), b"{}") == b"{}"


@pytest.mark.parametrize("encoding", [b"br", b"zstd", b"gzip, gzip", b"", b"compress", b"deflate"])
def test_encodings_that_were_not_requested_deflate_among_them(encoding: bytes) -> None:
    with pytest.raises(ResponseTooLarge, match="encoding that was not requested"):
        body(200, encoding)


def test_two_encodings() -> None:
    with pytest.raises(ResponseTooLarge, match="encoding that was not requested"):
        BodyReader(200, [(b"content-encoding", b"gzip"), (b"Content-Encoding", b"gzip")])


@pytest.mark.parametrize("status", [200, 500])
def test_a_body_that_is_not_compressed_although_its_header_says_so(status: int) -> None:
    with pytest.raises(ResponseTooLarge, match="cannot be decompressed"):
        body(status, b"gzip").feed(b"{}")


@pytest.mark.parametrize("status", [200, 500])
def test_a_compressed_body_that_was_cut_short(status: int) -> None:
    into = body(status, b"gzip")
    assert into.feed(gzip.compress(b"x" * 1000)[:-4])
    with pytest.raises(ResponseTooLarge, match="was cut short"):
        into.bytes()


def test_the_largest_response_and_one_byte_more() -> None:
    whole = bytes(LARGEST_BODY)
    assert collect(body(), whole[:5], whole[5:]) == whole
    into = body()
    assert into.feed(whole)
    with pytest.raises(ResponseTooLarge, match="larger than 16 MiB"):
        into.feed(b"x")
    with pytest.raises(ResponseTooLarge, match="larger than 16 MiB"):
        body().feed(whole + b"x")


def test_the_largest_compressed_response_and_one_byte_more() -> None:
    assert len(collect(body(200, b"gzip"), gzip.compress(bytes(LARGEST_BODY), 1))) == LARGEST_BODY
    with pytest.raises(ResponseTooLarge, match="larger than 16 MiB"):
        body(200, b"gzip").feed(gzip.compress(bytes(LARGEST_BODY + 1), 1))


def test_an_error_body_is_cut_at_the_cap() -> None:
    into = body(500)
    assert into.feed(bytes(LARGEST_ERROR_BODY))
    assert not into.feed(b"more")
    assert into.bytes() == bytes(LARGEST_ERROR_BODY)
    into = body(404)
    assert not into.feed(bytes(LARGEST_ERROR_BODY + 1))
    assert into.bytes() == bytes(LARGEST_ERROR_BODY)


def test_a_compressed_error_body_is_cut_too() -> None:
    into = body(500, b"gzip")
    assert not into.feed(gzip.compress(bytes(LARGEST_ERROR_BODY * 20)))
    assert into.bytes() == bytes(LARGEST_ERROR_BODY)


def test_an_empty_body() -> None:
    assert body().bytes() == b""
    assert body(204, b"identity").bytes() == b""
    assert body(200, b"gzip").bytes() == b""  # as the response to a HEAD
