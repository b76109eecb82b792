"""The marker that orders faults."""

import pytest

from lomi.sandbox import Sandbox
from lomi.sandbox.faults import FAULTS, NAMES

USES = """
    import pytest
    import lomi
    {mark}
    def test_it(lomi_client, lomi_sandbox):
        {body}
"""


def outcome(run, mark, body="pass"):
    return run(USES.format(mark=mark, body=body))


def test_answer_of_a_create_is_lost(run):
    result = run("""
        import pytest
        import lomi

        @pytest.mark.lomi_faults("drop_after_commit", route="POST /customers")
        def test_it(lomi_client):
            with pytest.raises(lomi.LomiConnectionError) as caught:
                lomi_client.customers.create(name="Awa Diop")
            assert caught.value.outcome == "unknown"
            assert len(lomi_client.customers.list().customers) == 1

        def test_no_other_test_is_struck(lomi_client):
            assert lomi_client.customers.create(name="Awa Diop")
    """)
    result.assert_outcomes(passed=2)


def test_markers_strike_from_the_module_to_the_test_and_from_top_to_bottom(run):
    result = run("""
        import pytest

        pytestmark = pytest.mark.lomi_faults("fail", status=501)

        @pytest.mark.lomi_faults("fail", status=502)
        class TestIt:
            @pytest.mark.lomi_faults("fail", status=503)
            @pytest.mark.lomi_faults("fail_after_commit", "html_502")
            @pytest.mark.lomi_faults("rate_limit", retry_after=900)
            def test_it(self, lomi_sandbox):
                assert [fault.kind for fault in lomi_sandbox.faults] == ["fail"] * 4 + ["html_502", "rate_limit"]
                client = lomi_sandbox.client(max_retries=0)
                for _ in range(6):
                    with pytest.raises(Exception):
                        client.customers.list()
                statuses = [request.status for request in lomi_sandbox.requests]
                assert statuses == [501, 502, 503, 500, 502, 429]
    """)
    result.assert_outcomes(passed=1)


def test_parameters_reach_the_fault(run):
    result = run("""
        import pytest
        import lomi

        @pytest.mark.lomi_faults("fail", status=503, times=2, skip=1, route="GET /customers", retry_after=1)
        def test_it(lomi_client, lomi_sandbox):
            lomi_client.customers.create(name="Awa Diop")
            lomi_client.customers.list()
            lomi_client.customers.list()
            assert [request.status for request in lomi_sandbox.requests] == [201, 200, 503, 503, 200]
    """)
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ('"drop_after_comit"', "no fault is called 'drop_after_comit'; did you mean 'drop_after_commit'? there are *"),
        (
            '"nonsense"',
            "no fault is called 'nonsense'; there are change_webhook_id, corrupt_webhook_signature, database_error, *",
        ),
        ("503", "no fault is called 503; there are *"),
        ("", 'name at least one fault, such as "drop_after_commit"'),
        ('"drop", tmies=2', "drop takes no 'tmies'; did you mean 'times'? it takes when, route, times, skip, *"),
        ('"drop_before", when="before"', "drop_before takes no 'when'; it takes route, times, skip, *"),
        ('"html_502", "delay", seconds=1', "html_502 takes no 'seconds'; it takes when, route, *"),
        ('"delay"', "delay: delay() needs 'seconds'"),
        ('"delay", seconds=-1', "delay: seconds is above 0 and at most 86,400, a day, not -1"),
        ('"drop", route="POST /customer"', "drop: no route is called 'POST /customer'; there are *"),
        ('"drop", probability=2', "drop: probability is above 0 and at most 1, not 2"),
    ],
)
def test_mistake_is_explained(run, mark, said):
    result = outcome(run, f"@pytest.mark.lomi_faults({mark})")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"lomi_faults: {said}"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*During handling*")


def test_marker_on_a_test_that_nothing_could_strike(run):
    result = run("""
        import pytest
        from lomi.testing import LomiTestCase

        @pytest.mark.lomi_faults("drop")
        def test_it():
            pass

        class TestCase(LomiTestCase):
            @pytest.mark.lomi_faults("drop")
            def test_it(self):
                pass

        @pytest.mark.lomi_faults("drop")
        class TestOthers:
            def test_it(self):
                pass
    """)
    result.assert_outcomes(errors=2, passed=1)
    result.stdout.fnmatch_lines(
        ["lomi_faults: the test uses none of the fixtures async_lomi_client, lomi_api, lomi_client, *"]
    )


def test_fault_that_met_no_request_is_warned_of(run):
    result = run(
        """
        import pytest

        @pytest.mark.lomi_faults("drop", route="DELETE")
        def test_it(lomi_client):
            lomi_client.customers.list()
        """,
        "-W",
        "default",
    )
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*PytestWarning: lomi_faults: <Fault drop on DELETE, struck 0> met no request of *"])


def test_fault_by_chance_or_for_a_whole_module_need_not_strike(run):
    result = run("""
        import pytest

        pytestmark = pytest.mark.lomi_faults("drop", route="DELETE")

        @pytest.mark.lomi_faults("fail", probability=0.000001)
        def test_it(lomi_client):
            lomi_client.customers.list()
    """)
    result.assert_outcomes(passed=1)


def test_chance_is_the_same_in_every_run(run):
    source = """
        import pytest

        @pytest.mark.lomi_faults("drop", times=None, probability=0.5)
        @pytest.mark.parametrize("turn", [1, 2])
        def test_it(lomi_sandbox, turn):
            client = lomi_sandbox.client(max_retries=0)
            for _ in range(30):
                try:
                    client.customers.list()
                except Exception:
                    pass
            print("struck:", "".join("x" if request.faults else "-" for request in lomi_sandbox.requests))
    """
    runs = [[line for line in run(source, "-s").outlines if "struck:" in line] for _ in range(2)]
    assert runs[0] == runs[1]
    first, second = (line.partition("struck: ")[2] for line in runs[0])
    assert first != second
    assert {*first, *second} == {"x", "-"}


def test_every_fault_of_a_sandbox_has_its_name(run):
    with Sandbox() as sandbox:
        for name, (method, preset) in NAMES.items():
            needed = {each.name: 1 for each in FAULTS[method].parameters if each.default is ...}
            fault = getattr(sandbox, method)(**preset, **needed)
            assert fault.kind == method, name
    assert {"drop_after_commit", "drop_before", "rate_limit", "repeat_page", "lose_metadata", "fail_before"} <= {*NAMES}


def test_marker_is_registered(run):
    run("", "--markers").stdout.fnmatch_lines(["@pytest.mark.lomi_faults(*", "@pytest.mark.lomi_no_chaos: *"])
