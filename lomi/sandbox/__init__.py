"""A local lomi. server to test against: stateful, offline, in your own process or over HTTP on loopback.

What it does not imitate:

* The edge in front of the real server: TLS, proxies, latency, more than one process.
* Live mode. It refuses every key that looks live, and sends webhooks to this machine and its own network only.
* The vendor's database, which is known from the outside only: error texts and the order of a list (here
  the newest first) are likely, not certain. No e-mail address has to be unique.
* Quotas of a key. It throttles by route and address only, in both dialects.
* Browsers: no origin is sent an `Access-Control-Allow-Origin`, so that no page can use it.
* Node to the letter: the texts about broken JSON, JSON nested deeper than 200 levels, `br` request bodies, charsets
  other than UTF-8.

In your own process, without a socket:

    with Sandbox() as sandbox, sandbox.client() as client:
        customer = client.customers.create(name="Amadou Ba")
        sandbox.pay(customer, 10_000, "XOF")

Over HTTP, for any program:

    with Sandbox().serve() as server:
        print(server.url, server.api_key)

The same from a shell, until Ctrl-C: `python -m lomi sandbox`.

It responds as the deployed server does; `Sandbox("docs")` responds as the vendor's pages promise.

Faults affect the next requests that match:

    sandbox.fail(503, times=2, retry_after=1)
    sandbox.drop("after_commit", route="POST /customers")

`sandbox.calls("POST /customers")` is what was received, `sandbox.objects("customers")` what is stored.
`sandbox.clock.advance(days=31)` moves time, and everything that falls due on the way happens. `sandbox.subscribe(...)`
begins what renews by the clock, `sandbox.webhooks.add(...)` receives the events. `sandbox.snapshot()` and
`sandbox.restore(...)` go back, `sandbox.reset()` starts over.
"""

from __future__ import annotations

from .actions import Merchant
from .bookkeeping import LedgerEntry
from .clock import Clock
from .endpoints import Webhooks
from .engine import StateError
from .faults import FaultFilter, WebhookFilter
from .log import RecordedRequest
from .matching import Fault
from .payer.payer import Outcome, Payer
from .sandbox import Sandbox, Server, Snapshot
from .serving import run
from .webhooks import Delivery, Endpoint
from .wire import DialectName

__all__ = [
    "Clock",
    "Delivery",
    "DialectName",
    "Endpoint",
    "Fault",
    "FaultFilter",
    "LedgerEntry",
    "Merchant",
    "Outcome",
    "Payer",
    "RecordedRequest",
    "Sandbox",
    "Server",
    "Snapshot",
    "StateError",
    "WebhookFilter",
    "Webhooks",
    "run",
]
