"""A real worker with a pool of processes; messages and results go through files."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import lomi
from lomi.sandbox import Server

from . import whole_messages


@pytest.fixture
def tasks(
    server: Server,
    load: Callable[[str], ModuleType],
    start: Callable[..., "subprocess.Popen[str]"],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ModuleType]:
    """The tasks as a web process sees them, and a worker that carries them out."""
    monkeypatch.setenv("SHOP_QUEUE", str(tmp_path))
    monkeypatch.setenv("SHOP_DATABASE", str(tmp_path / "shop.db"))
    tasks = load("celery_tasks")
    options = ["--pool=prefork", "--concurrency=2", "--loglevel=INFO", "--without-gossip", "--without-mingle"]
    options += ["--include", whole_messages.__name__]
    worker = start("-m", "celery", "-A", "celery_tasks", "worker", *options)
    assert worker.stdout is not None
    said = []
    for line in worker.stdout:
        said.append(line)
        if " ready." in line:
            break
    else:
        pytest.fail("the worker did not start: " + "".join(said))
    yield tasks
    worker.terminate()
    said.append(worker.communicate(timeout=30)[0])
    assert worker.returncode == 0, "".join(said)
    tasks.app.close()


def test_worker(tasks: ModuleType, server: Server, load: Callable[[str], ModuleType]) -> None:
    sandbox = server.sandbox
    route = "GET /transactions"

    # A payment that no webhook reported. Trouble outlasts the call (three attempts): the queue tries again.
    web = load("flask_app").create_app().test_client()
    sandbox.payer(web.post("/orders").location).pay("WAVE")
    sandbox.fail(503, route=route, times=4, retry_after=0)
    assert tasks.catch_up.delay().get(timeout=30)["done"] == 1
    assert [each.status for each in sandbox.requests if each.status == 503] == [503] * 4
    assert not any(tasks.work.delay().get(timeout=30).values())

    # An error that repeating does not cure crosses the result backend with everything that it says.
    sandbox.unauthorized(route=route)
    failed = tasks.catch_up.delay()
    with pytest.raises(lomi.LomiAuthError) as caught:
        failed.get(timeout=30)
    assert (caught.value.status_code, caught.value.outcome) == (401, "rejected")
    assert caught.value.request_id == sandbox.requests[-1].request_id
    assert str(caught.value).startswith("401 ")

    # A create whose answer is lost is found again, and not made twice.
    sandbox.drop("after_commit", route="POST /customers")
    found = tasks.register.delay("order-2", "Fatou Sow").get(timeout=30)
    with sandbox.client() as client:
        assert [each.id for each in client.customers.list(search="Fatou Sow")] == [found]
    assert [each.route for each in sandbox.requests].count("POST /customers") == 1

    # Where nobody can look, the task fails with the create's own error, and whoever waits can look later.
    sandbox.drop("after_commit", route="POST /customers")
    with sandbox.fail(503, route="GET /customers", times=None, retry_after=0):
        lost = tasks.register.delay("order-3", "Moussa Fall")
        with pytest.raises(lomi.LomiConnectionError) as unknown:
            lost.get(timeout=30)
    assert unknown.value.outcome == "unknown"
    with lomi.LomiClient() as client:
        late = client.customers.reconcile(unknown.value)
        assert late is not None
        assert [each.id for each in client.customers.list(search="Moussa Fall")] == [late.id]

    # What was passed wrong is not tried again.
    asked = len(sandbox.requests)
    with pytest.raises(lomi.LomiValidationError):
        tasks.register.delay("order-4", " ").get(timeout=30)
    assert len(sandbox.requests) == asked

    # A limit that is reached is trouble that passes.
    with sandbox.fail(429, route=route, times=2, retry_after=60):
        assert tasks.catch_up.delay().get(timeout=30)["known"] == 1
