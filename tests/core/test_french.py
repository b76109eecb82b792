"""LOMI_LANG=fr: what the package itself says of an argument is in French, and nothing of it is forgotten."""

import ast
import copy
import pickle
import re
from pathlib import Path

import pytest

import lomi
from lomi import LomiClient, LomiConfigurationError, LomiNotFoundError, LomiValidationError, Money
from lomi._french import CATALOGUE, in_french
from lomi.sandbox import Sandbox

PACKAGE = Path(lomi.__file__).parent
SAYING = {"FieldError": 1, "_refusal": 1, "LomiConfigurationError": 0}
NAMES = {"hint", "problem", "meant", "there"}
# What is not said to a caller, or is put together from texts that are in the catalogue.
PARTS = {"", 'did you mean "{}"? ', "{}one of {}", "the body is not JSON"}


def texts(node: ast.expr | None) -> list[str]:
    """The texts that an expression can be, with {} for what differs."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return ["".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)]
    if isinstance(node, ast.IfExp):
        return texts(node.body) + texts(node.orelse)
    if isinstance(node, ast.Tuple):
        return [text for each in node.elts for text in texts(each)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = texts(node.left) or ["{}"], texts(node.right) or ["{}"]
        return [a + b for a in left for b in right]
    return []


def said() -> set[str]:
    found: set[str] = set()
    files = [path for path in PACKAGE.rglob("*.py") if not {"cli", "sandbox", "testing", "_sync"} & set(path.parts)]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYING:
                found.update(text for each in node.args[SAYING[node.func.id] :] for text in texts(each))
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in NAMES:
                found.update(texts(node.value))
            elif isinstance(node, ast.FunctionDef) and node.name in {"_text_problem", "_header_problem"}:
                found.update(
                    text for each in ast.walk(node) if isinstance(each, ast.Return) for text in texts(each.value)
                )
    return found - PARTS


def test_there_is_something_to_translate() -> None:
    assert len(said()) > 70


@pytest.mark.parametrize("text", sorted(said()))
def test_every_text_is_in_the_catalogue(text: str) -> None:
    example = text.replace("{}", "X")
    assert in_french(example) != example


@pytest.mark.parametrize("english", sorted(CATALOGUE))
def test_both_languages_have_the_same_gaps(english: str) -> None:
    assert english.count("{}") == CATALOGUE[english].count("{}")
    # Names that are typed stay as they are.
    names = re.compile(r"LOMI_\w+|lomi_\w+|api_key|base_url|account|https?_?\w*|str\(\)|None|True|False")
    assert set(names.findall(english)) <= set(names.findall(CATALOGUE[english])) | {"api_key"}


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("is blank", "est vide"),
        ("is not a string but int", "n'est pas une chaîne mais int"),
        ('did you mean "name"?', 'vouliez-vous dire "name" ?'),
        ("has a key that contains U+0000, which the API cannot store", "a une clé qui contient U+0000, que l'API ne"),
        ("a text from elsewhere", "a text from elsewhere"),
    ],
)
def test_translation(english: str, french: str) -> None:
    assert in_french(english).startswith(french)


@pytest.fixture
def in_dakar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOMI_LANG", "fr_SN.UTF-8")


@pytest.mark.usefixtures("in_dakar")
def test_argument_is_refused_in_french() -> None:
    with Sandbox(customers=0) as sandbox, sandbox.client() as client, pytest.raises(LomiValidationError) as caught:
        client.customers.create(name=" ", email="awa")
    assert [tuple(each) for each in caught.value.errors] == [
        ("name", "est vide", "passez au moins un caractère visible"),
        ("email", "ne peut pas être une adresse électronique", "par exemple amadou.ba@example.com"),
    ]
    assert str(caught.value) == (
        "customers.create: name est vide (passez au moins un caractère visible); "
        "email ne peut pas être une adresse électronique (par exemple amadou.ba@example.com)"
    )
    for same in (pickle.loads(pickle.dumps(caught.value)), copy.deepcopy(caught.value)):
        assert (str(same), same.errors) == (str(caught.value), caught.value.errors)


@pytest.mark.usefixtures("in_dakar")
def test_configuration_and_money_are_refused_in_french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOMI_API_KEY", raising=False)
    with pytest.raises(LomiConfigurationError, match="pas de clé d'API"):
        LomiClient()
    with pytest.raises(LomiConfigurationError, match=r"votre clé finit par un saut de ligne \(api_key\) : copiez-la"):
        LomiClient("lomi_sk_test_x\n")
    with pytest.raises(LomiValidationError, match=r"amount a plus de 0 décimales \(XOF en a 0\)"):
        Money.from_decimal("1.5", "XOF")


@pytest.mark.usefixtures("in_dakar")
def test_what_the_api_says_stays_as_it_is() -> None:
    with Sandbox(customers=0) as sandbox, sandbox.client() as client, pytest.raises(LomiNotFoundError) as caught:
        client.customers.get("cus_nobody")
    assert "not found or access denied" in str(caught.value)


@pytest.mark.parametrize("language", ["", "en", "de"])
def test_any_other_language_is_english(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("LOMI_LANG", language)
    with pytest.raises(LomiValidationError, match="has more than 0 decimals"):
        Money.from_decimal("1.5", "XOF")
