"""``python -m lomi merchants``."""

from __future__ import annotations

from typing import Annotated

import typer

from ..models import MerchantARR, MerchantBalance, MerchantMRR
from ._connect import connected
from ._options import AsJson, AsJsonLines, OnSandbox
from ._show import details, give, money, table, when
from ._target import whoami

__all__ = ["app"]

app = typer.Typer(help="The merchant's account and figures.", no_args_is_help=True)

Id = Annotated[str | None, typer.Argument(metavar="[ID]", help="The merchant's id. Default: the key's own merchant.")]


@app.command()
def get(
    id: Id = None, as_json: AsJson = False, as_json_lines: AsJsonLines = False, on_sandbox: OnSandbox = False
) -> None:
    """Show the account. Amounts are in the smallest currency unit."""
    with connected(on_sandbox=on_sandbox) as client:
        answer = client.merchants.get(id or whoami(client).merchant_id).to_dict()
    give(answer, lambda: details(answer), json=as_json, jsonl=as_json_lines)


@app.command()
def mrr(
    id: Id = None, as_json: AsJson = False, as_json_lines: AsJsonLines = False, on_sandbox: OnSandbox = False
) -> None:
    """Show the monthly recurring revenue."""
    with connected(on_sandbox=on_sandbox) as client:
        found = client.merchants.get_mrr(id or whoami(client).merchant_id)
    _figure("monthly recurring revenue", found, money(found, found.mrr), json=as_json, jsonl=as_json_lines)


@app.command()
def arr(
    id: Id = None, as_json: AsJson = False, as_json_lines: AsJsonLines = False, on_sandbox: OnSandbox = False
) -> None:
    """Show the annual recurring revenue."""
    with connected(on_sandbox=on_sandbox) as client:
        found = client.merchants.get_arr(id or whoami(client).merchant_id)
    _figure("annual recurring revenue", found, money(found, found.arr), json=as_json, jsonl=as_json_lines)


@app.command()
def balance(
    id: Id = None,
    currency: Annotated[str, typer.Option(metavar="CODE", help="Three upper-case letters.")] = "XOF",
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
    on_sandbox: OnSandbox = False,
) -> None:
    """Show the balance in one currency."""
    with connected(on_sandbox=on_sandbox) as client:
        found = client.merchants.get_balance(id or whoami(client).merchant_id, currency_code=currency)
    _figure("balance", found, money(found, found.balance), json=as_json, jsonl=as_json_lines)


def _figure(
    name: str, found: MerchantMRR | MerchantARR | MerchantBalance, amount: str, *, json: bool, jsonl: bool
) -> None:
    row = (name, amount, when(found.as_of_date))
    give(
        found.to_dict(), lambda: table(("figure", "amount", "as of"), [row], right=("amount",)), json=json, jsonl=jsonl
    )
