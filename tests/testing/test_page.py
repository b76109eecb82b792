"""The page about the plugin: what it shows is a test suite that passes."""

from scripts.check_docs import ROOT, as_module, blocks

PAGE = blocks(ROOT / "docs" / "pytest.md")


def test_tests_on_the_page_pass(run):
    source = as_module(PAGE)
    assert source.count("def test_") == 11
    marked = source.replace("async def test_asynchronous", "@pytest.mark.anyio\nasync def test_asynchronous")
    run("import pytest\n" + marked, "-k", "not trio").assert_outcomes(passed=11, deselected=1)
