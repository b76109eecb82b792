"""httpcore's locks are private: this fails when they are no longer where the transport takes them away."""

from __future__ import annotations

import pytest

import lomi
from lomi.sandbox import Sandbox

pytestmark = pytest.mark.anyio


@pytest.fixture
def server():
    with Sandbox().serve() as server:
        yield server


def test_a_connection_that_is_used_again_has_no_locks(server):
    with lomi.LomiClient(server.api_key, base_url=server.url) as client:
        client.customers.list()
        (stack,) = client._transport._stacks.values()
        (slot,) = stack.idle
        locks = {type(slot.connection._request_lock), type(slot.connection._connection._state_lock)}
        assert [lock.__module__ for lock in locks] == [type(client._transport).__module__]
        client.customers.list()
        assert [*stack.idle] == [slot]
