"""Celery tasks that call the API, for a worker with the usual pool of processes.

Where the client is made: in the process that runs the task, when the first task needs
it. One made before the fork would do as well: a child never touches its parent's
connections.
Where it is closed: when the process of the pool ends.

    celery -A celery_tasks worker --beat
"""

from datetime import datetime, timedelta, timezone
from functools import cache

from celery import Celery, Task
from celery.schedules import crontab
from celery.signals import worker_process_shutdown

from flask_app import inbox
from lomi import (
    Customer,
    LomiClient,
    LomiConnectionError,
    LomiError,
    LomiRateLimitError,
    LomiServerError,
    LomiValidationError,
)

app = Celery("shop")
app.config_from_object("celery_config")
app.conf.beat_schedule = {
    "each minute": {"task": "celery_tasks.work", "schedule": 60},
    "each night": {
        "task": "celery_tasks.catch_up",
        "schedule": crontab(minute="0", hour="3"),
    },
}


@cache
def lomi() -> LomiClient:
    """Return this process's client."""
    return LomiClient(timeout=20)


@worker_process_shutdown.connect
def close(**_: object) -> None:
    """Close this process's client, if a task has made one."""
    if lomi.cache_info().currsize:
        lomi().close()


@app.task
def work() -> dict[str, int]:
    """Try webhooks of the Flask shop again whose function failed."""
    return inbox.work().to_dict()


# A read may be repeated whenever it met passing trouble: in the call itself, and then
# by the queue, later.
@app.task(
    autoretry_for=(LomiConnectionError, LomiServerError, LomiRateLimitError),
    retry_backoff=1,
    max_retries=5,
)
def catch_up() -> dict[str, int]:
    """Process payments of the Flask shop whose webhooks did not arrive."""
    since = datetime.now(timezone.utc) - timedelta(days=2)
    return inbox.catch_up(lomi(), since=since).to_dict()


# A create may be repeated only when it did not happen. So no `acks_late` either: after
# a crash the queue would run the task again without having looked.
@app.task(bind=True, max_retries=5, default_retry_delay=1)
def register(self: "Task[[str, str], str]", order: str, name: str) -> str:
    """Create the customer of an order, once, and return its id."""
    try:
        return lomi().customers.create(name=name, reference=order).id
    except LomiValidationError:
        raise
    except LomiError as error:
        if error.outcome == "unknown":
            customer = look_up(error)
            if customer is not None:
                return customer.id
        elif error.outcome == "rejected" and not isinstance(error, LomiRateLimitError):
            raise
        raise self.retry(exc=error) from error


def look_up(error: LomiError) -> Customer | None:
    """Return the customer that a create may have made, or None when there is none."""
    try:
        return lomi().customers.reconcile(error)
    except LomiError:
        # Nobody knows. The task fails with the create's error, which whoever waits for
        # the result can pass to `reconcile` later.
        raise error from None
