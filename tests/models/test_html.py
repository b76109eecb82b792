"""What a notebook shows: everything that identifies, nothing that is personal, unless it is asked for."""

import asyncio

import lomi
from lomi import Customer, Merchant, MerchantBalance, Transaction
from lomi.models._html import table
from lomi.sandbox import Sandbox

PERSON = {
    "id": "cus_1",
    "name": "Amadou <b>Ba</b>",
    "email": "amadou.ba@example.com",
    "country": "Senegal",
    "city": None,
    "metadata": {"internal_id": "USER_123"},
    "spouse": "Awa",
}


def test_personal_data_is_masked() -> None:
    html = Customer.model_validate(PERSON)._repr_html_()
    assert "<caption>Customer</caption>" in html
    assert "<tr><th>id</th><td>cus_1</td></tr>" in html
    assert "<tr><th>country</th><td>Senegal</td></tr>" in html
    assert "<tr><th>email</th><td>•••</td></tr>" in html
    assert not any(secret in html for secret in ("Amadou", "amadou", "USER_123", "Awa"))
    assert "city" not in html


def test_unknown_field_counts_as_personal() -> None:
    assert "<tr><th>spouse</th><td>•••</td></tr>" in Customer.model_validate(PERSON).to_html()


def test_personal_data_is_shown_when_asked_for_and_escaped() -> None:
    html = Customer.model_validate(PERSON).to_html(personal=True)
    assert "<td>Amadou &lt;b&gt;Ba&lt;/b&gt;</td>" in html
    assert "<td>Awa</td>" in html


def test_wire_name_is_escaped() -> None:
    html = Customer.model_validate({"id": "cus_1", "<script>": 1}).to_html()
    assert "&lt;script&gt;" in html
    assert "<script>" not in html


def test_figures_are_shown() -> None:
    balance = MerchantBalance(merchant_id="m", balance=250_000, currency_code="XOF")
    assert "<tr><th>balance</th><td>250000</td></tr>" in balance._repr_html_()
    merchant = Merchant(merchant_id="m", name="Boulangerie", email="b@example.com", mrr=50_000)
    assert "50000" in merchant.to_html()
    assert "Boulangerie" not in merchant.to_html()
    payment = Transaction(transaction_id="tx_1", gross_amount=10, provider_code="WAVE", description="for Awa")
    assert "WAVE" in payment.to_html()
    assert "Awa" not in payment.to_html()


def test_page_is_a_table_of_its_items() -> None:
    with Sandbox(customers=30) as sandbox, sandbox.client() as client:
        page = client.customers.list(page=2, page_size=20)
        html = page._repr_html_()
        assert "<caption>10 of 30, page 2 of 2</caption>" in html
        assert html.count("<tr>") == 11
        assert "@" not in html
        assert "@example." in page.to_html(personal=True)


async def _async_page() -> str:
    with Sandbox(customers=1) as sandbox:
        async with sandbox.async_client() as client:
            return (await client.customers.list())._repr_html_()


def test_async_page_is_one_too() -> None:
    assert "<caption>1 of 1, page 1 of 1</caption>" in asyncio.run(_async_page())


def test_item_without_a_value_leaves_its_cell_empty() -> None:
    html = table([{"id": "a", "country": "Mali"}, {"id": "b"}], "two")
    assert "<tr><td>b</td><td></td></tr>" in html


def test_every_field_shown_by_default_exists() -> None:
    models = [
        each
        for name in lomi.__all__
        if isinstance(each := getattr(lomi, name), type) and issubclass(each, lomi.LomiModel)
    ]
    for model in models:
        own = vars(model).get("shown_in_tables", ())
        assert model is lomi.LomiModel or set(own) <= set(model.model_fields), model
