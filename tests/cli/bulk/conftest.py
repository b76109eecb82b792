from contextlib import closing

import pytest

from lomi.cli.bulk.journal import Journal
from lomi.sandbox import Sandbox


@pytest.fixture
def empty():
    with Sandbox("server", customers=0) as sandbox:
        yield sandbox


@pytest.fixture
def journal():
    with closing(Journal(None, "here")) as journal:
        yield journal
