"""Every documented error, as the sandbox answers it over a real socket, in both dialects."""

from __future__ import annotations

from typing import Any

import pytest

import lomi
from lomi.sandbox import Server

from ....wire import MERCHANT_ID

pytestmark = pytest.mark.anyio
UNKNOWN = {"docs": "cus_" + "0" * 32, "server": "00000000-0000-4000-8000-000000000000"}


def refused(make: Any, server: Server) -> lomi.LomiAPIError:
    before = len(server.sandbox.requests)
    with pytest.raises(lomi.LomiAPIError) as caught:
        make()
    error = caught.value
    assert error.attempts == len(server.sandbox.requests) - before
    assert error.request_id == dict(server.sandbox.requests[-1].headers)["x-request-id"]
    assert error.message
    assert error.body
    assert len(str(error)) <= 500
    return error


def test_400(server: Server) -> None:
    docs = server.sandbox.dialect == "docs"
    where = lomi.path("/merchants/{id}/balance", id=MERCHANT_ID)
    with lomi.LomiClient() as client:
        error = refused(lambda: client.send(lomi.Request("GET", where, dict)), server)
        assert type(error) is (lomi.LomiMissingParameterError if docs else lomi.LomiBadRequestError)
        assert (error.status_code, error.code) == (400, "MISSING_PARAMETER" if docs else "BAD_REQUEST")
        request = lomi.Request("GET", lomi.path("/customers"), dict, query={"page": "one"})
        error = refused(lambda: client.send(request), server)
        assert (type(error), error.code) == (lomi.LomiBadRequestError, "BAD_REQUEST")


def test_401(server: Server) -> None:
    with lomi.LomiClient("lomi_sk_test_nobodys") as client:
        for make in (lambda: client.customers.get("c"), lambda: client.merchants.get(MERCHANT_ID)):
            error = refused(make, server)
            assert (type(error), error.status_code, error.code) == (lomi.LomiAuthError, 401, "UNAUTHORIZED")
            assert "nobodys" not in f"{error!r}{vars(error)}"


def test_404_and_403(server: Server) -> None:
    dialect = server.sandbox.dialect
    with lomi.LomiClient() as client:
        error = refused(lambda: client.customers.get(UNKNOWN[dialect]), server)
        assert (type(error), error.status_code, error.code) == (lomi.LomiNotFoundError, 404, "NOT_FOUND")
        for make in (
            lambda: client.merchants.get("somebody-else"),
            lambda: client.merchants.get_mrr("somebody-else"),
            lambda: client.merchants.get_arr("somebody-else"),
            lambda: client.merchants.get_balance("somebody-else", currency_code="XOF"),
        ):
            error = refused(make, server)
            if dialect == "docs":
                assert type(error) is lomi.LomiMerchantNotFoundError
                assert (error.status_code, error.code) == (404, "MERCHANT_NOT_FOUND")
            else:
                assert (type(error), error.status_code, error.code) == (lomi.LomiPermissionError, 403, "FORBIDDEN")
        error = refused(lambda: client.merchants.get_balance(MERCHANT_ID, currency_code="TND"), server)
        assert type(error) is lomi.LomiNotFoundError
        error = refused(lambda: client.send(lomi.Request("GET", lomi.path("/v1/customers"), dict)), server)
        assert type(error) is lomi.LomiNotFoundError


def test_figures_that_there_are_none_of(server: Server) -> None:
    other = server.sandbox.merchant("Other", mrr=None, arr=None)
    with lomi.LomiClient(other.api_key) as client:
        for make in (lambda: client.merchants.get_mrr(other.id), lambda: client.merchants.get_arr(other.id)):
            error = refused(make, server)
            assert (type(error), error.status_code, error.code) == (lomi.LomiNotFoundError, 404, "NOT_FOUND")


def test_409(server: Server) -> None:
    server.sandbox.fail(409)
    with lomi.LomiClient() as client:
        error = refused(lambda: client.customers.create(name="A"), server)
        assert (type(error), error.code, error.outcome) == (lomi.LomiConflictError, "CONFLICT", "rejected")


def test_429(server: Server) -> None:
    server.sandbox.throttle(1, 900)
    with lomi.LomiClient() as client:
        client.merchants.get(MERCHANT_ID)
        error = refused(lambda: client.merchants.get(MERCHANT_ID), server)
    server.sandbox.throttle()
    assert isinstance(error, lomi.LomiRateLimitError)
    assert (error.code, error.retry_after, error.outcome) == ("RATE_LIMIT_EXCEEDED", 900, "rejected")
    assert error.limit == 1


def test_500_and_503(server: Server) -> None:
    docs = server.sandbox.dialect == "docs"
    with lomi.LomiClient(max_retries=0) as client:
        server.sandbox.fail(500)
        error = refused(lambda: client.customers.create(name="A"), server)
        assert (type(error), error.code, error.outcome) == (lomi.LomiServerError, "INTERNAL_ERROR", "unknown")
        server.sandbox.fail(503)
        error = refused(lambda: client.merchants.get(MERCHANT_ID), server)
        assert (type(error), error.code) == (lomi.LomiServiceUnavailableError, "SERVICE_UNAVAILABLE")
        for make in (
            lambda: client.merchants.get(MERCHANT_ID),
            lambda: client.merchants.get_mrr(MERCHANT_ID),
            lambda: client.merchants.get_arr(MERCHANT_ID),
            lambda: client.merchants.get_balance(MERCHANT_ID, currency_code="XOF"),
        ):
            server.sandbox.database_error()
            error = refused(make, server)
            if docs:
                assert (type(error), error.code) == (lomi.LomiDatabaseError, "DATABASE_ERROR")
            else:
                assert (type(error), error.code) == (lomi.LomiNotFoundError, "NOT_FOUND")
        server.sandbox.html_502()
        error = refused(lambda: client.merchants.get(MERCHANT_ID), server)
        assert (type(error), error.code, error.status_code) == (lomi.LomiServerError, None, 502)


def test_answers_that_get_lost(server: Server) -> None:
    server.sandbox.drop("after_commit")
    with lomi.LomiClient() as client:
        client.backend.random = lambda: 0.0
        with pytest.raises(lomi.LomiConnectionError) as caught:
            client.customers.create(name="Only Once")
        assert (caught.value.outcome, caught.value.attempts) == ("unknown", 1)
        found = [customer for customer in client.customers.list(search="Only Once")]
        assert len(found) == 1
        # A read is repeated, and a deletion whose answer was lost is done.
        server.sandbox.drop("before")
        assert client.customers.get(found[0].id) == client.customers.get(found[0].id)
        server.sandbox.drop("after_commit")
        client.customers.delete(found[0].id)
        assert (client.customers.list(search="Only Once")).customers == []


def test_answers_that_cannot_be_read(server: Server) -> None:
    with lomi.LomiClient(max_retries=0) as client:
        server.sandbox.malformed()
        with pytest.raises(lomi.LomiResponseError) as caught:
            client.customers.create(name="A")
        assert (caught.value.outcome, caught.value.status_code) == ("unknown", 201)
        server.sandbox.truncate()
        with pytest.raises(lomi.LomiConnectionError) as lost:
            client.merchants.get(MERCHANT_ID)
        assert lost.value.outcome == "unknown"
