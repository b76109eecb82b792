"""Every message of the package is in the catalogue, once, and nothing else is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lomi
from lomi._i18n.fr import CATALOGUE, SYSTEM_TEXTS

PACKAGE = Path(lomi.__file__).parent
ENGLISH_ONLY = {"cli", "sandbox", "testing", "_sync"}
# Where a message is made of a text that is not known before.
FROM_A_TEXT = {
    ("_i18n/language.py", "system_text"),
    ("_i18n/language.py", "join"),
    ("_core/validation.py", "_from_type"),
    ("params/_base.py", "_pattern"),
}
# Where those texts stand: the last arguments of a call, or the values of a table.
TEXTS_OF_CALLS = {"_pattern": 2, "matching": 2}
TABLES = {"_BY_TYPE"}
# Calls whose texts callers read.
READ_BY_CALLERS = re.compile(
    r"(FieldError|Lomi\w+Error|TransportFailure|ResponseTooLarge|\w*(Connect|Timeout|Read|Write)\w*)"
)


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE)
        if name.parts[0] not in ENGLISH_ONLY:
            yield name.as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def templates() -> set[str]:
    found: set[str] = set()
    for name, tree in sources():
        for function in ast.walk(tree):
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and (name, function.name) in FROM_A_TEXT:
                function.body = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) == "Message":
                template = node.args[0]
                assert isinstance(template, ast.Constant), f"{name}:{node.lineno}: not a literal"
                assert isinstance(template.value, str)
                assert not node.args[1:] or template.value.count("{}") == len(node.args) - 1 or starred(node)
                found.add(template.value)
            elif isinstance(node, ast.Call) and called(node) in TEXTS_OF_CALLS:
                found |= texts(*node.args[TEXTS_OF_CALLS[called(node)] :])
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in TABLES:
                assert isinstance(node.value, ast.Dict)
                found |= texts(*node.value.values)
    return found


def texts(*nodes: ast.AST) -> set[str]:
    constants = [each for node in nodes for each in ast.walk(node) if isinstance(each, ast.Constant)]
    return {each.value for each in constants if isinstance(each.value, str)}


def starred(node: ast.Call) -> bool:
    return any(isinstance(argument, ast.Starred) for argument in node.args)


def test_every_message_has_its_translation_and_no_translation_is_left_over() -> None:
    # What holds no letters, such as "{}: {}", is the same in every language.
    assert {template for template in templates() if re.search(r"[a-zA-Z]", template)} == set(CATALOGUE)
    assert len(CATALOGUE) > 100
    assert CATALOGUE.keys().isdisjoint(SYSTEM_TEXTS)


def test_texts_that_callers_read_are_messages() -> None:
    plain = [
        f"{name}:{node.lineno}"
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and READ_BY_CALLERS.fullmatch(called(node))
        for index, argument in enumerate(node.args)
        # The field of a `FieldError` is a name, and stays as it is.
        if index > (called(node) == "FieldError") - 1 and isinstance(argument, (ast.JoinedStr, ast.Constant))
        if isinstance(argument, ast.JoinedStr) or isinstance(argument.value, str)
    ]
    assert plain == []


@pytest.mark.parametrize("english", sorted({**CATALOGUE, **SYSTEM_TEXTS}))
def test_both_languages_have_the_same_placeholders(english: str) -> None:
    french = {**CATALOGUE, **SYSTEM_TEXTS}[english]
    assert french != english
    assert english.count("{}") == french.count("{}")
    # Names that are typed stay as they are.
    names = re.compile(r"LOMI_\w+|lomi_\w+|api_key|base_url|account|https?_?\w*|str\(\)|None|True|False|candidate_ids")
    assert set(names.findall(english)) <= set(names.findall(french)) | {"api_key"}
