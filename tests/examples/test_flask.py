from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from flask.testing import FlaskClient

from lomi.sandbox import Sandbox, Server

AWA = {"name": "Awa Diop", "email": "awa@example.com", "order": "order-1"}


@pytest.fixture
def web(sandbox: Sandbox, load: Callable[[str], ModuleType]) -> Iterator[FlaskClient]:
    with sandbox.client() as client:
        yield load("flask_app").create_app(client).test_client()


def test_registers_and_shows(web: FlaskClient) -> None:
    made = web.post("/customers", json=AWA)
    assert made.status_code == 201
    shown = web.get(f"/customers/{made.json['id']}")
    assert (shown.status_code, shown.json["name"]) == (200, "Awa Diop")


def test_bad_form_is_explained_field_by_field(web: FlaskClient, sandbox: Sandbox) -> None:
    answer = web.post("/customers", json={"name": " ", "email": "awa", "order": "order-1"})
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {"name", "email"}
    assert sandbox.requests == ()


def test_field_that_is_missing(web: FlaskClient) -> None:
    answer = web.post("/customers", json={})
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"name"})


def test_unknown_customer(web: FlaskClient) -> None:
    assert web.get("/customers/cus_nobody").status_code == 404


def test_lost_answer_is_told(web: FlaskClient, sandbox: Sandbox) -> None:
    sandbox.drop("after_commit", route="POST /customers")
    answer = web.post("/customers", json=AWA)
    assert (answer.status_code, answer.json["happened"]) == (502, "unknown")


def test_makes_its_own_client(server: Server, load: Callable[[str], ModuleType]) -> None:
    app = load("flask_app").create_app()
    assert app.test_client().get("/customers/cus_nobody").status_code == 404
    assert len(server.sandbox.requests) == 1
