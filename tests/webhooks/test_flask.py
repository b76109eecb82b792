from __future__ import annotations

import io
from typing import Any

import flask
import httpx
import pytest

from lomi import LomiConfigurationError
from lomi.webhooks.flask import webhook

from .deliveries import SECRET, VECTOR, Shop, headers


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def app(shop: Shop) -> flask.Flask:
    app = flask.Flask("shop")
    app.post("/webhooks/lomi")(webhook(shop, secrets=SECRET))
    return app


def post(app: flask.Flask, sent: bytes = VECTOR, **options: Any) -> Any:
    fields = {**headers(VECTOR), **options.pop("headers", {})}
    return app.test_client().post("/webhooks/lomi", data=sent, headers=fields, **options)


def test_one_line_in_an_application(app: flask.Flask, shop: Shop) -> None:
    response = post(app)
    assert (response.status_code, response.json) == (200, {"received": True})
    assert shop.events[0].raw == VECTOR
    assert post(app, headers={"X-Lomi-Signature": "0" * 64}).status_code == 401
    assert app.test_client().get("/webhooks/lomi").status_code == 405
    assert post(app, headers={"Content-Type": "application/x-www-form-urlencoded"}).status_code == 415
    assert len(shop.events) == 1


def test_a_rule_for_every_method(shop: Shop) -> None:
    app = flask.Flask("shop")
    app.add_url_rule("/webhooks/lomi", view_func=webhook(shop, secrets=SECRET), methods=["GET", "POST"])
    response = app.test_client().get("/webhooks/lomi")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


def test_the_limit_is_that_of_the_endpoint(app: flask.Flask, shop: Shop) -> None:
    assert post(app, b"x" * 2_000_000).status_code == 413
    app.config["MAX_CONTENT_LENGTH"] = 10
    assert post(app).status_code == 200
    assert len(shop.events) == 1


def test_a_chunked_body_is_read_to_the_limit(app: flask.Flask, shop: Shop) -> None:
    def chunked(sent: bytes) -> int:
        options = {"wsgi.input_terminated": True, "wsgi.input": io.BytesIO(sent)}
        response = app.test_client().post("/webhooks/lomi", headers=headers(VECTOR), environ_overrides=options)
        return response.status_code

    assert chunked(VECTOR) == 200
    assert chunked(b"x" * 2_000_000) == 413


def test_a_hook_that_reads_the_body(app: flask.Flask, shop: Shop) -> None:
    read: list[bytes] = []
    app.before_request(lambda: read.append(flask.request.get_data()))
    assert post(app).status_code == 200
    assert [each.raw for each in shop.events] == read


def test_a_hook_that_leaves_nothing_of_the_body(app: flask.Flask, shop: Shop) -> None:
    app.before_request(lambda: flask.request.stream.read() and None)
    assert post(app).status_code == 503
    assert shop.events == []


def test_an_async_function_is_refused() -> None:
    async def fulfil(event: object) -> None:
        """Never runs."""

    with pytest.raises(LomiConfigurationError, match="Flask calls functions that are not async"):
        webhook(fulfil)


def test_through_a_wsgi_transport(app: flask.Flask, shop: Shop) -> None:
    with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://shop") as client:
        assert client.post("/webhooks/lomi", content=VECTOR, headers=headers(VECTOR)).status_code == 200
    assert len(shop.events) == 1
