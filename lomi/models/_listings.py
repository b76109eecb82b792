"""What the listings of payments are declared with: those in ``{"data": [...]}``, and bare arrays."""

from __future__ import annotations

from typing import Any, get_type_hints

from pydantic import GetCoreSchemaHandler, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, InitErrorDetails, ValidationError
from pydantic_core.core_schema import (
    json_or_python_schema,
    no_info_after_validator_function,
    no_info_wrap_validator_function,
)
from typing_extensions import override

from .pagination import Listing

__all__ = ["ArrayListing", "DataListing"]


class DataListing(Listing):
    """One page of a listing that the API sends as ``{"data": [...]}``, without a total that could be relied on."""

    data: list[Any]
    """The objects on this page."""

    @property
    @override
    def items(self) -> list[Any]:
        """The objects on this page."""
        return self.data


class ArrayListing(DataListing):
    """One page of a listing that the API sends as a bare array; ``page["data"]`` reads it."""

    @override
    def __getitem__(self, key: str | int) -> Any:
        """Return a field by its name, or what is at a place of the array."""
        return self.data[key] if isinstance(key, int) else super().__getitem__(key)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def construct(items: Any) -> Any:
            return cls.model_construct(data=items)

        model, items = handler(source), handler.generate_schema(get_type_hints(cls, include_extras=True)["data"])
        # Straight from the JSON: passing each row through Python takes 40 % longer.
        return json_or_python_schema(
            json_schema=no_info_after_validator_function(construct, items),
            python_schema=no_info_wrap_validator_function(_array, model),
        )


def _array(body: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    if not isinstance(body, list):
        return validate(body)
    try:
        return validate({"data": body})
    except ValidationError as invalid:
        # The places of errors are those in the body.
        details = [
            InitErrorDetails(type=each["type"], loc=each["loc"][1:], input=each["input"], ctx=each.get("ctx", {}))
            for each in invalid.errors(include_url=False)
        ]
        raise ValidationError.from_exception_data(invalid.title, details) from None
