"""``lomi-py customers``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .bulk.export import register as register_export
from .bulk.import_ import register as register_import
from .command import Session, command
from .errors import CommandError
from .fields import FIELDS, FILTERS, OPTIONS
from .json_input import json_object, read_text
from .output import details, money, table, timestamp

if TYPE_CHECKING:
    from .. import Customer

__all__ = ["app"]

app: typer.Typer = typer.Typer(help="Customers and their transactions.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="The customer's id.")]
From = Annotated[
    str | None, typer.Option("--from", metavar="FILE", help="Read fields from a JSON object in a file; - is stdin.")
]
Clear = Annotated[list[str] | None, typer.Option(metavar="FIELD", help="Clear this field; may be repeated.")]


@command(app, "list", options=FILTERS)
def list_(
    session: Session,
    page: Annotated[int | None, typer.Option(help="The page to start with, from 1.")] = None,
    page_size: Annotated[int | None, typer.Option(help="Customers per page. Default: 50.")] = None,
    all_pages: Annotated[bool, typer.Option("--all", help="List this page and all that follow.")] = False,
    **filters: Any,
) -> None:
    """List customers, one page or all."""
    if all_pages and session.as_json:
        raise CommandError("--json prints a single page as the API sends it", "for all pages use --all --jsonl")
    found = session.client.customers.list(**filters, page=page, page_size=page_size)
    customers = found if all_pages else found.customers

    def listing() -> Any:
        rows = [(each.id, each.name, each.email, each.phone_number, each.city) for each in customers]
        at = found.pagination
        caption = (
            f"{len(rows)} customers" if all_pages else f"page {at.page} of {at.total_pages}, {at.total_count} in total"
        )
        return table(("id", "name", "email", "phone", "city"), rows, caption=caption)

    session.show(found.to_dict(), listing, (each.to_dict() for each in customers))


@command(app)
def get(session: Session, id: Id) -> None:
    """Show a customer."""
    _show(session, session.client.customers.get(id))


@command(app, options=OPTIONS, writes=True)
def create(session: Session, source: From = None, **options: Any) -> None:
    """Create a customer.

    Other users of this machine can see options while the command runs; they cannot see what --from reads.
    """
    fields = _fields(source, options)
    session.confirm("create a customer")
    _show(session, session.client.customers.create(fields))


@command(app, options=OPTIONS, writes=True)
def update(session: Session, id: Id, clear: Clear = None, source: From = None, **options: Any) -> None:
    """Update a customer: only the fields that are passed. Metadata is replaced as a whole."""
    fields = _fields(source, options)
    if both := sorted(fields.keys() & set(clear or ())):
        raise CommandError(f"{both[0]} is both set and cleared", "pass one of them")
    fields.update(dict.fromkeys(clear or ()))
    session.confirm("update a customer")
    _show(session, session.client.customers.update(id, fields))


@command(app, writes=True)
def delete(session: Session, id: Id) -> None:
    """Delete a customer. Its payments are kept."""
    session.confirm("delete a customer")
    session.client.customers.delete(id)
    session.show(None, lambda: "Deleted.")


@command(app)
def transactions(session: Session, id: Id) -> None:
    """List a customer's payments, failed ones included."""
    found = session.client.customers.get_transactions(id)
    items = [each.to_dict() for each in found]
    rows = [
        (
            *(each.transaction_id, each.description, each.status),
            *(money(each.gross_amount, each.currency_code), timestamp(each.created_at)),
        )
        for each in found
    ]
    columns = ("id", "description", "status", "amount", "created")
    session.show(items, lambda: table(columns, rows, right=("amount",)), items)


register_export(app)
register_import(app)


def _show(session: Session, customer: Customer) -> None:
    fields = customer.to_dict()
    session.show(fields, lambda: details(fields))


def _fields(source: str | None, options: dict[str, Any]) -> Any:
    """Return a customer's fields: those of the file, overridden by those of the options. The client checks them."""
    fields = json_object(read_text(source, "--from"), "--from") if source is not None else {}
    fields |= {name: options[name] for name in FIELDS if options[name] is not None}
    if options["metadata"] is not None:
        fields["metadata"] = json_object(options["metadata"], "--metadata")
    return fields
