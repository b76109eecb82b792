"""The language of error messages: which one is in effect, where, and what it does not change."""

import asyncio
import contextvars
import copy
import pickle
import re
import threading
from collections.abc import Iterator

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
from lomi._i18n.language import Message, ambient_language, effective_language, join, render, system_text, text_of
from lomi.sandbox import Sandbox

BLANK = Message("is blank")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOMI_LANG", raising=False)


@pytest.fixture
def in_dakar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOMI_LANG", "fr_SN.UTF-8")


def test_a_message_is_its_english_text() -> None:
    message = Message("{} is not a string but {}", "account", "int")
    assert message == "account is not a string but int" == str(message)
    assert type(str(message)) is str
    assert message.render("en") == str(message)
    assert message.render("fr") == "account n'est pas une chaîne mais int"
    for twin in (copy.copy(message), copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
        assert (type(twin), twin.template, twin.arguments) == (Message, message.template, message.arguments)


def test_a_message_in_a_message_is_rendered_too() -> None:
    nested = Message("has a key that {}", Message("contains U+0000, which the API cannot store"))
    assert nested.render("fr") == "a une clé qui contient U+0000, que l'API ne peut pas enregistrer"
    assert Message("TLS: {}", Message("no response in time")).render("fr") == "TLS : pas de réponse à temps"
    assert join("; ", [BLANK, "as it is", BLANK]).render("fr") == "est vide; as it is; est vide"


def test_braces_and_unknown_texts_stay_as_they_are() -> None:
    assert Message('pass {"name": value, …} or keywords').render("fr").startswith('passez {"name": valeur, …}')
    assert Message("{} is a publishable key (lomi_pk_…): use the secret key, lomi_sk_…", "{}").startswith("{} is")
    assert system_text("Connection refused").render("fr") == "connexion refusée"
    assert system_text("{Exotic} error").render("fr") == "{Exotic} error"
    assert render("is blank", "fr") == "is blank"
    assert render(7, "fr") == "7"


def test_the_text_of_an_exception_keeps_its_message() -> None:
    assert text_of(OSError(BLANK)) is BLANK
    assert text_of(OSError(2, "No such file")) == "[Errno 2] No such file"
    assert text_of(ValueError()) == ""


def test_the_innermost_block_decides() -> None:
    assert ambient_language() is None
    with lomi.language("fr"):
        assert ambient_language() == "fr"
        with lomi.language("en"):
            assert ambient_language() == "en"
        assert ambient_language() == "fr"
    assert ambient_language() is None


def test_one_object_can_be_entered_again_and_in_several_threads() -> None:
    french = lomi.language("fr")
    with french, lomi.language("en"), french:
        assert ambient_language() == "fr"
    assert ambient_language() is None

    inside, seen = threading.Barrier(2, timeout=10), []

    def enter() -> None:
        with french:
            inside.wait()
            seen.append(ambient_language())
            inside.wait()
        seen.append(ambient_language())

    threads = [threading.Thread(target=enter) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen, key=str) == [None, None, "fr", "fr"]


def test_threads_with_a_copied_context_and_tasks_have_the_language() -> None:
    seen: list[object] = []

    async def task() -> None:
        await asyncio.sleep(0)
        seen.append(ambient_language())
        with lomi.language("en"):
            await asyncio.sleep(0)
            seen.append(ambient_language())

    async def main() -> None:
        with lomi.language("fr"):
            await asyncio.gather(task(), task())
            assert ambient_language() == "fr"

    with lomi.language("fr"):
        thread = threading.Thread(
            target=contextvars.copy_context().run, args=(lambda: seen.append(ambient_language()),)
        )
        thread.start()
        thread.join()
    asyncio.run(main())
    assert seen == ["fr", "fr", "fr", "en", "en"]


def test_blocks_that_are_left_out_of_order_or_elsewhere_change_nothing_for_others() -> None:
    def french() -> Iterator[None]:
        with lomi.language("fr"):
            yield

    suspended = french()
    next(suspended)
    with lomi.language("en"):
        suspended.close()  # type: ignore[attr-defined]
        assert ambient_language() == "en"
    assert ambient_language() is None
    elsewhere = french()
    contextvars.copy_context().run(next, elsewhere)
    with lomi.language("en"):
        elsewhere.close()  # type: ignore[attr-defined]
        assert ambient_language() == "en"
    assert ambient_language() is None


@pytest.mark.parametrize("wrong", ["de", "FR", "", 1, ["fr"], None])
def test_an_unknown_language_is_refused(wrong: object) -> None:
    with pytest.raises(LomiConfigurationError, match='language is neither "en" nor "fr"'):
        lomi.language(wrong)  # type: ignore[arg-type]


def test_the_ambient_language_then_that_of_raising_then_that_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = LomiConnectionError(BLANK)
    with lomi.language("fr"):
        raised_in_french = LomiConnectionError(BLANK)
        assert (plain.message, str(raised_in_french)) == ("est vide", "est vide")
    with lomi.language("en"):
        raised_in_english = LomiConnectionError(BLANK)
        assert raised_in_french.message == "is blank"
    for error in (raised_in_french, pickle.loads(pickle.dumps(raised_in_french)), copy.deepcopy(raised_in_french)):
        assert error.message == "est vide"
    assert plain.message == "is blank"
    monkeypatch.setenv("LOMI_LANG", "fr")
    assert plain.message == "est vide"
    assert raised_in_english.message == "is blank"
    assert repr(plain) == "LomiConnectionError('est vide')"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("fr", "fr"), ("FR_sn", "fr"), ("fr_SN.UTF-8", "fr"), ("", "en"), ("en", "en"), ("de", "en")],
)
def test_the_language_of_the_environment(monkeypatch: pytest.MonkeyPatch, value: str, expected: str) -> None:
    monkeypatch.setenv("LOMI_LANG", value)
    assert effective_language() == expected


@pytest.mark.usefixtures("in_dakar")
def test_an_argument_is_refused_in_french() -> None:
    with Sandbox(customers=0) as sandbox, sandbox.client() as client, pytest.raises(LomiValidationError) as caught:
        client.customers.create(name=" ", email="awa")
    french = [
        ("name", "est vide", "passez au moins un caractère visible"),
        ("email", "ne peut pas être une adresse électronique", "par exemple amadou.ba@example.com"),
    ]
    assert [tuple(each) for each in caught.value.errors] == french
    assert str(caught.value.errors[0]) == "name est vide (passez au moins un caractère visible)"
    assert str(caught.value) == (
        "customers.create: name est vide (passez au moins un caractère visible); "
        "email ne peut pas être une adresse électronique (par exemple amadou.ba@example.com)"
    )
    for same in (pickle.loads(pickle.dumps(caught.value)), copy.deepcopy(caught.value)):
        assert (str(same), same.errors) == (str(caught.value), caught.value.errors)
    with lomi.language("en"):
        assert str(caught.value).startswith("customers.create: name is blank (pass at least one visible character); ")
        assert caught.value.errors[0] == ("name", "is blank", "pass at least one visible character")
    assert {type(part) for each in caught.value.errors for part in each} == {str}


@pytest.mark.usefixtures("in_dakar")
def test_configuration_and_money_are_refused_in_french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOMI_API_KEY", raising=False)
    with pytest.raises(LomiConfigurationError, match="pas de clé d'API"):
        LomiClient()
    with pytest.raises(LomiConfigurationError, match=r"votre clé finit par un saut de ligne \(api_key\) : copiez-la"):
        LomiClient("lomi_sk_test_x\n")
    with pytest.raises(LomiValidationError, match=r"amount a plus de 0 décimales \(0 au plus en XOF\)"):
        Money.from_decimal("1.5", "XOF")


def test_every_call_in_a_block_is_in_its_language() -> None:
    with Sandbox(customers=0) as sandbox, sandbox.client(max_retries=0) as client, lomi.language("fr"):
        with pytest.raises(LomiValidationError, match="id est vide"):
            client.customers.get("")
        with pytest.raises(LomiConfigurationError, match="timeout n'est pas un nombre positif"):
            client.with_options(timeout=-1)
        sandbox.drop("after_commit", times=1)
        with pytest.raises(LomiConnectionError) as caught:
            client.customers.create(name="Awa")
    # In the language in which it was raised, also outside and in another process.
    assert re.search(r"\(requête \S+, POST /customers, 1 tentative, cela a pu se faire\)$", str(caught.value))
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.anyio
async def test_the_asynchronous_client_too() -> None:
    with Sandbox(customers=0) as sandbox:
        client = sandbox.async_client()
        with lomi.language("fr"), pytest.raises(LomiValidationError, match="name est vide"):
            await client.customers.create(name=" ")
        await client.aclose()


def test_what_the_api_says_stays_as_it_is() -> None:
    assert lomi.LomiBadRequestError("is blank").message == "is blank"
    with lomi.language("fr"), Sandbox("docs", customers=0) as sandbox, sandbox.client() as client:
        with pytest.raises(LomiNotFoundError) as caught:
            client.customers.get("3f1c2d4e-8a7b-4c6d-9e0f-1a2b3c4d5e6f")
        assert "not found or access denied" in str(caught.value)
        assert "1 tentative)" in str(caught.value)
        assert lomi.LomiBadRequestError("is blank").message == "is blank"


def test_log_lines_stay_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "lomi")
    with Sandbox("docs", customers=0) as sandbox, lomi.language("fr"), pytest.raises(LomiNotFoundError):
        sandbox.client().customers.get("3f1c2d4e-8a7b-4c6d-9e0f-1a2b3c4d5e6f")
    assert "GET /customers/{id} -> 404" in caplog.text
    assert "requête" not in caplog.text
