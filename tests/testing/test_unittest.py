"""For unittest, and for plain functions."""

import asyncio
import io
import pickle
import unittest

import pytest
from django.test import SimpleTestCase

import lomi
import lomi.testing
from lomi.testing import LomiTestCase, _current, sandbox, use_sandbox


def outcome(case):
    result = unittest.TextTestRunner(stream=io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(case))
    assert result.wasSuccessful(), [*result.failures, *result.errors]
    return result.testsRun


def test_each_test_of_a_case_has_a_sandbox_of_its_own():
    kept = []

    class Case(LomiTestCase):
        def setUp(self):
            """Calls nobody: nothing of ours happens there."""

        def test_1(self):
            assert self.lomi_client.customers.list().customers == []
            self.lomi_client.customers.create(name="Awa Diop")
            assert len(self.lomi_sandbox.requests) == 2
            kept.append((self.lomi_sandbox, self.lomi_client))

        test_2 = test_1

        def test_3_uses_none(self):
            assert "lomi_sandbox" not in vars(self)

    assert outcome(Case) == 3
    (first, client), (second, _) = kept
    assert first is not second
    with pytest.raises(lomi.LomiConfigurationError, match="this client is closed"):
        client.customers.list()
    with pytest.raises(lomi.LomiConnectionError, match="the sandbox is closed"):
        first.client().customers.list()


def test_same_case_run_twice_begins_anew():
    class Case(LomiTestCase):
        def test_it(self):
            self.lomi_client.customers.create(name="Awa Diop")
            assert len(self.lomi_client.customers.list().customers) == 1

    case = Case("test_it")
    for _ in range(2):
        result = unittest.TestResult()
        case.run(result)
        assert result.wasSuccessful(), result.errors


def test_case_speaks_the_dialect_it_names():
    class Case(LomiTestCase):
        lomi_dialect = "docs"

        def test_it(self):
            assert self.lomi_client.customers.create(name="Awa Diop").id.startswith("cus_")

    assert outcome(Case) == 1


def test_asynchronous_case():
    clients = []

    class Case(LomiTestCase, unittest.IsolatedAsyncioTestCase):
        async def test_it(self):
            self.lomi_sandbox.rate_limit(20)
            await self.async_lomi_client.customers.create(name="Awa Diop")
            clients.append(self.async_lomi_client)

    assert outcome(Case) == 1
    with pytest.raises(lomi.LomiConfigurationError, match="this client is closed"):
        asyncio.run(clients[0].customers.list())


class OfDjango(LomiTestCase, SimpleTestCase):
    """No test of this suite: it is run by hand below. Known by its module, as pickle wants it."""

    def look(self):
        assert self.lomi_client.customers.list().customers == []
        with self.subTest():
            self.state = self.__getstate__()


class Remote(unittest.TestResult):
    """Can be pickled, as that of Django's parallel runner."""

    def __getstate__(self):
        return {}


def test_django_s_parallel_runner_can_pickle_a_case_with_a_sandbox():
    case, result = OfDjango("look"), Remote()
    case.run(result)
    assert result.wasSuccessful(), result.errors
    assert "lomi_sandbox" not in case.state
    assert pickle.loads(pickle.dumps(case.state))["_testMethodName"] == "look"


def test_decorator_passes_a_sandbox():
    opened = []

    @use_sandbox("docs", customers=2)
    def check(number, *, sandbox):
        """Checks."""
        opened.append(sandbox)
        return number + len(sandbox.client().customers.list().customers), sandbox.dialect

    assert check(40) == (42, "docs")
    assert check.__doc__ == "Checks."
    with pytest.raises(lomi.LomiConnectionError, match="the sandbox is closed"):
        opened[0].client().customers.list()


@use_sandbox()
def test_decorated_function_is_a_test(sandbox, tmp_path):
    assert tmp_path.exists()
    assert sandbox.dialect == "server"
    assert sandbox.client().customers.list().customers == []


def test_decorator_on_a_coroutine_function():
    class Case(unittest.IsolatedAsyncioTestCase):
        @use_sandbox()
        async def test_it(self, sandbox):
            async with sandbox.async_client() as client:
                assert (await client.customers.create(name="Awa Diop")).name == "Awa Diop"

    assert outcome(Case) == 1


def test_decorator_without_parentheses_or_on_a_class():
    """Otherwise a test of that name would silently be none."""
    with pytest.raises(TypeError, match=r"write @use_sandbox\(\) with parentheses"):

        @use_sandbox
        def check(sandbox):
            raise AssertionError(sandbox)

    with pytest.raises(TypeError, match=r"decorates a function; for a class of tests there is LomiTestCase"):

        @use_sandbox()
        class Case(unittest.TestCase):
            pass


def test_chaos_from_the_environment(monkeypatch):
    monkeypatch.setattr(_current, "runs", [])
    with sandbox() as box:
        assert box.chaos is None
    monkeypatch.setenv("LOMI_CHAOS", "")
    with sandbox() as box:
        assert box.chaos is None
    monkeypatch.setenv("LOMI_CHAOS", "12")
    with sandbox(test="a test") as box:
        assert (box.chaos.seed, box.chaos.test) == (12, "a test")
    with sandbox(chaos=3) as box:
        assert box.chaos.seed == 3
    monkeypatch.setenv("LOMI_CHAOS", "often")
    with pytest.raises(ValueError, match="LOMI_CHAOS is not a whole number: 'often'"):
        sandbox()


def test_chaos_of_a_case_goes_by_its_name(monkeypatch):
    monkeypatch.setattr(_current, "runs", [])
    monkeypatch.setenv("LOMI_CHAOS", "12")
    names = []

    class Case(LomiTestCase):
        def test_it(self):
            names.append((self.id(), self.lomi_sandbox.chaos.test))

    assert outcome(Case) == 1
    assert names[0][0] == names[0][1]


def test_module_has_what_it_says():
    assert {*lomi.testing.__all__} <= {*dir(lomi.testing)}
    for name in lomi.testing.__all__:
        assert getattr(lomi.testing, name).__name__ == name
    with pytest.raises(AttributeError, match=r"module 'lomi.testing' has no attribute 'sandbocks'"):
        lomi.testing.sandbocks  # noqa: B018
