"""What a test asks for by name."""

import pytest


def test_each_test_has_an_empty_sandbox_of_its_own(run):
    result = run("""
        import pytest

        @pytest.mark.parametrize("turn", [1, 2])
        def test_it(lomi_client, lomi_sandbox, turn):
            assert lomi_client.customers.list().pagination.total_count == 0
            created = lomi_client.customers.create(name="Awa Diop")
            assert [customer.id for customer in lomi_client.customers.list()] == [created.id]
            assert [request.method for request in lomi_sandbox.requests] == ["GET", "POST", "GET"]
    """)
    result.assert_outcomes(passed=2)


def test_nothing_is_left_open(run):
    result = run("""
        import pytest
        import lomi

        kept = []

        def test_it(lomi_client, async_lomi_client, lomi_sandbox):
            kept.extend([lomi_client, async_lomi_client, lomi_sandbox])

        def test_after_it():
            client, async_client, sandbox = kept
            with pytest.raises(lomi.LomiConfigurationError, match="this client is closed"):
                client.customers.list()
            with pytest.raises(lomi.LomiConfigurationError, match="this client is closed"):
                async_client.customers.list().send(None)
            with pytest.raises(lomi.LomiConnectionError, match="the sandbox is closed"):
                sandbox.client().customers.list()
    """)
    result.assert_outcomes(passed=2)


SHOWS_DIALECT = """
    def test_it(lomi_client, lomi_sandbox):
        customer = lomi_client.customers.create(name="Awa Diop")
        print("spoken:", lomi_sandbox.dialect, customer.id.startswith("cus_"))
"""


@pytest.mark.parametrize(
    ("ini", "spoken"),
    [
        ("", ["server False"]),
        ("lomi_dialect = server", ["server False"]),
        ("lomi_dialect = docs", ["docs True"]),
        ("lomi_dialect = both", ["server False", "docs True"]),
    ],
)
def test_dialect_is_an_ini_option(run, ini, spoken):
    result = run(SHOWS_DIALECT, "-s", ini=ini)
    result.assert_outcomes(passed=len(spoken))
    assert [line.partition("spoken: ")[2] for line in result.outlines if "spoken: " in line] == spoken


def test_both_dialects_are_told_apart_by_the_name_of_the_test(run):
    result = run(SHOWS_DIALECT, "-v", ini="lomi_dialect = both")
    result.stdout.fnmatch_lines(["*::test_it[[]server] PASSED*", "*::test_it[[]docs] PASSED*"])


def test_unknown_dialect_is_refused_at_once(run):
    result = run(SHOWS_DIALECT, ini="lomi_dialect = doc")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: lomi_dialect is server, docs or both, not 'doc'"])


def test_one_test_may_choose_its_dialect(run):
    result = run(
        """
        import pytest

        @pytest.mark.parametrize("lomi_dialect", ["docs"])
        def test_chosen(lomi_sandbox):
            assert lomi_sandbox.dialect == "docs"

        @pytest.mark.parametrize(argnames="other, lomi_dialect", argvalues=[(1, "docs")])
        def test_chosen_by_keyword(lomi_sandbox, other):
            assert lomi_sandbox.dialect == "docs"

        @pytest.mark.parametrize(["lomi_dialect", "other"], [("docs", 1)])
        def test_chosen_in_a_list(lomi_sandbox, other):
            assert lomi_sandbox.dialect == "docs"

        @pytest.mark.parametrize("not_lomi_dialect", [1])
        def test_given_much_the_same(lomi_sandbox, not_lomi_dialect):
            assert lomi_sandbox.dialect in {"docs", "server"}

        @pytest.mark.parametrize("other", [1])
        def test_given(lomi_sandbox, other):
            assert lomi_sandbox.dialect in {"docs", "server"}

        def test_unconcerned():
            pass
        """,
        ini="lomi_dialect = both",
    )
    result.assert_outcomes(passed=8)


@pytest.mark.parametrize("params", ["", '(params=["docs"])'])
def test_a_fixture_of_that_name_chooses_whatever_the_option_says(run, params):
    result = run(
        f"""
        import pytest

        @pytest.fixture{params}
        def lomi_dialect(request):
            return "docs"

        def test_it(lomi_sandbox):
            assert lomi_sandbox.dialect == "docs"
        """,
        ini="lomi_dialect = both",
    )
    result.assert_outcomes(passed=1)


ASYNC = """
    import pytest
    import lomi

    {mark}
    async def test_it(async_lomi_client, lomi_sandbox):
        lomi_sandbox.rate_limit(20, times=2)
        await async_lomi_client.customers.create(name="Awa Diop")
        lomi_sandbox.fail(503, times=2)
        names = [customer.name async for customer in await async_lomi_client.customers.list()]
        assert names == ["Awa Diop"]
"""


@pytest.mark.parametrize("mode", ["strict", "auto"])
def test_async_client_under_pytest_asyncio(run, mode):
    result = run(
        ASYNC.format(mark="@pytest.mark.asyncio" if mode == "strict" else ""),
        ini=f"asyncio_mode = {mode}\nasyncio_default_fixture_loop_scope = function",
        plugin="asyncio",
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_async_client_under_anyio(run, backend):
    mark = f'@pytest.mark.anyio\n    @pytest.mark.parametrize("anyio_backend", ["{backend}"])'
    run(ASYNC.format(mark=mark)).assert_outcomes(passed=1)


def test_async_client_in_a_loop_of_the_test_s_own(run):
    result = run("""
        import asyncio

        def test_it(async_lomi_client):
            assert asyncio.run(async_lomi_client.customers.create(name="Awa Diop")).name == "Awa Diop"
    """)
    result.assert_outcomes(passed=1)


def test_failing_test_shows_what_the_sandbox_received(run):
    result = run("""
        def test_it(lomi_client, lomi_sandbox):
            customer = lomi_client.customers.create(name="Awa Diop", email="awa@example.com")
            lomi_sandbox.drop()
            lomi_client.customers.get(customer.id)
            lomi_sandbox.async_client(api_key="lomi_sk_test_wrong")
            assert 0
    """)
    result.stdout.fnmatch_lines(
        [
            "*- lomi. sandbox -*",
            "POST /customers -> 201",
            "GET /customers/{id} -> no response  [[]drop]",
            "GET /customers/{id} -> 200",
        ]
    )
    section = result.stdout.str().partition("- lomi. sandbox -")[2]
    assert "awa@example.com" not in section
    assert "lomi_sk_test" not in section


def test_failing_test_shows_the_last_requests_of_many(run):
    result = run("""
        import httpx

        def test_it(lomi_client, lomi_sandbox):
            for _ in range(60):
                lomi_client.customers.list()
            with httpx.Client(transport=lomi_sandbox.transport()) as http:
                http.get("http://anywhere/nowhere")
            assert 0
    """)
    result.stdout.fnmatch_lines(["(11 requests before these)", "GET /customers -> 200", "GET (unknown path) -> 404"])
    assert result.stdout.str().count("GET /customers -> 200") == 49


def test_failing_test_says_when_nothing_was_received(run):
    run("def test_it(lomi_sandbox): assert 0").stdout.fnmatch_lines(["*- lomi. sandbox -*", "received no request"])


def test_other_failing_tests_say_nothing_of_it(run):
    result = run("""
        def test_with(lomi_sandbox): pass
        def test_without(): assert 0
    """)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("*lomi. sandbox*")
