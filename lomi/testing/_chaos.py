"""Random faults that a correct program gets through, and the same ones again under the same seed."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Final

from .._core.retry import RetryBudget
from ..sandbox.faults import FAULTS

if TYPE_CHECKING:
    from ..sandbox import Fault, Sandbox

PROBABILITY: Final = 0.4
# As many in a row as a client with its ordinary options gets over.
IN_A_ROW: Final = 2

# Whatever happens on a network and may be repeated or looked into; nothing that loses data for good.
KINDS: Final = tuple((kind.name, options) for kind in FAULTS.values() for options in kind.chaos)


class Chaos:
    """Decides, request by request, whether a fault is injected, and which.

    The choice depends on the seed, the test, the route and how often that route was asked, and on nothing else: not
    on the order in which tests run, nor on which of them run.
    """

    def __init__(self, seed: int, test: str) -> None:
        self.seed = seed
        self.test = test
        self.ordered = 0
        self._asked: Counter[str] = Counter()
        self._streaks: Counter[str] = Counter()
        # Smaller than a client's, which therefore does not run dry: each fault costs at most one retry.
        self._budget = RetryBudget(capacity=8)

    def order(self, sandbox: Sandbox, route: str, request_id: str | None) -> Fault | None:
        """Inject a fault for this request; None to leave it alone.

        Args:
            sandbox: Where it is injected.
            route: The route of the request, such as ``POST /customers``.
            request_id: What the attempts of one call have in common, if the client sends it.
        """
        self._asked[route] += 1
        source = random.Random(f"{self.seed}/{self.test}/{route}/{self._asked[route]}")
        counted = [route] if request_id is None else [route, request_id]
        spared = source.random() >= PROBABILITY or max(self._streaks[each] for each in counted) >= IN_A_ROW
        if spared or not self._budget.withdraw():
            self._budget.deposit()
            self._streaks[route] = 0
            return None
        self._streaks.update(counted)
        self.ordered += 1
        kind, options = source.choice(KINDS)
        return sandbox.inject(kind, route=route, **options)
