"""Whatever happens in whatever order, the money adds up; the long form is `python -m tests.fire --only ledger --long`."""

from __future__ import annotations

import random

import pytest

from tests.fire.ledger import Player, random_history


@pytest.mark.parametrize("fees", [False, True])
def test_the_money_adds_up_after_each_step(fees: bool) -> None:
    player = Player(fees=fees)
    for number in range(100):
        player.play(random_history(random.Random(number)))
    # Not all of it was refused.
    for kind in ("pay", "refund", "refund_at_fault", "payout", "fail_payout", "advance"):
        assert player.outcomes[f"{kind} done"] > 50, player.outcomes
