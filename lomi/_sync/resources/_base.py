"""What all resources share: a method names an operation, and `APIResource._send` carries it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from ..._core.operations import refuse_account
from ..._core.request import Method, Request, path_from, trusted_request
from ..._core.validation import declared_names, field_errors, raise_if_invalid, validated
from ...errors import LomiError
from ..base_client import BaseClient
from ..page import Page

__all__ = ["APIResource", "Params"]

T = TypeVar("T")
P = TypeVar("P", bound=Page[Any])
Params = tuple[Any, Mapping[str, Any] | None, Mapping[str, Any]]
"""The `TypedDict` that declares what an operation takes, what was passed as a mapping, and what as keywords."""


class APIResource:
    """A namespace of the client; its methods map to the operations of one resource."""

    _segment_types: ClassVar[Mapping[str, Any]] = {}
    """What ids have to be, by their name in the template, where the API takes not every `PathSegment`."""

    def __init__(self, client: BaseClient) -> None:
        self._client = client

    def _request(
        self,
        operation: str,
        method: Method,
        template: str,
        response_type: type[T],
        *,
        body: Params | None = None,
        query: Params | None = None,
        unwrap_data: bool = False,
        idempotency_key: str | None = None,
        segments: Mapping[str, str],
    ) -> Request[T]:
        """Return the request for an operation, after validating everything that was passed.

        Raises:
            LomiConfigurationError: The client acts on a connected account, which the operation does not.
            LomiValidationError: Naming every bad field.
        """
        config = self._client.config
        if config.account is not None:
            refuse_account(operation)
        if idempotency_key is not None:
            from ...params._types import IdempotencyKey

            raise_if_invalid(operation, field_errors("idempotency_key", IdempotencyKey, idempotency_key))
        return trusted_request(
            method,
            path_from(operation, template, segments, self._segment_types),
            response_type,
            query=query and validated(operation, *query),
            # A POST without a body would be answered with a 500.
            body=validated(operation, *body, none_clears=method == "PATCH", is_live=config.environment == "live")
            if body
            else {}
            if method == "POST"
            else None,
            unwrap_data=unwrap_data,
            idempotency_key=idempotency_key,
            operation=operation,
            declared=declared_names(query and query[0], body and body[0]),
        )

    def _send(
        self,
        operation: str,
        method: Method,
        template: str,
        response_type: type[T],
        *,
        body: Params | None = None,
        query: Params | None = None,
        unwrap_data: bool = False,
        idempotency_key: str | None = None,
        **segments: str,
    ) -> T:
        """Validate what was passed to an operation, send it, and return the parsed response.

        Args:
            operation: The method's name, such as ``customers.create``.
            method: The HTTP method. A PATCH sends None, which clears; otherwise None is left out.
            template: The path with the names of the ids in braces.
            response_type: The type of the response.
            body: What makes the JSON body.
            query: What makes the query.
            unwrap_data: Whether the response may stand in ``{"data": ...}``.
            idempotency_key: What makes a POST safe to repeat, where the API honours it.
            **segments: The id for each name in the template.
        """
        request = self._request(
            operation,
            method,
            template,
            response_type,
            body=body,
            query=query,
            unwrap_data=unwrap_data,
            idempotency_key=idempotency_key,
            segments=segments,
        )
        del body, query, segments  # a traceback shows what its frames hold
        try:
            return self._client.send(request)
        except LomiError as error:
            error.idempotency_key = request.idempotency_key
            raise

    def _list(
        self,
        operation: str,
        template: str,
        listing_type: type[T],
        page_type: Callable[[BaseClient, Request[Any], T], P],
        query: Params | None = None,
        **segments: str,
    ) -> P:
        """Validate what was passed to a listing, and return its pages."""
        request = self._request(operation, "GET", template, listing_type, query=query, segments=segments)
        return self._first_page(request, page_type)

    def _first_page(self, request: Request[T], page_type: Callable[[BaseClient, Request[Any], T], P]) -> P:
        return page_type(self._client, request, self._client.send(request))
