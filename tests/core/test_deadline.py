from __future__ import annotations

import contextvars
import math
import threading
from collections.abc import Iterator

import pytest

import lomi
from lomi._core.deadline import clock, ends_at


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    token = clock.set(lambda: 100.0)
    yield
    clock.reset(token)


def test_without_a_deadline() -> None:
    assert ends_at(100, None) == math.inf
    assert ends_at(100, 60) == 160


@pytest.mark.parametrize("seconds", [2_000_001, 1e300, 10**400])
def test_longer_than_any_system_can_wait_is_no_limit(seconds) -> None:
    assert ends_at(100, seconds) == math.inf
    with lomi.deadline(seconds):
        assert ends_at(100, None) == math.inf
        assert ends_at(100, 2_000_000) == 2_000_100


def test_the_one_that_ends_first_wins() -> None:
    with lomi.deadline(8):
        assert ends_at(100, None) == 108
        assert ends_at(100, 5) == 105
        assert ends_at(104, 60) == 108
        with lomi.deadline(20):
            assert ends_at(100, None) == 108
        with lomi.deadline(2):
            assert ends_at(100, None) == 102
        assert ends_at(100, None) == 108
    assert ends_at(100, None) == math.inf


def test_an_error_leaves_the_block_too() -> None:
    with pytest.raises(KeyError), lomi.deadline(8):
        raise KeyError
    assert ends_at(100, None) == math.inf


def test_other_threads_are_not_bounded_unless_they_share_the_context() -> None:
    found: list[float] = []
    with lomi.deadline(8):
        context = contextvars.copy_context()
        threads = [
            threading.Thread(target=lambda: found.append(ends_at(100, None))),
            threading.Thread(target=context.run, args=(lambda: found.append(ends_at(100, None)),)),
        ]
        for thread in threads:
            thread.start()
            thread.join()
    assert sorted(found) == [108, math.inf]


@pytest.mark.parametrize("seconds", [0, -1, math.inf, math.nan, True, "8", None])
def test_what_is_no_duration(seconds) -> None:
    with (
        pytest.raises(lomi.LomiValidationError, match="seconds is not a positive number") as caught,
        lomi.deadline(seconds),
    ):
        pass
    assert caught.value.errors[0].field == "seconds"


def test_a_deadline_is_no_decorator() -> None:
    """Around an ``async def`` it would be over before the first call, and nobody would hear of it."""
    with pytest.raises(TypeError, match="not callable"):
        lomi.deadline(8)(print)  # type: ignore[operator]


def test_a_deadline_can_be_entered_again() -> None:
    """Each time it begins anew, inside itself too."""
    now = [100.0]
    token = clock.set(lambda: now[0])
    try:
        eight = lomi.deadline(8)
        with eight:
            assert ends_at(now[0], None) == 108
            now[0] += 2
            with eight:
                assert ends_at(now[0], None) == 108
            assert ends_at(now[0], None) == 108
        with eight:
            assert ends_at(now[0], None) == 110
        assert ends_at(now[0], None) == math.inf
    finally:
        clock.reset(token)
