from __future__ import annotations

import json
import re
import time

import pytest
from hypothesis import given, strategies as st

from lomi._core.body import LARGEST_BODY
from lomi.models._surrogates import repair_surrogates


@pytest.mark.parametrize(
    ("body", "repaired"),
    [
        (rb'"\ud83d"', rb'"\ufffd"'),
        (rb'"\uDE00!"', rb'"\ufffd!"'),
        (rb'"\ud83d\ude00"', rb'"\ud83d\ude00"'),
        (rb'"\ud83d\ud83d\ude00\ud83d"', rb'"\ufffd\ud83d\ude00\ufffd"'),
        (rb'"\ude00\ud83d\ude00"', rb'"\ufffd\ud83d\ude00"'),
        (rb'"\\ud83d"', rb'"\\ud83d"'),
        (rb'"\\\ud83d"', rb'"\\\ufffd"'),
        (rb'"\\ud83d\ude00"', rb'"\\ud83d\ufffd"'),
        (rb'"\\\ud83d\ude00"', rb'"\\\ud83d\ude00"'),
        (rb'"\u00e9 \ud7ff \ue000"', rb'"\u00e9 \ud7ff \ue000"'),
    ],
)
def test_half_an_emoji_is_replaced(body, repaired) -> None:
    assert repair_surrogates(body) == repaired


@given(st.lists(st.sampled_from(["a", "\\", '"', "\ud83d", "\ude00", "\U0001f600", "\ufffd", "u"])).map("".join))
def test_a_repaired_text_is_what_a_decoder_makes_of_the_halves(text: str) -> None:
    # json.loads joins halves to an emoji and keeps the others, as does UTF-16 with surrogatepass.
    read = json.loads(json.dumps(text))
    expected = re.sub("[\ud800-\udfff]", "\ufffd", read)
    assert json.loads(repair_surrogates(json.dumps(text).encode())) == expected


def test_the_repair_of_a_body_of_backslashes_is_linear() -> None:
    """16 MB of backslashes once took 4.6 s, after the deadline."""

    def cost(size: int) -> float:
        body = b'{"error":"' + b"\\" * size + b'"}'
        costs = []
        for _ in range(5):
            began = time.process_time()
            assert repair_surrogates(body) == body
            costs.append(time.process_time() - began)
        return min(costs)

    # 16 times the size: some 16 times the steps where each run is scanned once, 256 times where it is not.
    assert cost(16 * 1500) < 100 * max(cost(1500), 1e-5)
    largest = b"\\" * LARGEST_BODY
    assert repair_surrogates(largest) == largest
