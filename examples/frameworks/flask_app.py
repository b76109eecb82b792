"""A Flask application that registers customers.

Where the client is made: in the factory, once for each process, because it keeps its
connections open and all threads may share it. A server that forks after loading the
application is fine: a child opens connections of its own.
Where it is closed: when the process ends. A request must not close it, since others
are using it.

    LOMI_API_KEY=lomi_sk_test_… flask --app flask_app run
"""

import atexit
from typing import Any

from flask import Flask, Response, jsonify, request

from lomi import LomiClient, LomiError, LomiNotFoundError, LomiValidationError


def create_app(client: LomiClient | None = None) -> Flask:
    """Return the application; a test passes a client of the sandbox."""
    app = Flask(__name__)
    if client is None:
        client = LomiClient(timeout=10)
        atexit.register(client.close)
    lomi = client

    @app.post("/customers")
    def register() -> tuple[Response, int]:
        form: dict[str, Any] = request.get_json()
        # The reference tells later for certain whether this create happened.
        customer = lomi.customers.create(
            name=form.get("name", ""),
            email=form.get("email"),
            reference=form.get("order", ""),
        )
        return jsonify(id=customer.id), 201

    @app.get("/customers/<id>")
    def show(id: str) -> Response:
        customer = lomi.customers.get(id)
        return jsonify(id=customer.id, name=customer.name, city=customer.city)

    @app.errorhandler(LomiValidationError)
    def refused(error: LomiValidationError) -> tuple[Response, int]:
        return jsonify(errors={each.field: each.problem for each in error.errors}), 422

    @app.errorhandler(LomiNotFoundError)
    def not_found(error: LomiNotFoundError) -> tuple[Response, int]:
        return jsonify(message="no such customer", request_id=error.request_id), 404

    @app.errorhandler(LomiError)
    def failed(error: LomiError) -> tuple[Response, int]:
        app.logger.error("%s", error)
        # Whoever asked must know whether it is safe to ask again.
        return jsonify(
            message="the payment service failed", happened=error.outcome
        ), 502

    return app
