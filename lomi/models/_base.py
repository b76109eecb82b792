"""What all models have in common: frozen, tolerant, readable by attribute and by wire name, discreet when printed."""

from collections.abc import Iterator
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    PlainSerializer,
)
from pydantic_core import CoreSchema, core_schema
from typing_extensions import override

from .._i18n.language import Message
from ..errors import FieldError, LomiValidationError
from ..money import Money
from ._response import ResponseInfo

__all__ = [
    "Amount",
    "LomiModel",
    "Metadata",
    "Timestamp",
    "attach_response",
    "missing_in_response",
    "money",
    "shown_fields",
]

T = TypeVar("T")
_LARGEST_AMOUNT = 10**30
_MASKED = "•••"


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


# What nearly every response holds is read without a call of Python for each value; the rest is not.
def _amount_schema(_source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
    usual = core_schema.int_schema(strict=True, ge=-_LARGEST_AMOUNT, le=_LARGEST_AMOUNT)
    other = core_schema.no_info_plain_validator_function(_amount)
    return _first_of(usual, other, "lomi_amount", "not an amount")


def _timestamp_schema(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    usual = core_schema.datetime_schema(tz_constraint="aware")
    other = core_schema.no_info_after_validator_function(_aware, handler(source))
    return _first_of(usual, other, "lomi_timestamp", "not a timestamp")


def _first_of(usual: CoreSchema, other: CoreSchema, kind: str, problem: str) -> CoreSchema:
    """Return the schema of what is the one or else the other, and neither is an error of this kind alone."""
    return core_schema.union_schema(
        [usual, other], mode="left_to_right", custom_error_type=kind, custom_error_message=problem
    )


Amount = Annotated[int | Decimal, GetPydanticSchema(_amount_schema), PlainSerializer(_amount_as_json, when_used="json")]
"""An amount in the smallest currency unit: ``int``; ``Decimal`` where the server sends a fraction."""

Timestamp = Annotated[datetime, GetPydanticSchema(_timestamp_schema)]
"""An aware datetime; where the server names no zone, UTC."""

# The API stores whatever it is given as metadata, so anything can come back.
Metadata = Annotated[dict[str, Any], GetPydanticSchema(lambda _source, handler: handler(Any))]
"""The caller's own key-value pairs. Not checked on the way back: a foreign writer's list comes through as it is."""


class LomiModel(BaseModel):
    """An object of the API: frozen; unknown fields are kept; ``model["field"]`` works as well as ``model.field``.

    A field whose value cannot be read is None; ``model["field"]`` returns the value as the API sent it.
    `repr` and `str` show ids and figures, never names, e-mail addresses, phone numbers or addresses.
    """

    # A slot, since a private attribute of pydantic's is a part of equality, copies and pickles.
    __slots__ = ("_last_response",)

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True,
        extra="allow",
        populate_by_name=True,
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
        protected_namespaces=(),
        defer_build=True,
    )

    #: What `repr` shows; the first is what identifies the object.
    shown_in_repr: ClassVar[tuple[str, ...]] = ("id",)
    #: What a table shows besides; every other field, an unknown one too, may be about a person and is masked.
    shown_in_tables: ClassVar[tuple[str, ...]] = ("created_at", "updated_at")
    #: Secrets, which a table masks whatever it is asked for.
    always_masked: ClassVar[tuple[str, ...]] = ()

    @property
    def identity(self) -> Any:
        """What identifies the object among its kind: its id."""
        return getattr(self, self.shown_in_repr[0])

    @property
    def last_response(self) -> ResponseInfo | None:
        """The HTTP response that this object was read from; None when it was constructed, copied or unpickled."""
        try:
            info: ResponseInfo = _LAST_RESPONSE.__get__(self)
        except AttributeError:
            return None
        return info

    def __getitem__(self, key: str) -> Any:
        """Return a field by its name on the wire or its attribute name.

        Raises:
            KeyError: The API sent no such field and it is not one of this object.
        """
        name = _names(type(self)).get(key)
        if name is not None:
            value = getattr(self, name)
            return self._unreadable(name) if value is None and self.__pydantic_extra__ else value
        return (self.__pydantic_extra__ or {})[key]

    def __contains__(self, key: object) -> bool:
        return key in _names(type(self)) or key in (self.__pydantic_extra__ or {})

    def _unreadable(self, name: str) -> Any:
        """Return the value that the API sent for a field that is None; None when it is what was sent."""
        extra = self.__pydantic_extra__ or {}
        return next((extra[other] for other, of in _names(type(self)).items() if of == name and other in extra), None)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a field as ``model[key]`` does, or ``default`` where there is no such field."""
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
        from ._html import card  # only notebooks need it

        return card(type(self).__name__, shown_fields(self, personal=personal))

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


_LAST_RESPONSE: Any = LomiModel.__dict__["_last_response"]


def shown_fields(model: LomiModel, *, personal: bool) -> dict[str, str]:
    """Return the fields that have a value, as text. A field that is not known to be harmless counts as personal."""
    harmless = {*model.shown_in_repr, *model.shown_in_tables} - (model.model_extra or {}).keys()
    hidden = {name for name, info in type(model).model_fields.items() if info.exclude}
    return {
        name: str(value) if name in harmless or (personal and name not in model.always_masked) else _MASKED
        for name, value in model
        if value is not None and name not in hidden
    }


def attach_response(value: Any, info: ResponseInfo) -> None:
    """Make a response the `last_response` of a model, or of each model of a list."""
    for model in value if isinstance(value, list) else (value,):  # pyright: ignore[reportUnknownVariableType]
        if isinstance(model, LomiModel):
            _LAST_RESPONSE.__set__(model, info)


@cache
def _names(model: type[LomiModel]) -> dict[str, str]:
    """Return every name a field can be read by, with the attribute it stands for."""
    names: dict[str, str] = {}
    for attribute, info in model.model_fields.items():
        alias = info.validation_alias
        choices: list[str | AliasPath] = alias.choices if isinstance(alias, AliasChoices) else [alias or attribute]
        for name in (attribute, *choices):
            names.setdefault(str(name), attribute)
    return names


def missing_in_response(field: str) -> LomiValidationError:
    """Return the error for a field that a response lacks."""
    hint = Message("look at the fields of the object itself")
    return LomiValidationError(errors=[FieldError(field, Message("is missing in the response"), hint)])


def money(amount: int | Decimal | None, currency: str | None) -> Money:
    """Return an amount in the smallest unit as `Money`.

    Raises:
        LomiValidationError: The amount is missing or has a fraction, or the currency is missing or unknown.
    """
    if amount is None or currency is None:
        raise missing_in_response("amount" if amount is None else "currency")
    return Money(amount, currency)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # a fraction is for Money to refuse
