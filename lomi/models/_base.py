"""What all answers have in common: frozen, tolerant, readable by attribute and by wire name, discreet when printed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    GetPydanticSchema,
    PlainSerializer,
    PlainValidator,
)
from typing_extensions import override

from .._i18n.language import Message
from ..errors import FieldError, LomiValidationError
from ..money import Money
from ._html import card

__all__ = ["Amount", "LomiModel", "Metadata", "Timestamp", "money"]

_LARGEST_AMOUNT = 10**30


def _amount(value: Any) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise ValueError("not an amount")  # noqa: TRY004  # pydantic wants a ValueError
    exact: int | Decimal
    try:
        exact = value if isinstance(value, int) else Decimal(str(value).strip() if str(value).isascii() else "NaN")
    except InvalidOperation:
        raise ValueError("not an amount") from None
    if isinstance(exact, Decimal) and not (exact.is_finite() and exact.adjusted() <= 30):
        raise ValueError("not a finite amount")
    if not -_LARGEST_AMOUNT <= exact <= _LARGEST_AMOUNT:
        raise ValueError("an amount beyond measure")
    return int(exact) if exact == int(exact) else exact


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)


def _amount_as_json(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


Amount = Annotated[int | Decimal, PlainValidator(_amount), PlainSerializer(_amount_as_json, when_used="json")]
"""An amount in the smallest currency unit: ``int``; ``Decimal`` where the server sends a fraction."""

Timestamp = Annotated[datetime, AfterValidator(_aware)]
"""An aware datetime; where the server names no zone, UTC."""

# The API stores whatever it is given as metadata, so anything can come back.
Metadata = Annotated[dict[str, Any], GetPydanticSchema(lambda _source, handler: handler(Any))]
"""The caller's own key-value pairs. Not checked on the way back: a foreign writer's list comes through as it is."""


class LomiModel(BaseModel):
    """What the API answered: frozen; unknown fields are kept; ``answer["field"]`` works as well as ``answer.field``.

    `repr` and `str` show ids and figures, never names, e-mail addresses, phone numbers or addresses.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True,
        extra="allow",
        populate_by_name=True,
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
        protected_namespaces=(),
    )

    #: What `repr` shows; the first is what identifies the object.
    shown_in_repr: ClassVar[tuple[str, ...]] = ("id",)
    #: What a table shows besides; every other field, an unknown one too, may be about a person and is masked.
    shown_in_tables: ClassVar[tuple[str, ...]] = ("created_at", "updated_at")

    @property
    def identity(self) -> Any:
        """What identifies the object among its kind: its id."""
        return getattr(self, self.shown_in_repr[0])

    def __getitem__(self, key: str) -> Any:
        """Return a field by its name on the wire or its attribute name.

        Raises:
            KeyError: The API sent no such field and it is not one of this object.
        """
        name = _names(type(self)).get(key)
        if name is not None:
            return getattr(self, name)
        return (self.__pydantic_extra__ or {})[key]

    def __contains__(self, key: object) -> bool:
        return key in _names(type(self)) or key in (self.__pydantic_extra__ or {})

    def get(self, key: str, default: Any = None) -> Any:
        """Return a field as ``answer[key]`` does, or ``default`` where there is no such field."""
        return self[key] if key in self else default  # noqa: SIM401

    def to_dict(self) -> dict[str, Any]:
        """Return built-ins that ``json.dumps`` accepts, under the names that the API uses on the wire.

        Datetimes become ISO 8601 strings, fractional amounts strings; unknown fields are included.
        """
        return self.model_dump(mode="json", by_alias=True)

    def to_html(self, *, personal: bool = False) -> str:
        """Return an HTML table of the fields that have a value, for a notebook.

        Args:
            personal: Whether to show what may be about a person, such as names and addresses. Default: masked.
        """
        return card(self, personal=personal)

    def _repr_html_(self) -> str:
        return self.to_html()

    @override
    def __hash__(self) -> int:
        # Metadata cannot be hashed; the id says enough, and equal objects have equal ids.
        return hash((type(self), self.identity))

    @override
    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name in self.shown_in_repr:
            yield name, getattr(self, name)

    @override
    def __str__(self) -> str:
        return repr(self)


@cache
def _names(model: type[LomiModel]) -> dict[str, str]:
    """Return every name a field can be read by, with the attribute it stands for."""
    names: dict[str, str] = {}
    for attribute, info in model.model_fields.items():
        alias = info.validation_alias
        choices: list[str | AliasPath] = alias.choices if isinstance(alias, AliasChoices) else [alias or attribute]
        for name in (attribute, *choices):
            names[str(name)] = attribute
    return names


def money(amount: int | Decimal | None, currency: str | None) -> Money:
    """Return an answer's amount as `Money`.

    Raises:
        LomiValidationError: The amount is missing or has a fraction, or the currency is missing or unknown.
    """
    if amount is None or currency is None:
        field = "amount" if amount is None else "currency"
        hint = Message("look at the fields of the object itself")
        raise LomiValidationError(errors=[FieldError(field, Message("is missing in the response"), hint)])
    return Money(amount, currency)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # a fraction is for Money to refuse
