from __future__ import annotations

import h11
import pytest
from hypothesis import given, strategies as st

from lomi._core.framing import has_trailing_data

Headers = list[tuple[bytes, bytes]]
CHUNKED = [(b"Transfer-Encoding", b"chunked")]
tokens = st.from_regex(rb"\A[A-Za-z][A-Za-z-]{0,10}\Z").map(lambda name: b"X-" + name)
values = st.from_regex(rb"\A[!-~]([ -~]{0,20}[!-~])?\Z")
reasons = st.sampled_from([b"", b" ", b" OK", b" Not 1 Found"])


def head(version: bytes, status: int, reason: bytes, headers: Headers) -> bytes:
    lines = [b"HTTP/%s %d%s" % (version, status, reason), *(b"%s: %s" % each for each in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n"


@st.composite
def responses(draw: st.DrawFn) -> tuple[bytes, str, int, Headers]:
    """A complete response, as a server may send it."""
    raw = b""
    for _ in range(draw(st.integers(0, 2))):
        raw += head(b"1.1", draw(st.sampled_from([100, 102, 103])), b" Continue", draw(st.just([(b"Link", b"x")])))
    method = draw(st.sampled_from(["GET", "HEAD", "POST"]))
    status = draw(st.sampled_from([200, 201, 204, 304, 404, 500]))
    headers: Headers = draw(st.lists(st.tuples(tokens, values), max_size=3))
    pieces = draw(st.lists(st.binary(min_size=1, max_size=300), max_size=4))
    framed = b"".join(pieces)
    if draw(st.booleans()):
        headers.append((draw(st.sampled_from([b"content-length", b"Content-Length"])), b"%d" % len(framed)))
    else:
        headers.append((draw(st.sampled_from([b"transfer-encoding", b"Transfer-Encoding"])), b"chunked"))
        extension = draw(st.sampled_from([b"", b";a=b", b"; a", b"  "]))
        framed = b"".join(b"%X%s\r\n%s\r\n" % (len(piece), extension, piece) for piece in pieces)
        framed += draw(st.sampled_from([b"0", b"000"])) + extension + b"\r\n"
        framed += draw(st.sampled_from([b"", b"X-Sum: 5\r\n", b"A: b\r\nC: d\r\n"])) + b"\r\n"
    body = b"" if method == "HEAD" or status in (204, 304) else framed
    return raw + head(b"1.1", status, draw(reasons), headers) + body, method, status, headers


@given(
    responses(),
    st.binary(max_size=40) | st.sampled_from([b"\r\n", b"\n", b"HTTP/1.1 204 No Content\r\n\r\n"]),
    st.data(),
)
def test_there_is_trailing_data_exactly_if_bytes_were_appended(response, appended: bytes, data: st.DataObject) -> None:
    raw, method, status, headers = response
    raw += appended
    cut = data.draw(st.integers(0, len(raw)))
    for received in ([raw], [raw[:cut], raw[cut:]]):
        assert has_trailing_data(received, method, status, headers) is bool(appended)


@given(responses(), st.binary(max_size=40))
def test_it_ends_where_h11_ends_it(response, appended: bytes) -> None:
    raw, method, status, headers = response
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method=method, target="/", headers=[("Host", "x"), ("Content-Length", "0")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(raw + appended)
    while not isinstance(connection.next_event(), h11.EndOfMessage):
        pass
    rest, _ = connection.trailing_data
    assert has_trailing_data([raw + appended], method, status, headers) is bool(rest)


@pytest.mark.parametrize(
    ("raw", "headers"),
    [
        (b"HTTP/1.1 200 OK\r\n", []),
        (b"HTTP/1.1 100 Continue\r\n\r\n", []),
        (b"HTTP/1.1 200 OK\r\n\r\n{}", []),  # until the connection is closed
        (b"HTTP/1.1 200 OK\r\n\r\n0\r\n\r\n", []),
        (b"HTTP/1.1 200 OK\r\n\r\n", [(b"Content-Length", b"0, 0")]),
        (b"HTTP/1.1 200 OK\r\n\r\n", [(b"Content-Length", b"-1")]),
        (b"HTTP/1.1 200 OK\r\n\r\n{", [(b"Content-Length", b"2")]),
        (b"HTTP/1.1 200 OK\r\n\r\n", CHUNKED),
        (b"HTTP/1.1 200 OK\r\n\r\n2", CHUNKED),
        (b"HTTP/1.1 200 OK\r\n\r\n2\r\n{}", CHUNKED),
        (b"HTTP/1.1 200 OK\r\n\r\n2\r\n{}\r\n0", CHUNKED),
        (b"HTTP/1.1 200 OK\r\n\r\n2\r\n{}\r\n0\r\n", CHUNKED),
        (b"HTTP/1.1 200 OK\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n", CHUNKED),
        (b"HTTP/1.1 200 OK\r\n\r\n-4\r\n0\r\n\r\n", CHUNKED),
        (b"HTTP/1.1 200 OK\r\n\r\n+2\r\n{}\r\n0\r\n\r\n", CHUNKED),
        (b"HTTP/1.1 200 OK\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n", CHUNKED),
        (b"HTTP/1.1 200 OK\r\n\r\n1_0\r\n{}\r\n0\r\n\r\n", CHUNKED),
    ],
)
def test_framing_that_cannot_be_followed_counts_as_trailing_data(raw, headers) -> None:
    assert has_trailing_data([raw], "GET", 200, headers)


def test_chunks_take_precedence_over_a_length() -> None:
    """A length that covers what is behind the last chunk once hid it: the next call would have read it."""
    body = b"2\r\n{}\r\n0\r\n\r\n"
    smuggled = b"HTTP/1.1 204 No Content\r\n\r\n"
    for length in (len(body), len(body + smuggled)):
        for headers in (
            [*CHUNKED, (b"Content-Length", b"%d" % length)],
            [(b"Content-Length", b"%d" % length), *CHUNKED],
        ):
            raw = head(b"1.1", 200, b" OK", headers)
            assert not has_trailing_data([raw + body], "GET", 200, headers)
            assert has_trailing_data([raw + body + smuggled], "GET", 200, headers)


def test_lines_that_end_with_a_line_feed_alone() -> None:
    """As h11 accepts them. A blank line with a carriage return in the body does not end the head."""
    body = b"a\r\n\r\nb"
    headers = [(b"Content-Length", b"%d" % len(body))]
    raw = b"HTTP/1.1 200 OK\nContent-Length: 6\n\n" + body
    assert not has_trailing_data([raw], "GET", 200, headers)
    assert has_trailing_data([raw + b"HTTP/"], "GET", 200, headers)
    assert not has_trailing_data([b"HTTP/1.1 200 OK\n\r\n2\r\n{}\r\n0\r\nX: y\n\n"], "GET", 200, CHUNKED)


@given(st.lists(st.binary(max_size=60)), st.sampled_from(["GET", "HEAD"]), st.sampled_from([200, 204]), st.booleans())
def test_no_bytes_crash_it(received, method, status, chunked) -> None:
    assert has_trailing_data(received, method, status, CHUNKED if chunked else []) in (True, False)
