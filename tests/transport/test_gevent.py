"""Under gevent, in a process of its own: greenlets that run out of time in any place leave no trace in the pool."""

from __future__ import annotations

import pytest

from tests.fire.greenlets import run

pytest.importorskip("gevent")


@pytest.mark.parametrize("rounds", [15])
def test_no_place_of_the_pool_is_lost(rounds: int) -> None:
    done = run(rounds)
    assert (done.stdout, done.returncode) == ("True\n", 0), done.stderr[-2000:]
