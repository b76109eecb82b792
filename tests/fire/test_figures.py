"""The experiments in their short form, and what stands in the documentation about the long one."""

from __future__ import annotations

import logging
from pathlib import Path

import httpx
import pytest

import lomi

from . import __main__  # noqa: F401  # enters the experiments
from .figures import EXPERIMENTS, Experiment, measure
from .server import FaultServer, answer, each_request

SHORT = [each for each in EXPERIMENTS.values() if each.short]
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


@pytest.mark.parametrize("experiment", SHORT, ids=lambda each: each.name)
def test_the_promise_is_kept(experiment: Experiment):
    figures, _ = measure(experiment.name, long=False)
    assert figures
    assert [each for each in figures if not each.kept] == []


def test_what_an_application_logs_of_its_own_calls_stays(caplog: pytest.LogCaptureFixture):
    with (
        FaultServer(each_request(lambda wire, _: wire.send(answer(200, {"id": "x"})))) as server,
        lomi.LomiClient("lomi_sk_test_fire", base_url=server.url) as client,
        caplog.at_level(logging.DEBUG),
    ):
        client.customers.get("x")
        assert {record.name for record in caplog.records} == {"lomi"}
        httpx.get(f"{server.url}/?mine=1")
    assert "mine=1" in caplog.text
    assert {"httpx", "httpcore.http11"} <= {record.name for record in caplog.records}
