import pytest
from hypothesis import settings

# Neither the speed of the machine nor yesterday's runs decide.
settings.register_profile("core", deadline=None, derandomize=True, database=None, max_examples=100)
settings.load_profile("core")


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing about clients."""
    for name in ("LOMI_API_KEY", "LOMI_BASE_URL", "LOMI_LANG"):
        monkeypatch.delenv(name, raising=False)
