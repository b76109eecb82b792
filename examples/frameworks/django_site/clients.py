"""The process's clients.

Where they are made: here, when the first view needs one, and once for each process,
because a client keeps its connections open and all threads may share it. Made at
import, they would also be made by `manage.py migrate`, without a key. (Should two
threads come first together, each makes one, and one of the two is not used again.)
Where they are closed: when the process ends. Django has no hook for that, so Python's
is used. The asynchronous client is not closed: that would need its event loop, which
is gone by then; the process takes its sockets along.
"""

import atexit
from functools import cache

from django.conf import settings

from lomi import AsyncLomiClient, LomiClient


@cache
def lomi() -> LomiClient:
    """Return the client for views that are ordinary functions."""
    client = LomiClient(**settings.LOMI)
    atexit.register(client.close)
    return client


@cache
def async_lomi() -> AsyncLomiClient:
    """Return the client for asynchronous views."""
    return AsyncLomiClient(**settings.LOMI)
