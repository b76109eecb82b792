"""For the Django shop's tests: what pytest-django does, where it is installed."""

import os
from collections.abc import Iterator

import django
import pytest
from django.test import utils

os.environ["DJANGO_SETTINGS_MODULE"] = "django_site.settings"
django.setup()


@pytest.fixture(scope="session", autouse=True)
def database() -> Iterator[None]:
    utils.setup_test_environment()
    made = utils.setup_databases(verbosity=0, interactive=False)
    yield
    utils.teardown_databases(made, verbosity=0)
