"""Rules that parameters have to meet together, beside the constraints of each, and warnings of what the API drops."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_after_validator_function

from .._i18n.language import Message
from ..errors import FieldError
from ..money import exponent
from ._base import raise_if_any

__all__ = [
    "Dropped",
    "LomiDroppedFieldWarning",
    "Rule",
    "fits_currency",
    "refuse_card_data",
    "require_one_of",
    "rules",
    "warn",
    "wire_names",
]

T = TypeVar("T")
_PACKAGE = __name__.partition(".")[0]


class LomiDroppedFieldWarning(UserWarning):
    """A field is valid, but the API silently drops it in this call.

    Turn it off with ``warnings.filterwarnings("ignore", category=lomi.LomiDroppedFieldWarning)``.
    """


class Dropped(NamedTuple):
    """A field that the API takes and then drops."""

    field: str
    reason: str
    """Goes on after the name of the field: "is dropped by the API: …"."""


Rule = Callable[[Mapping[str, Any]], Iterable[FieldError | Dropped]]
"""Yields what is wrong with parameters that are each valid, or what the API drops."""


def rules(*rules: Rule, names: Mapping[str, str] | None = None) -> Callable[[type[T]], type[T]]:
    """Return a decorator of a `TypedDict` that adds rules to the constraints of its fields.

    None is left out of it, in nested objects too: the API may take a null for a value.

    Args:
        *rules: They are checked in this order, once every field is valid.
        names: Other spellings of fields of a nested object, with their names on the wire, by which the rules know
            them. At the top level, `SentAs` marks them.
    """

    def check(values: dict[str, Any]) -> dict[str, Any]:
        values = {name: value for name, value in values.items() if value is not None}
        if names:
            values = wire_names(values, names)
        found = [each for rule in rules for each in rule(values)]
        raise_if_any([each for each in found if isinstance(each, FieldError)])
        for each in found:
            warn(f"{each[0]} {each[1]}")
        return values

    def core_schema(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(check, handler(source))

    def decorate(params_type: type[T]) -> type[T]:
        # The hook of pydantic's that `with_config` has no room for; the type checkers see the plain `TypedDict`.
        setattr(params_type, "__get_pydantic_core_schema__", core_schema)  # noqa: B010
        return params_type

    return decorate


def wire_names(values: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return values under the names that they have on the wire."""
    both = [name for name, other in names.items() if name in values and other in values]
    raise_if_any([FieldError(name, Message("is there twice"), Message("pass only {}", name)) for name in both])
    return {names.get(name, name): value for name, value in values.items()}


def warn(text: str) -> None:
    """Warn at the line that called this package, whatever lies between."""
    level, frame = 2, sys._getframe(1)  # noqa: SLF001
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in (_PACKAGE, "pydantic"):
        frame = frame.f_back
        level += 1
    warnings.warn(text, LomiDroppedFieldWarning, stacklevel=level)


def fits_currency(*fields: str, currency: str = "currency_code", default: str | None = None) -> Rule:
    """Return a rule: amounts have no more decimals than their currency.

    Args:
        *fields: The fields that are amounts.
        currency: The field that names their currency.
        default: The currency where that field is left out.
    """

    def rule(values: Mapping[str, Any]) -> Iterable[FieldError]:
        code = values.get(currency, default)
        for field in fields:
            amount = values.get(field)
            if code is None or not isinstance(amount, float):
                continue
            digits = exponent(code)
            if digits == 0:
                problem = Message("has a fraction, which {} does not have", code)
                yield FieldError(field, problem, Message("pass whole francs"))
            elif amount != round(amount, digits):
                problem = Message("has more than {} decimals", digits)
                yield FieldError(field, problem, Message("at most {} in {}", digits, code))

    return rule


def require_one_of(*fields: str) -> Rule:
    """Return a rule: at least one of some fields is there."""

    def rule(values: Mapping[str, Any]) -> Iterable[FieldError]:
        # An empty list is as good as none.
        if not any(values.get(field) for field in fields):
            yield FieldError(fields[0], Message("is required"), Message("pass one of {}", ", ".join(fields)))

    return rule


# Compared without case and punctuation: what names the number of a card, or the code on its back.
_CARD_DATA = frozenset(
    {
        *("cardnumber", "cardno", "cardnum", "ccnumber", "ccnum", "creditcard", "creditcardnumber", "debitcardnumber"),
        *("pan", "cardpan", "primaryaccountnumber", "numerocarte", "numerodecarte", "cryptogramme"),
        *("cvc", "cvc2", "cvv", "cvv2", "csc", "cvn", "cardcvc", "cardcvv", "cardcode", "cardsecuritycode"),
        *("securitycode", "cardverificationcode", "cardverificationvalue"),
    }
)


def refuse_card_data(values: Mapping[str, Any]) -> Iterable[FieldError]:
    """Refuse every field, at any depth, whose name is that of a card's number or security code."""
    yield from _card_data("", values)


def _card_data(place: str, value: Any) -> Iterable[FieldError]:
    if isinstance(value, Mapping):
        for name, inner in value.items():  # pyright: ignore[reportUnknownVariableType]
            field = f"{place}.{name}" if place else f"{name}"
            bare = "".join(filter(str.isalnum, str(name).lower()))  # pyright: ignore[reportUnknownArgumentType]
            outer = "".join(filter(str.isalnum, place.rpartition(".")[2].lower()))
            if bare in _CARD_DATA or outer + bare in _CARD_DATA:
                yield FieldError(
                    field, Message("names card data, which must not be sent"), Message("use the hosted payment page")
                )
            else:
                yield from _card_data(field, inner)
    elif isinstance(value, list):
        items: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
        for number, inner in enumerate(items):
            yield from _card_data(f"{place}[{number}]", inner)
