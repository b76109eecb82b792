"""Random faults: the same under the same seed, and nothing that a correct program could not get over."""

import asyncio
import contextlib
from types import SimpleNamespace

import httpx
import pytest

import lomi
from lomi.testing import _current, _plugin, sandbox
from lomi.testing._chaos import KINDS, Chaos


def struck(box):
    """One letter for each request: x where a fault struck."""
    return "".join("x" if request.faults else "-" for request in box.requests)


def faults(seed, test="a test", calls=40):
    with sandbox(chaos=seed, test=test) as box:
        client = box.client(max_retries=0)
        for _ in range(calls):
            with contextlib.suppress(lomi.LomiError):
                client.customers.list()
        return [request.faults for request in box.requests]


def test_same_seed_and_test_the_same_faults():
    assert faults(7) == faults(7)


def test_seeds_and_tests_differ():
    assert len({tuple(faults(*each)) for each in [(7,), (8,), (-1,), (7, "another"), (8, "another")]}) == 5


def test_other_routes_in_between_change_nothing():
    def on_get(busy):
        with sandbox(chaos=7, test="a test") as box:
            client = box.client(max_retries=0)
            for _ in range(12):
                with contextlib.suppress(lomi.LomiError):
                    client.customers.list()
                if busy:
                    with contextlib.suppress(lomi.LomiError):
                        client.merchants.get(box.merchant_id)
            return [request.faults for request in box.requests if request.route == "/customers"]

    assert on_get(busy=True) == on_get(busy=False)


def test_every_kind_comes_sooner_or_later():
    seen = set()
    for seed in range(12):
        seen.update(*faults(seed))
    assert seen == {"drop", "fail", "html_502", "truncate", "rate_limit", "delay"}
    assert len(KINDS) == 9


def update(client, *arguments, **fields):
    """Update a customer, and again while it is unknown whether it was updated, as a correct program does."""
    while True:
        try:
            return client.customers.update(*arguments, **fields)
        except lomi.LomiError as error:
            if error.outcome != "unknown":
                raise


@pytest.mark.parametrize("seed", range(8))
def test_reads_updates_and_deletes_always_succeed(seed):
    with sandbox(chaos=seed, test="a test", customers=3) as box:
        client = box.client()
        for customer in client.customers.list():
            update(client, customer.id, city="Thiès")
            assert client.customers.get(customer.id).city == "Thiès"
            client.customers.delete(customer.id)
        assert list(client.customers.list()) == []
        for _ in range(60):
            client.merchants.get(box.merchant_id)
        assert "x" in struck(box)


def test_calls_side_by_side_always_succeed():
    async def main(box):
        async with box.async_client() as client:
            await asyncio.gather(*(client.customers.list() for _ in range(50)))

    for seed in range(5):
        with sandbox(chaos=seed, test="a test") as box:
            asyncio.run(main(box))
            assert "x" in struck(box)


@pytest.mark.parametrize("seed", range(8))
def test_create_is_struck_at_most_twice_in_a_row(seed):
    with sandbox(chaos=seed, test="a test") as box:
        client = box.client()
        for _ in range(12):
            with contextlib.suppress(lomi.LomiError):
                client.customers.create(name="Awa Diop")
        assert "xxx" not in struck(box)


def test_faults_become_rare_where_there_are_many_requests():
    chaos = faults(1, calls=400)
    assert 20 < sum(map(bool, chaos)) <= 8 + 40


def test_requests_without_an_id_are_struck_too():
    with sandbox() as box:
        chaos = Chaos(1, "a test")
        ordered = [chaos.order(box, "GET /customers", None) for _ in range(20)]
        box.clear_faults()
    assert 0 < sum(each is not None for each in ordered) == chaos.ordered
    assert not any(all(ordered[at : at + 3]) for at in range(18))


def test_call_is_struck_at_most_twice_whatever_comes_in_between():
    with sandbox() as box:
        chaos = Chaos(1, "a test")
        ids = [("first", "second")[turn % 2] for turn in range(200)]
        struck = [each for each in ids if chaos.order(box, "GET /customers", each) is not None]
        box.clear_faults()
    assert sorted(struck) == ["first", "first", "second", "second"]


def test_unknown_paths_are_left_alone():
    with sandbox(chaos=1, test="a test") as box:
        for _ in range(20):
            with pytest.raises(lomi.LomiNotFoundError):
                box.client().send(lomi.Request("GET", lomi.path("/nowhere"), dict))
        assert "x" not in struck(box)


def test_test_that_orders_faults_is_left_alone_from_then_on():
    with sandbox(chaos=1, test="a test") as box:
        client = box.client(max_retries=0)
        box.fail(503, route="GET /customers")
        with pytest.raises(lomi.LomiServiceUnavailableError):
            client.customers.list()
        for _ in range(30):
            client.customers.list()
        assert struck(box) == "x" + 30 * "-"


def test_faults_of_chaos_are_not_left_behind():
    with sandbox(chaos=1, test="a test") as box:
        for _ in range(10):
            box.client().customers.list()
            assert box.faults == ()
    # Answered by the route of GET, whose faults do not strike it.
    with (
        sandbox(chaos=1, test="a test") as box,
        httpx.Client(transport=box.transport(), headers={"X-API-KEY": box.api_key}) as http,
    ):
        assert [http.head("http://anywhere/customers").status_code for _ in range(10)] == [200] * 10
        assert box.faults == ()


def test_served_sandbox_is_struck_too():
    with sandbox(chaos=1, test="a test") as box, box.serve() as server:
        client = lomi.LomiClient(server.api_key, base_url=server.url, max_retries=0)
        with client:
            for _ in range(12):
                with contextlib.suppress(lomi.LomiError):
                    client.merchants.get(box.merchant_id)
        assert "x" in struck(box)


SUITE = """
    import contextlib
    import pytest
    import lomi
    from lomi.testing import LomiTestCase, sandbox, use_sandbox

    def ask(box):
        client = box.client(max_retries=0)
        for _ in range(10):
            with contextlib.suppress(lomi.LomiError):
                client.customers.list()
        return "".join("x" if request.faults else "-" for request in box.requests)

    @pytest.mark.parametrize("turn", range(3))
    def test_fixture(lomi_sandbox, turn):
        print(f"fixture {turn}:", ask(lomi_sandbox))

    class TestCase(LomiTestCase):
        def test_it(self):
            print("case:", ask(self.lomi_sandbox))

    @use_sandbox()
    def test_decorator(sandbox):
        print("decorator:", ask(sandbox))

    print("collected:", ask(sandbox()))

    def test_plain():
        with sandbox() as box:
            print("plain:", ask(box))

    @pytest.mark.lomi_no_chaos
    def test_calm(lomi_sandbox):
        print("calm fixture:", ask(lomi_sandbox))
        with sandbox() as box:
            print("calm plain:", ask(box))
"""


def told(result):
    """Which requests were struck, by test."""
    lines = [line.rpartition(": ") for line in result.outlines if set(line.rpartition(": ")[2]) <= {*"x-"}]
    return {
        name.removeprefix("test_it.py ").lstrip("."): shown for name, _, shown in lines if len(shown) >= 10 and name
    }


def test_option_strikes_whatever_uses_a_sandbox(run):
    result = run(SUITE, "-s", "--lomi-chaos=3")
    result.assert_outcomes(passed=7)
    result.stdout.fnmatch_lines(["lomi. chaos: --lomi-chaos=3"])
    shown = told(result)
    assert [*shown] == [
        "collected",
        "fixture 0",
        "fixture 1",
        "fixture 2",
        "case",
        "decorator",
        "plain",
        "calm fixture",
        "calm plain",
    ]
    calm = {name for name, each in shown.items() if "x" not in each}
    assert calm == {"collected", "calm fixture", "calm plain"}


def test_no_option_no_faults(run):
    result = run(SUITE, "-s")
    assert all("x" not in each for each in told(result).values())
    result.stdout.no_fnmatch_line("*chaos*")


def test_order_and_choice_of_tests_change_nothing(run):
    whole = told(run(SUITE, "-s", "--lomi-chaos=3"))
    part = told(run(SUITE, "-s", "--lomi-chaos=3", "-k", "fixture and 2 or plain"))
    assert part == {name: each for name, each in whole.items() if name in {"collected", "fixture 2", "plain"}}


def test_variable_stands_for_the_option(run, monkeypatch):
    asked = told(run(SUITE, "-s", "--lomi-chaos=3"))
    monkeypatch.setenv("LOMI_CHAOS", "3")
    assert told(run(SUITE, "-s")) == asked


FAILS = """
    import pytest
    import lomi

    @pytest.mark.parametrize("turn", range(6))
    def test_it(lomi_client, turn):
        lomi_client.customers.create(name="Awa Diop")

    def test_other(lomi_client):
        assert 0

    def test_unconcerned():
        assert 0
"""


def test_seed_that_failed_is_told_with_how_to_repeat(run):
    result = run(FAILS, "--lomi-chaos=5")
    failed = [line.split(" ")[1] for line in result.outlines if line.startswith("FAILED test_it.py::test_it")]
    assert 0 < len(failed) < 6
    result.stdout.fnmatch_lines(
        [
            f"*1 random fault(s); to repeat: pytest --lomi-chaos=5 '{failed[0].replace('[', '[[]')}'",
            "*= lomi. chaos =*",
            f"{len(failed)} failed after random faults had struck; to repeat:",
            *(f"pytest --lomi-chaos=5 '{nodeid.replace('[', '[[]')}'" for nodeid in failed),
        ]
    )
    result.stdout.no_fnmatch_line("pytest --lomi-chaos=5 *test_other*")
    again = run(FAILS, "--lomi-chaos=5", failed[0])
    again.assert_outcomes(failed=1)


def test_xdist_changes_nothing_and_tells_as_much(run):
    alone = run(FAILS, "--lomi-chaos=5")
    spread = run(FAILS, "--lomi-chaos=5", "-n2", plugin="xdist")
    told = [
        sorted(line for line in each.outlines if line.startswith("pytest --lomi-chaos=")) for each in (alone, spread)
    ]
    assert told[0] == told[1] != []


def test_random_seed_is_one_for_all_workers(run):
    source = """
        import pytest
        @pytest.mark.parametrize("turn", range(4))
        def test_it(turn, lomi_sandbox):
            print("seed", lomi_sandbox.chaos.seed)
            assert 0
    """
    result = run(source, "--lomi-chaos=random", "-n2", plugin="xdist")
    seeds = {line for line in result.outlines if line.startswith("seed ")}
    assert len(seeds) == 1
    assert f"lomi. chaos: --lomi-chaos={seeds.pop().split()[1]}" in result.outlines


def test_run_inside_a_run_leaves_the_outer_one_as_it_was(run):
    before = [*_current.runs]
    run(FAILS, "--lomi-chaos=5")
    assert _current.runs == before


def test_run_inside_a_run_of_which_nothing_is_known_yet(run, monkeypatch):
    outer = _current.Run()
    monkeypatch.setattr(_current, "runs", [outer])
    run("")
    assert [each is outer for each in _current.runs] == [True]


def test_seed_is_a_whole_number(run):
    result = run("", "--lomi-chaos=x")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--lomi-chaos: the seed is not a whole number: 'x'; 'random' chooses one"])


def test_the_seed_goes_to_the_workers_of_xdist():
    seed = _plugin._seed("random")
    assert 0 <= seed < 10**6
    config = SimpleNamespace(stash={_plugin._RUN: _current.Run(seed)})
    node = SimpleNamespace(config=config, workerinput={})
    _plugin.pytest_configure_node(node)
    assert node.workerinput == {"lomi. chaos": seed}
