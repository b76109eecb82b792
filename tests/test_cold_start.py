"""What importing the package costs, and what others can do with it."""

import os
import subprocess
import sys
from typing import get_type_hints

import httpx
import pytest

import lomi


def test_what_a_client_does_not_import() -> None:
    """Everything that takes long to import, and that only some need. httpx is what requests go through."""
    slow = {"asyncio", "httpx2", "typer", "difflib", "lomi.sandbox", "lomi.cli", "lomi.webhooks"}
    slow |= {"lomi.models._html", "lomi.models.charges", "lomi.models.merchants"}
    code = f"""
import sys
# What is installed for tests, and brings asyncio in older versions, is not there.
sys.modules["trio"] = sys.modules["opentelemetry"] = None
from lomi import LomiClient
client = LomiClient("lomi_sk_test_x")
client.customers
client.close()
print(sorted({slow!r} & set(sys.modules)))
"""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("client", [lomi.LomiClient, lomi.AsyncLomiClient])
def test_annotations_can_be_evaluated(client) -> None:
    """As containers for dependency injection do."""
    hints = get_type_hints(client.__init__)
    kind = httpx.Client if client is lomi.LomiClient else httpx.AsyncClient
    assert hints["http_client"] == kind | None
