import time

from lomi.cli.bulk.rate_limit import RateLimit, steady_clock


def test_delays():
    limit = RateLimit(2, 10.0)
    assert limit.delay(100) == 0
    limit.record(100)
    limit.record(103)
    assert limit.delay(104) == 6
    assert limit.delay(110) == 0
    limit.pause(120)
    limit.pause(115)
    assert limit.delay(110) == 10


def test_the_clock_is_steady(monkeypatch):
    now = steady_clock()
    before = now()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert before <= now() < before + 60
