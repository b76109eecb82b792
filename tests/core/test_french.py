"""What the package itself says is in French for who asks for it, and nothing of it is forgotten."""

import ast
import copy
import operator
import pickle
import re
import uuid
from functools import cached_property
from pathlib import Path

import pytest

import lomi
from lomi import (
    LomiClient,
    LomiConfigurationError,
    LomiConnectionError,
    LomiNotFoundError,
    LomiValidationError,
    Money,
)
from lomi._i18n.fr import CATALOGUE, in_french
from lomi.sandbox import Sandbox

PACKAGE = Path(lomi.__file__).parent
# Which argument of these is said to a caller, and those after it.
SAYING = {
    "FieldError": 1,
    "Message": 0,
    "_pattern": 2,
    "_refusal": 1,
    **dict.fromkeys(("LomiConfigurationError", "LomiPartialWriteError", "LomiReconcileError", "LomiResponseError"), 0),
    **dict.fromkeys(("OSError", "TimeoutError", "ResponseTooLarge", "CertificateError"), 0),
    **dict.fromkeys(("ConnectError", "ConnectTimeout", "ReadTimeout", "ReadError", "RemoteProtocolError"), 0),
    **dict.fromkeys(("WriteError", "WriteTimeout"), 0),
    "TransportFailure": 1,
}
NAMES = {"hint", "problem", "meant", "there", "message"}
# What is not said to a caller, or is put together from texts that are in the catalogue.
PARTS = {"", 'did you mean "{}"? ', "{}one of {}"}


def texts(node: ast.expr | None) -> list[str]:
    """The texts that an expression can be, with {} for what differs."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return ["".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)]
    if isinstance(node, ast.IfExp):
        return texts(node.body) + texts(node.orelse)
    if isinstance(node, ast.BoolOp):
        return texts(node.values[-1])
    if isinstance(node, ast.Tuple):
        return [text for each in node.elts for text in texts(each)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = texts(node.left) or ["{}"], texts(node.right) or ["{}"]
        return [a + b for a in left for b in right]
    return []


def called(node: ast.Call) -> str:
    """The name of what is called: the class of an exception, its module left out."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def said() -> set[str]:
    found: set[str] = set()
    files = [path for path in PACKAGE.rglob("*.py") if not {"cli", "sandbox", "testing", "_sync"} & set(path.parts)]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and (name := called(node)) in SAYING:
                found.update(text for each in node.args[SAYING[name] :] for text in texts(each))
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in NAMES:
                found.update(texts(node.value))
            elif isinstance(node, ast.FunctionDef) and node.name in {"_text_problem", "_header_problem"}:
                found.update(
                    text for each in ast.walk(node) if isinstance(each, ast.Return) for text in texts(each.value)
                )
    return found - PARTS


def test_there_is_something_to_translate() -> None:
    assert len(said()) > 90


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
        ("TLS: no answer in time", "TLS : pas de réponse à temps"),
        ("a text from elsewhere", "a text from elsewhere"),
    ],
)
def test_translation(english: str, french: str) -> None:
    assert in_french(english).startswith(french)


@pytest.fixture
def in_dakar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOMI_LANG", "fr_SN.UTF-8")


def test_what_is_longer_than_any_text_of_ours_is_not_compared() -> None:
    assert in_french(f"{'x' * 900} is not a string but int") != f"{'x' * 900} is not a string but int"
    assert in_french(f"{'x' * 1000} is not a string but int") == f"{'x' * 1000} is not a string but int"
    assert max(map(len, CATALOGUE)) < 300


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
    with pytest.raises(LomiValidationError, match=r"amount a plus de 0 décimales \(0 au plus en XOF\)"):
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


# Each method with an argument that it refuses, and what it says of it.
REFUSED = {
    "customers.create": (lambda client: client.customers.create(name=" "), "name est vide"),
    "customers.create with a reference": (
        lambda client: client.customers.create(name="Awa", reference=" "),
        "reference est vide",
    ),
    "customers.list": (lambda client: client.customers.list(page=0), "page est hors limites"),
    "customers.get": (lambda client: client.customers.get(""), "id est vide"),
    "customers.update": (lambda client: client.customers.update("x"), "params ne contient rien à modifier"),
    "customers.delete": (lambda client: client.customers.delete(".."), "id est fait de points"),
    "customers.get_transactions": (lambda client: client.customers.get_transactions(" "), "id est vide"),
    "customers.reconcile": (lambda client: client.customers.reconcile(ValueError()), "error ne vient pas"),
    "merchants.get": (lambda client: client.merchants.get(""), "id est vide"),
    "merchants.get_mrr": (lambda client: client.merchants.get_mrr(""), "id est vide"),
    "merchants.get_arr": (lambda client: client.merchants.get_arr(""), "id est vide"),
    "merchants.get_balance": (
        lambda client: client.merchants.get_balance("x", currency_code="cfa"),
        "n'est pas fait de trois lettres",
    ),
    **{
        f"{name}.get": (lambda client, name=name: getattr(client, name).get("x"), "id n'est pas un UUID")
        for name in (
            *("checkout_sessions", "payment_links", "payment_requests"),
            *("payouts", "refunds", "transactions"),
        )
    },
    **{
        f"{name}.list": (
            lambda client, name=name: getattr(client, name).list(status="x"),
            "n'est pas l'une des valeurs",
        )
        for name in ("checkout_sessions", "payment_requests", "payouts", "refunds", "transactions")
    },
    "transactions.get_refundable": (lambda client: client.transactions.get_refundable("x"), "id n'est pas un UUID"),
    "payment_links.list": (lambda client: client.payment_links.list(limit=0), "limit est hors limites"),
    "providers.list": (lambda client: client.providers.list(provider_code="x"), "n'est pas l'une des valeurs"),
    "checkout_sessions.create": (lambda client: client.checkout_sessions.create(amount=0), "amount n'est pas positif"),
    "checkout_sessions.wait": (lambda client: client.checkout_sessions.wait("x"), "id n'est pas un UUID"),
    "payment_links.create": (
        lambda client: client.payment_links.create(link_type="instant", title="a", currency_code="XOF"),
        "amount est requis pour un lien du type instant (passez amount)",
    ),
    "payment_requests.create": (
        lambda client: client.payment_requests.create(amount=1.5, currency_code="XOF", expiry_date="2026-02-01T00:00Z"),
        "amount a une fraction, que XOF n'a pas",
    ),
    "payouts.create": (
        lambda client: client.payouts.create(destination="self", rail="bank", amount=1, currency_code="XOF"),
        "payout_method_id est requis pour un versement à self par bank",
    ),
    "refunds.create": (lambda client: client.refunds.create(amount="5"), "amount n'est pas un nombre mais str"),
    "charges.create_wave_charge": (lambda client: client.charges.create_wave_charge(amount=-1), "n'est pas positif"),
    "charges.create_mtn_charge": (lambda client: client.charges.create_mtn_charge(amount=-1), "n'est pas positif"),
    "charges.create_card_charge": (
        lambda client: client.charges.create_card_charge(amount=1),
        "customer_email est requis sans customer_id",
    ),
    "charges.get_card_charge": (lambda client: client.charges.get_card_charge(" "), "id est vide"),
    "charges.cancel_card_charge": (lambda client: client.charges.cancel_card_charge(" "), "id est vide"),
    "iter_all": (
        lambda client: client.customers.list().iter_all(max_concurrency=0),
        "max_concurrency est hors limites",
    ),
    "with_options": (lambda client: client.with_options(timeout=-1), "timeout n'est pas un nombre positif"),
    **{
        f"{name}.get": (lambda client, name=name: getattr(client, name).get("x"), "n'est pas un UUID")
        for name in (
            *("accounts", "customer_subscriptions", "discount_coupons", "subscriptions"),
            *("webhook_delivery_logs", "webhooks"),
        )
    },
    **{
        name: (lambda client, name=name: operator.attrgetter(name)(client)("x"), "n'est pas un UUID")
        for name in (
            *("customer_subscriptions.delete", "discount_coupons.get_performance", "subscriptions.cancel"),
            *("subscriptions.uncancel", "webhooks.delete", "webhooks.test"),
        )
    },
    **{
        name: (lambda client, name=name: operator.attrgetter(name)(client)(str(uuid.uuid4())), "rien à modifier")
        for name in ("customer_subscriptions.update", "subscriptions.update", "webhooks.update")
    },
    **{
        name: (lambda client, name=name: operator.attrgetter(name)(client)(" "), "est vide")
        for name in ("organizations.get", "products.get", "subscriptions.find_by_customer")
    },
    "subscriptions.get_by_customer": (lambda client: client.subscriptions.get_by_customer(" "), "est vide"),
    "accounts.get_balance": (lambda client: client.accounts.get_balance(currency="x"), "n'est pas l'une des valeurs"),
    "accounts.get_balance_breakdown": (
        lambda client: client.accounts.get_balance_breakdown(target_currency="x"),
        "n'est pas l'une des valeurs",
    ),
    "accounts.check_balance": (lambda client: client.accounts.check_balance("x"), "n'est pas l'une des valeurs"),
    "customer_subscriptions.list": (
        lambda client: client.customer_subscriptions.list(status="x"),
        "n'est pas l'une des valeurs",
    ),
    "discount_coupons.create": (
        lambda client: client.discount_coupons.create(code="X"),
        "discount_percentage est requis pour ce discount_type (passez discount_percentage)",
    ),
    "products.create": (
        lambda client: client.products.create(name="X", prices=[]),
        "prices n'en a aucun, ou trop (de 1 à 3)",
    ),
    "products.list": (lambda client: client.products.list(limit=0), "limit est hors limites"),
    "products.add_price": (
        lambda client: client.products.add_price("x", amount=5, currency_code="XOF", maximum_amount=4),
        "maximum_amount est en dessous du montant",
    ),
    "products.set_default_price": (lambda client: client.products.set_default_price("x", ""), "priceId est vide"),
    "subscriptions.list": (lambda client: client.subscriptions.list(page=0), "page est hors limites"),
    "subscriptions.change_plan": (
        lambda client: client.subscriptions.change_plan(str(uuid.uuid4()), price_id="x"),
        "price_id n'est pas un UUID",
    ),
    "webhook_delivery_logs.list": (
        lambda client: client.webhook_delivery_logs.list(webhook_id="x"),
        "n'est pas un UUID",
    ),
    "webhooks.create": (
        lambda client: client.webhooks.create(url="http://x.example", authorized_events="PAYMENT_FAILED"),
        "url n'est pas une URL https absolue",
    ),
    "webhooks.retry_delivery": (lambda client: client.webhooks.retry_delivery("x", "y"), "n'est pas un UUID"),
}
# What takes no arguments.
NEVER_REFUSE = {
    *("accounts.list", "discount_coupons.list", "me.get", "organizations.get_metrics", "organizations.list"),
    "webhooks.list",
}


def test_every_method_is_among_those_that_refuse() -> None:
    resources = [name for name, of in vars(LomiClient).items() if isinstance(of, cached_property)]
    client = LomiClient("lomi_sk_test_x")
    methods = {f"{name}.{each}" for name in resources for each in vars(type(getattr(client, name))) if each[0] != "_"}
    assert {"customers.create", "merchants.get"} <= methods
    assert methods <= set(REFUSED) | NEVER_REFUSE


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_every_method_speaks_the_language_of_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    call, french = REFUSED[name]
    with Sandbox(customers=1) as sandbox, sandbox.client() as client:
        for language, said in (("en", False), ("fr", True)):
            monkeypatch.setenv("LOMI_LANG", language)
            with pytest.raises((LomiValidationError, LomiConfigurationError)) as caught:
                call(client.with_options(language=None))
            assert (french in str(caught.value)) is said


def test_a_client_is_set_up_in_its_language() -> None:
    with pytest.raises(LomiConfigurationError, match="timeout n'est pas un nombre positif"):
        LomiClient("lomi_sk_test_x", timeout=0, language="fr")
    with pytest.raises(LomiConfigurationError, match=r"^hooks n'est pas lomi.Hooks"):
        LomiClient("lomi_sk_test_x", hooks=1, language="fr")  # type: ignore[arg-type]
    for wrong in ("de", "FR", 1, ["fr"]):
        with pytest.raises(LomiConfigurationError, match='language is neither "en" nor "fr"'):
            LomiClient("lomi_sk_test_x", language=wrong)  # type: ignore[arg-type]
    client = LomiClient("lomi_sk_test_x", language="fr")
    with pytest.raises(LomiConfigurationError, match='language n\'est ni "en" ni "fr"'):
        client.with_options(language="de")  # type: ignore[arg-type]
    client.close()
    with pytest.raises(LomiConfigurationError, match="ce client est fermé"):
        client.customers.get("x")


def test_what_came_of_a_call_is_told_in_french() -> None:
    with Sandbox(customers=0) as sandbox:
        client = sandbox.client(max_retries=0).with_options(language="fr")
        sandbox.drop("after_commit", times=1)
        with pytest.raises(LomiConnectionError) as caught:
            client.customers.create(name="Awa")
        assert re.search(r"\(requête \S+, POST /customers, 1 tentative, cela a pu se faire\)$", str(caught.value))
        again = pickle.loads(pickle.dumps(caught.value))
        assert str(again) == str(caught.value)
        with pytest.raises(LomiNotFoundError) as missing:
            client.customers.get("cus_nobody")
        assert "not found or access denied" in str(missing.value)
        assert "1 tentative)" in str(missing.value)


def test_what_the_api_says_is_never_taken_for_a_text_of_ours() -> None:
    assert lomi.LomiBadRequestError("is blank", attempts=0).message == "is blank"
    error = lomi.LomiConnectionError("no answer in time")
    error._tell("fr")
    assert error.message == "pas de réponse à temps"
    error._tell("en")
    assert error.message == "no answer in time"


def test_log_lines_stay_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    with Sandbox(customers=0) as sandbox, caplog.at_level("DEBUG", "lomi"):
        client = sandbox.client().with_options(language="fr")
        with pytest.raises(LomiNotFoundError):
            client.customers.get("cus_nobody")
    assert "GET /customers/{id} -> 404" in caplog.text
    assert "requête" not in caplog.text
