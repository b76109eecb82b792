"""``python -m lomi customers``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from .. import Customer, CustomerPage
from ..models.customers import FIELDS
from ._connect import agreed, connected
from ._errors import Refusal
from ._export import export
from ._files import from_json
from ._import import import_
from ._options import Account, AsJson, AsJsonLines, OnSandbox, Search, Status, Type, Yes
from ._show import details, give, money, table, when

__all__ = ["app"]

app = typer.Typer(help="Customers and their transactions.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="The customer's id, as the API gave it.")]
Name = Annotated[str | None, typer.Option(help="Full name.")]
Text = Annotated[str | None, typer.Option()]
Business = Annotated[bool | None, typer.Option("--business/--individual", help="Whether the customer is a business.")]
Metadata = Annotated[str | None, typer.Option(metavar="JSON", help="""Your own pairs, such as '{"vip": true}'.""")]
From = Annotated[
    str | None, typer.Option("--from", metavar="FILE", help="Read the fields from a JSON object in a file; - is stdin.")
]


@app.command("list")
def list_(
    search: Search = None,
    type: Type = None,
    status: Status = None,
    page: Annotated[int | None, typer.Option(help="Where to start, from 1.")] = None,
    page_size: Annotated[int | None, typer.Option(help="Customers a page; 50 unless told.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Go on to the last page.")] = False,
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
    account: Account = None,
    on_sandbox: OnSandbox = False,
) -> None:
    """List customers: one page, or with --all every page from there on."""
    if everything and as_json:
        raise Refusal("--json prints one page as the API sends it", "for all of them take --all --jsonl, or export")
    with connected(on_sandbox=on_sandbox, account=account) as client:
        found = client.customers.list(search=search, type=type, status=status, page=page, page_size=page_size)
        customers = found if everything else found.customers
        give(
            found.to_dict(),
            lambda: _listed(list(customers), None if everything else found),
            json=as_json,
            jsonl=as_json_lines,
            items=(customer.to_dict() for customer in customers),
        )


@app.command()
def get(
    id: Id,
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
    account: Account = None,
    on_sandbox: OnSandbox = False,
) -> None:
    """Show one customer."""
    with connected(on_sandbox=on_sandbox, account=account) as client:
        _one(client.customers.get(id), json=as_json, jsonl=as_json_lines)


@app.command()
def create(
    name: Name = None,
    email: Text = None,
    phone_number: Text = None,
    whatsapp_number: Text = None,
    country: Text = None,
    city: Text = None,
    address: Text = None,
    postal_code: Text = None,
    is_business: Business = None,
    metadata: Metadata = None,
    source: From = None,
    yes: Yes = False,
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
    account: Account = None,
    on_sandbox: OnSandbox = False,
) -> None:
    """Create a customer. What stands in options is visible to other users of this machine; --from is not."""
    fields = _fields(source, metadata, locals())
    with connected(on_sandbox=on_sandbox, account=account) as client:
        agreed(client, "create a customer", yes=yes)
        _one(client.customers.create(fields), json=as_json, jsonl=as_json_lines)


@app.command()
def update(
    id: Id,
    name: Name = None,
    email: Text = None,
    phone_number: Text = None,
    whatsapp_number: Text = None,
    country: Text = None,
    city: Text = None,
    address: Text = None,
    postal_code: Text = None,
    is_business: Business = None,
    metadata: Metadata = None,
    clear: Annotated[list[str] | None, typer.Option(metavar="FIELD", help="Empty this field; may be repeated.")] = None,
    source: From = None,
    yes: Yes = False,
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
    account: Account = None,
    on_sandbox: OnSandbox = False,
) -> None:
    """Change a customer: only what is given, the rest stays. Metadata is replaced as a whole."""
    fields = _fields(source, metadata, locals())
    if twice := sorted(fields.keys() & set(clear or ())):
        raise Refusal(f"{twice[0]} cannot be both set and cleared", "take one of them")
    fields.update(dict.fromkeys(clear or ()))
    with connected(on_sandbox=on_sandbox, account=account) as client:
        agreed(client, "change a customer", yes=yes)
        _one(client.customers.update(id, fields), json=as_json, jsonl=as_json_lines)


@app.command()
def delete(
    id: Id,
    yes: Yes = False,
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
    account: Account = None,
    on_sandbox: OnSandbox = False,
) -> None:
    """Delete a customer. It is marked as deleted: its payments stay."""
    with connected(on_sandbox=on_sandbox, account=account) as client:
        agreed(client, "delete a customer", yes=yes)
        client.customers.delete(id)
        give(None, lambda: "Deleted.", json=as_json, jsonl=as_json_lines)


@app.command()
def transactions(
    id: Id,
    as_json: AsJson = False,
    as_json_lines: AsJsonLines = False,
    account: Account = None,
    on_sandbox: OnSandbox = False,
) -> None:
    """Show what a customer paid, or tried to."""
    with connected(on_sandbox=on_sandbox, account=account) as client:
        found = client.customers.get_transactions(id)
    items = [each.to_dict() for each in found]
    rows = [
        (each.transaction_id, each.description, each.status, money(each, each.gross_amount), when(each.created_at))
        for each in found
    ]
    columns = ("id", "description", "status", "amount", "created")
    give(items, lambda: table(columns, rows, right=("amount",)), json=as_json, jsonl=as_json_lines, items=items)


app.command()(export)
app.command("import")(import_)


def _one(customer: Customer, *, json: bool, jsonl: bool) -> None:
    answer = customer.to_dict()
    give(answer, lambda: details(answer), json=json, jsonl=jsonl)


def _listed(customers: list[Customer], page: CustomerPage | None) -> Table:
    rows = [(each.id, each.name, each.email, each.phone_number, each.city) for each in customers]
    made = table(("id", "name", "email", "phone", "city"), rows)
    made.caption_justify = "left"
    at = page.pagination if page else None
    made.caption = f"page {at.page} of {at.total_pages}, {at.total_count} in all" if at else f"{len(rows)} in all"
    return made


def _fields(source: str | None, metadata: str | None, options: dict[str, Any]) -> Any:
    """Return the fields of a customer: those of a file, and over them those of the options. The client checks them."""
    fields = _object(_text(source), "--from") if source is not None else {}
    fields |= {name: options[name] for name in FIELDS if name != "metadata" and options[name] is not None}
    return fields if metadata is None else {**fields, "metadata": _object(metadata, "--metadata")}


def _text(source: str) -> str:
    if source == "-" and sys.stdin is None:
        raise Refusal("--from - reads standard input, which is closed", "name a file")
    try:
        return (sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal("--from is not UTF-8", "save it as such") from None


def _object(text: str, option: str) -> dict[str, Any]:
    try:
        found = from_json(text)
    except ValueError as error:
        raise Refusal(f"{option} is not JSON: {error}", """such as '{"vip": true}'""") from None
    if not isinstance(found, dict):
        raise Refusal(f"{option} is not a JSON object", """such as '{"vip": true}'""")
    return found  # pyright: ignore[reportUnknownVariableType]  # the client checks what is in it
