"""server.md, 1: transport, paths, methods. One test a line."""

import gzip
import socket
import zlib

import pytest

from lomi.sandbox import server as server_module


def test_no_path_prefix(ask):
    for key in (ask.sandbox.api_key, None):
        for target in ("/v1/customers", "/api/v1/customers"):
            answer = ask(target, key=key)
            assert answer.status == 404
            assert answer.error["message"] == f"Cannot GET {target}"


@pytest.mark.parametrize("ending", ["", "/"])
def test_paths_ignore_case_and_one_trailing_slash(ask, ending):
    customer = ask.id()
    for target in ("/Customers", f"/customers/{customer}", f"/customers/{customer}/Transactions"):
        assert ask(target + ending).status == 200


def test_double_slash_is_404(ask):
    assert ask("/customers//x").status == 404
    assert ask("/customers//").status == 404


def test_an_empty_id_is_the_list(ask):
    assert ask("/customers/").json["pagination"]["totalCount"] == 150
    for method in ("DELETE", "PATCH"):
        assert ask("/customers/", method, json={}).status == 404
    for target in ("/merchants", "/merchants/", "/"):
        assert ask(target).status == 404


@pytest.mark.parametrize("segment", ["%2F", "..", "%2e%2e", "%20", "%00"])
def test_ids_are_percent_decoded_before_use(ask, segment):
    assert ask(f"/customers/{segment}").status == 500


def test_percent_encoded_id_is_found(ask):
    customer = ask.id()
    assert ask(f"/customers/{customer.replace('-', '%2D')}").json["customer_id"] == customer


@pytest.mark.parametrize("segment", ["%zz", "%", "%e9"])
def test_undecodable_escapes_are_400(ask, segment):
    answer = ask(f"/customers/{segment}", key=None)
    assert answer.status == 400
    assert answer.error["code"] == "bad_request"
    assert answer.error["message"] == f"Failed to decode param '{segment}'"


def test_a_client_that_normalises_dots_reaches_another_route(ask):
    assert ask("/merchants/" + ask.sandbox.merchant_id).json["data"]["name"] == "Test Merchant"
    assert ask(f"/customers/../merchants/{ask.sandbox.merchant_id}").status == 404


def test_head_works_wherever_get_does_and_shares_its_bucket(ask):
    got = ask("/customers?pageSize=1")
    headed = ask("/customers?pageSize=1", "HEAD")
    assert headed.status == 200
    assert headed.body == b""
    assert headed.headers["content-length"] == str(len(got.body))
    remaining = [int(answer.headers["x-ratelimit-remaining"]) for answer in (got, headed)]
    assert remaining[1] == remaining[0] - 1


def test_options_is_204_without_auth(ask):
    answer = ask("/customers", "OPTIONS", key=None, headers={"Access-Control-Request-Headers": "x-api-key"})
    assert answer.status == 204
    assert answer.body == b""
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "x-api-key"
    assert ask("/customers", "OPTIONS", key=None).headers["access-control-allow-headers"] == "*"


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("PUT", "/customers"),
        ("POST", "/merchants/x"),
        ("DELETE", "/customers"),
        ("GET", "/nowhere?a=1"),
        ("HEAD", "/x"),
    ],
)
def test_wrong_methods_and_unknown_routes_are_404_without_auth(ask, method, target):
    answer = ask(target, method, key=None)
    assert answer.status == 404
    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]
    if method != "HEAD":
        assert answer.error["message"] == f"Cannot {method} {target}"


def test_no_response_compression_and_always_json(ask):
    answer = ask("/customers", headers={"Accept-Encoding": "gzip", "Accept": "application/xml"})
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_request_content_encoding_is_accepted(ask, encoding, pack):
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    assert ask("/customers", "POST", body=pack(b'{"name":"Zipped"}'), headers=headers).json["name"] == "Zipped"


def test_unsupported_content_encoding_is_500(ask):
    headers = {"Content-Type": "application/json", "Content-Encoding": "zstd"}
    assert ask("/customers", "POST", body=b"x", headers=headers).status == 500


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b'{"name":"Cut"}')[:-9]], ids=["none", "cut"])
def test_broken_compression_is_400(ask, body):
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert ask("/customers", "POST", body=body, headers=headers).status == 400


def test_keep_alive_idle_timeout_is_five_seconds(ask, monkeypatch):
    assert ask("/customers").headers["keep-alive"] == "timeout=5"
    assert server_module.IDLE == 5
    monkeypatch.setattr(server_module, "IDLE", 0.01)
    with ask.sandbox.serve() as server:
        # Ends by itself: no request follows.
        assert exchange(server, b"GET /me HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 401 ")


def exchange(server, sent, then=b""):
    """Send bytes over a socket, more of them after the first answer, and return all that came back."""
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        connection.sendall(sent)
        received = connection.recv(65536)
        if then:
            connection.sendall(then)
        while part := connection.recv(65536):
            received += part
    return received


def test_expect_100_continue_works(deployed):
    with deployed.serve() as server:
        head = (
            f"POST /customers HTTP/1.1\r\nHost: x\r\nX-API-KEY: {server.api_key}\r\nExpect: 100-continue\r\n"
            "Content-Type: application/json\r\nContent-Length: 17\r\nConnection: close\r\n\r\n"
        )
        received = exchange(server, head.encode(), b'{"name": "Later"}')
    assert received.startswith(b"HTTP/1.1 100 Continue\r\n")
    assert b"HTTP/1.1 201 Created\r\n" in received


def test_chunked_uploads_work(deployed, reach):
    with reach(deployed) as client:
        parts = iter([b'{"name":', b'"In parts"}'])
        answer = client.post("/customers", content=parts, headers={"Content-Type": "application/json"})
        assert answer.json()["name"] == "In parts"


def test_headers_over_16_kib_are_431_without_a_body(ask):
    answer = ask("/customers", headers={"X-Big": "a" * 17_000})
    assert answer.status == 431
    assert answer.body == b""
    assert "x-request-id" not in answer.headers
    assert "content-type" not in answer.headers
    assert ask("/customers?search=" + "a" * 17_000).status == 431
    assert ask("/customers", headers={"X-Big": "a" * 16_000}).status == 200


@pytest.mark.parametrize("size", [20_000, 300_000])
def test_431_closes_the_connection(deployed, size):
    with deployed.serve() as server:
        received = exchange(server, f"GET /customers HTTP/1.1\r\nHost: x\r\nX-Big: {'a' * size}\r\n\r\n".encode())
    assert received.startswith(b"HTTP/1.1 431 ")
    assert received.endswith(b"\r\n\r\n")


def test_body_limit_is_10_mib(ask):
    big = b'{"name":"J","metadata":{"a":"%s"}}'
    headers = {"Content-Type": "application/json"}
    assert ask("/customers", "POST", body=big % (b"x" * 9 * 2**20), headers=headers).status == 201
    answer = ask("/customers", "POST", body=big % (b"x" * 11 * 2**20), headers=headers, key=None)
    assert answer.status == 500
    assert answer.error["code"] == "internal_error"
    assert "x-ratelimit-limit" not in answer.headers


def test_body_limit_counts_after_decompression(ask):
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    body = gzip.compress(b'{"name":"%s"}' % (b"x" * 11 * 2**20))
    assert ask("/customers", "POST", body=body, headers=headers).status == 500


def test_body_over_the_limit_is_read_to_its_end_over_a_socket(deployed):
    with deployed.serve() as server:
        head = f"POST /customers HTTP/1.1\r\nHost: x\r\nContent-Length: {12 * 2**20}\r\nConnection: close\r\n\r\n"
        assert exchange(server, head.encode() + b"x" * 12 * 2**20).startswith(b"HTTP/1.1 500 ")
