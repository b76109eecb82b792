"""The fields of a customer, on the command line and in files. Only this module knows how the client checks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import typer

from .command import option

__all__ = ["FIELDS", "FILTERS", "OPTIONS", "CustomerStatus", "CustomerType", "check"]

# Spelled out here because importing them from the models would start pydantic for every --help.
CustomerType = Literal["business", "individual", "all"]
CustomerStatus = Literal["active", "inactive", "all"]
_TEXTS: Final = {
    "name": "Full name.",
    "email": "E-mail address.",
    "phone_number": "Phone number, such as +221771234567.",
    "whatsapp_number": "WhatsApp number.",
    "country": "Country name.",
    "city": "City.",
    "address": "Street address.",
    "postal_code": "Postal code.",
}
FIELDS: Final = (*_TEXTS, "is_business", "metadata")
"""The fields that can be written, in the order of columns and options."""

OPTIONS: Final = (
    *(option(name, Annotated[str | None, typer.Option(help=help)], None) for name, help in _TEXTS.items()),
    option(
        "is_business",
        Annotated[bool | None, typer.Option("--business/--no-business", help="Whether the customer is a business.")],
        None,
    ),
    option(
        "metadata",
        Annotated[str | None, typer.Option(metavar="JSON", help="""Your own data, such as '{"vip": true}'.""")],
        None,
    ),
)

FILTERS: Final = (
    option("search", Annotated[str | None, typer.Option(help="Part of a name or an e-mail address.")], None),
    option("type", Annotated[CustomerType | None, typer.Option(help="Businesses or individuals.")], None),
    option(
        "status",
        Annotated[CustomerStatus | None, typer.Option(help="Active customers have transactions, inactive ones none.")],
        None,
    ),
)


def check(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a new customer as the client would send them.

    Raises:
        LomiValidationError: Some of them are invalid; it lists all of them.
    """
    from .._core.validation import validated
    from ..params.customers import CustomerCreateParams

    return validated("customers.create", CustomerCreateParams, fields, {})
