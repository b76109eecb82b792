"""``lomi-py merchants``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import LomiError
from .command import Session, command
from .connect import me
from .output import details, money, table, timestamp

if TYPE_CHECKING:
    from .. import MerchantARR, MerchantBalance, MerchantMRR

__all__ = ["app"]

app: typer.Typer = typer.Typer(help="The merchant's account and figures.", no_args_is_help=True)

Id = Annotated[str | None, typer.Argument(metavar="[ID]", help="The merchant's id. Default: the key's own merchant.")]


@command(app, account=False)
def get(session: Session, id: Id = None) -> None:
    """Show the account."""
    merchants, id = session.client.merchants, id or _own_id(session)
    fields = merchants.get(id).to_dict()

    def formatted() -> Any:
        try:
            # The account itself does not name the currency of its figures.
            currency = merchants.get_mrr(id).currency_code
        except LomiError:
            currency = None
        amounts = {
            name: money(fields[name], currency)
            for name in ("mrr", "arr", "merchant_lifetime_value")
            if fields.get(name) is not None
        }
        return details({**fields, **amounts})

    session.show(fields, formatted)


@command(app, account=False)
def mrr(session: Session, id: Id = None) -> None:
    """Show the monthly recurring revenue."""
    found = session.client.merchants.get_mrr(id or _own_id(session))
    _show(session, "monthly recurring revenue", found, found.mrr)


@command(app, account=False)
def arr(session: Session, id: Id = None) -> None:
    """Show the annual recurring revenue."""
    found = session.client.merchants.get_arr(id or _own_id(session))
    _show(session, "annual recurring revenue", found, found.arr)


@command(app, account=False)
def balance(
    session: Session,
    id: Id = None,
    currency: Annotated[str, typer.Option(metavar="CODE", help="A currency code, such as XOF or USD.")] = "XOF",
) -> None:
    """Show the balance in one currency."""
    found = session.client.merchants.get_balance(id or _own_id(session), currency_code=currency)
    _show(session, "balance", found, found.balance)


def _own_id(session: Session) -> str:
    id: str = me(session.client)["merchant_id"]
    return id


def _show(session: Session, name: str, found: MerchantMRR | MerchantARR | MerchantBalance, amount: Any) -> None:
    row = (name, money(amount, found.currency_code), timestamp(found.as_of_date))
    session.show(found.to_dict(), lambda: table(("figure", "amount", "as of"), [row], right=("amount",)))
