"""A local lomi. server to test against: stateful, offline, in your own process or over HTTP on loopback.

What it does not imitate: TLS, latency and the production edge; live mode; payments made by anybody but
`Sandbox.pay`; e-mail, webhooks and the other resources of the API.
"""

from __future__ import annotations

from ._clock import Clock
from ._dialects import DialectName
from ._faults import Fault
from ._log import RecordedRequest
from ._sandbox import Merchant, Sandbox, Snapshot

__all__ = ["Clock", "DialectName", "Fault", "Merchant", "RecordedRequest", "Sandbox", "Snapshot"]
