"""The example shop's own tests: green, also under random faults; red when its guard is taken away."""

import shutil
from pathlib import Path

import pytest

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
GUARD = '            if error.outcome == "unknown":\n'


@pytest.fixture
def suite(pytester, options):
    """Run the shop's tests in a copy of it; return their result."""
    for name in ("shop.py", "test_shop.py"):
        shutil.copy(SHOP / name, pytester.path)
    pytester.makeini("[pytest]\nfilterwarnings = error")

    def suite(*args, guarded=True):
        if not guarded:
            code = (SHOP / "shop.py").read_text()
            assert code.count(GUARD) == 1
            (pytester.path / "shop.py").write_text(code.replace(GUARD, "            if False:\n"))
        return pytester.runpytest_inprocess(*options(), "-q", *args)

    return suite


def test_green_with_the_guard(suite):
    suite().assert_outcomes(passed=11)


@pytest.mark.parametrize("seed", range(8))
def test_green_with_the_guard_under_random_faults(suite, seed):
    suite(f"--lomi-chaos={seed}").assert_outcomes(passed=11)


def test_red_without_the_guard(suite):
    result = suite(guarded=False)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    failed = {line.split("[")[-1].split("]")[0] for line in result.outlines if "register_one_customer[" in line}
    assert failed >= {"answer", "half", "server"}


# Tests that order no fault themselves.
ORDINARY = ("-k", "buyer_is_registered or second_order")


def test_ordinary_tests_do_not_see_that_the_guard_is_missing(suite):
    suite(*ORDINARY, guarded=False).assert_outcomes(passed=2, deselected=9)


def test_random_faults_see_it(suite):
    result = suite(*ORDINARY, "--lomi-chaos=4", guarded=False)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["E *Left contains one more item: *", "pytest --lomi-chaos=4 test_shop.py::test_a_buyer_is_registered"]
    )
