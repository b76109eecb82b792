"""The process's client.

It is made when the first view needs it, and not at import, where `manage.py migrate`
would make one too, without a key. All threads share it, and it is closed when the
process ends. Asynchronous views have an `AsyncLomiClient`, made in the same way.
"""

import atexit
from functools import cache

from lomi import LomiClient


@cache
def lomi() -> LomiClient:
    """Return the client."""
    client = LomiClient(timeout=10)
    atexit.register(client.close)
    return client
