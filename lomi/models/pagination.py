"""How a listing says where it is."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from ._base import LomiModel

__all__ = ["Listing", "Pagination", "Scheme"]


class Scheme:
    """How a listing is paged that has no total.

    Args:
        by: Whether its query takes ``page`` and ``pageSize``, ``limit`` and ``offset``, or neither, being one page.
        size: How many items a page has when the query does not say it.
        until_empty: Whether a page with fewer items than that can have others behind it.
    """

    __slots__ = ("by", "size", "until_empty")

    # A plain class, since every start makes it.
    def __init__(self, by: Literal["page", "offset", "none"], size: int = 0, *, until_empty: bool = False) -> None:
        self.by = by
        self.size: int = size
        self.until_empty: bool = until_empty


class Pagination(LomiModel):
    """Where a page stands in its listing."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("page", "page_size", "total_count", "total_pages")

    page: int | None = None
    """This page's number, from 1."""
    page_size: int | None = Field(
        default=None, validation_alias=AliasChoices("pageSize", "page_size"), serialization_alias="pageSize"
    )
    """How many items a full page has."""
    total_count: int | None = Field(
        default=None, validation_alias=AliasChoices("totalCount", "total_count"), serialization_alias="totalCount"
    )
    """How many items there are in all; the API says 0 on a page past the end."""
    total_pages: int | None = Field(
        default=None, validation_alias=AliasChoices("totalPages", "total_pages"), serialization_alias="totalPages"
    )
    """How many pages there are in all; the API says 0 on a page past the end."""


class Listing(LomiModel):
    """One page of a listing, as the API sends it."""

    shown_in_repr: ClassVar[tuple[str, ...]] = ("pagination",)
    #: How it is paged where it has no total.
    scheme: ClassVar[Scheme | None] = None

    pagination: Annotated[Pagination, BeforeValidator(lambda said: {} if said is None else said)] = Field(
        default_factory=Pagination
    )
    """Where this page stands."""

    @property
    def items(self) -> Sequence[Any]:
        """The objects on this page."""
        raise NotImplementedError
