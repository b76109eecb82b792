"""The project's own table of operations against the contract, where that is there."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, get_origin, get_type_hints

import pytest
from pydantic import TypeAdapter
from typing_extensions import Required

from lomi.models._base import LomiModel
from lomi.models.charges import CardCharge, MtnCharge, WaveCharge
from lomi.models.checkout_sessions import NEW_SESSION, CheckoutSession, CheckoutSessionListing
from lomi.models.payment_links import PaymentLink, PaymentLinkListing
from lomi.models.payment_requests import PaymentRequest, PaymentRequestListing
from lomi.models.payouts import CreatedPayout, Payout, PayoutListing
from lomi.models.providers import ProviderListing
from lomi.models.refunds import CreatedRefund, Refund, RefundListing
from lomi.models.transactions import PaymentTransaction, PaymentTransactionListing

from .operations import OPERATIONS

CONTRACT = Path(os.environ.get("LOMI_CONTRACT") or Path(__file__).parents[3] / "shared/contract")
pytestmark = pytest.mark.skipif(not CONTRACT.exists(), reason="the contract is not here")

# Where the published description knows less than the notes, which decide.
NOT_PUBLISHED = {
    # The server reads it; the description lists none.
    "checkout_sessions.create": {"integration_source"},
    # An alias of currency_code that the notes list.
    "charges.create_card_charge": {"currency"},
}
WITHOUT_A_BODY = {"refunds.create", "payouts.create", "charges.create_wave_charge", "charges.create_mtn_charge"}
# What the description has and the server ignores.
IGNORED = {"charges.create_card_charge": {"environment"}}

READERS: dict[str, Any] = {
    "checkout_sessions.create": NEW_SESSION,
    "checkout_sessions.list": CheckoutSessionListing,
    "checkout_sessions.get": CheckoutSession,
    "payment_links.create": PaymentLink,
    "payment_links.list": PaymentLinkListing,
    "payment_links.get": PaymentLink,
    "payment_requests.create": PaymentRequest,
    "payment_requests.list": PaymentRequestListing,
    "payment_requests.get": PaymentRequest,
    "transactions.list": PaymentTransactionListing,
    "transactions.get": PaymentTransaction,
    "refunds.create": CreatedRefund,
    "refunds.list": RefundListing,
    "refunds.get": Refund,
    "payouts.create": CreatedPayout,
    "payouts.list": PayoutListing,
    "payouts.get": Payout,
    "charges.create_wave_charge": WaveCharge,
    "charges.create_mtn_charge": MtnCharge,
    "charges.create_card_charge": CardCharge,
    "charges.get_card_charge": CardCharge,
    "charges.cancel_card_charge": CardCharge,
    "providers.list": ProviderListing,
}
UNWRAPPED = {"refunds.get", "payouts.get"} | {
    name for name in READERS if name.startswith("charges.") and "wave" not in name
}


def read(name: str) -> Any:
    return json.loads((CONTRACT / name).read_text("utf-8"))


def noted() -> dict[str, dict[str, Any]]:
    ours = {name.partition(".")[0] for name in OPERATIONS}
    return {
        each["sdk"]: each for each in read("operations.json")["operations"] if each["sdk"].partition(".")[0] in ours
    }


def test_every_operation_of_the_notes_is_in_the_table_and_no_other() -> None:
    assert set(noted()) == set(OPERATIONS) == set(READERS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_table_is_what_the_notes_say(name: str) -> None:
    operation, note = OPERATIONS[name], noted()[name]
    assert (operation.method, operation.path) == (note["method"], note["path"])
    assert operation.query == {each[0] for each in note["params"] if each[1] == "query"}
    assert {*re.findall(r"{(\w+)}", operation.path)} == {each[0] for each in note["params"] if each[1] == "path"}
    assert operation.body == {each[0] for each in note["body"] or []}


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_table_is_what_is_published(name: str) -> None:
    operation, description = OPERATIONS[name], read("openapi.json")
    published = description["paths"][operation.path][operation.method.lower()]
    parameters = published.get("parameters", [])
    assert operation.query == {each["name"] for each in parameters if each["in"] == "query"}
    content = published.get("requestBody", {}).get("content", {})
    if not content:
        assert not operation.body or name in WITHOUT_A_BODY
        return
    schema = content["application/json"]["schema"]
    if "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    names = set(schema["properties"]) - IGNORED.get(name, set())
    assert operation.body - NOT_PUBLISHED.get(name, set()) == names - NOT_PUBLISHED.get(name, set())
    hints = get_type_hints(operation.declared, include_extras=True)
    required = {each for each, hint in hints.items() if get_origin(hint) is Required}
    assert set(schema.get("required", [])) <= required


def examples() -> list[Any]:
    if not CONTRACT.exists():
        return []
    found = [
        (path.name, json.loads(path.read_text("utf-8"))) for path in sorted((CONTRACT / "examples").glob("*.json"))
    ]
    return [pytest.param(each, id=name) for name, each in found if each.get("operation") in READERS]


@pytest.mark.parametrize("example", examples())
def test_every_example_is_read_and_round_trips(example: dict[str, Any]) -> None:
    response, name = example["response"], example["operation"]
    if response["status"] >= 400:
        return
    body = response["body"]["data"] if name in UNWRAPPED else response["body"]
    model = TypeAdapter(READERS[name]).validate_python(body)
    assert isinstance(model, LomiModel)
    assert type(model).model_validate(model.to_dict()) == model
    sent = {"data": body} if isinstance(body, list) else body
    assert keys(sent) <= keys(model.to_dict())


def keys(value: Any, place: str = "") -> set[str]:
    """Return the places of everything in a JSON value."""
    if isinstance(value, dict):
        return {each for name, inner in value.items() for each in (f"{place}.{name}", *keys(inner, f"{place}.{name}"))}
    if isinstance(value, list):
        return {each for number, inner in enumerate(value) for each in keys(inner, f"{place}[{number}]")}
    return set()


@pytest.mark.filterwarnings("ignore::lomi.LomiDroppedFieldWarning")
@pytest.mark.parametrize("example", examples())
def test_every_example_is_sent_as_it_is(example: dict[str, Any]) -> None:
    from .recording import API, synchronous

    request, name = example["request"], example["operation"]
    body, status = example["response"]["body"], example["response"]["status"]
    if status == 400 and request["method"] == "GET":
        return  # what the example is of is refused here
    api = API(body, status=status)
    resource, _, method = name.partition(".")
    identifier = request["path"].split("/")[3 if "/card/" in request["path"] else 2 :][:1]
    if OPERATIONS[name].path.count("{") == 0:
        identifier = []

    def call(client: Any) -> Any:
        function = getattr(getattr(client, resource), method)
        query = {
            key: int(text) if text.isdigit() else text == "true" if text in ("true", "false") else text
            for key, text in request["query"].items()
        }
        return function(request["body"]) if request["body"] else function(*identifier, **query)

    try:
        synchronous(api, call)
    except Exception:
        assert status >= 400
    assert (api.requests[0].method, api.requests[0].url.path) == (request["method"], request["path"])
    assert dict(api.requests[0].url.params) == request["query"]
    if request["body"] is not None:
        assert json.loads(api.requests[0].content) == request["body"]
