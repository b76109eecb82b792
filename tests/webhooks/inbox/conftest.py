from collections.abc import Iterator
from pathlib import Path

import pytest

from .shops import KINDS, Shop


@pytest.fixture(params=KINDS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    made = Shop(request.param, tmp_path / "shop.db")
    yield made
    made.close()
