"""Providers: list."""

from __future__ import annotations

from typing_extensions import Unpack

from ...models.providers import Provider, ProviderListing
from ...params.providers import ProviderListParams
from ..page import AsyncPage
from ..paginator import AsyncPaginator
from ._base import AsyncAPIResource

__all__ = ["AsyncProvidersResource"]


class AsyncProvidersResource(AsyncAPIResource):
    """The payment providers, as ``client.providers``."""

    def list(self, **params: Unpack[ProviderListParams]) -> AsyncPaginator[AsyncPage[Provider], Provider]:
        """List the providers of the organization, and whether it is connected to each. There is one page.

        Args:
            **params: The field of `ProviderListParams`: ``provider_code``.

        Raises:
            LomiValidationError: The code is not one of the known values; nothing was sent.
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> async for provider in client.providers.list():
            ...     print(provider.provider_code, provider.is_connected)
        """
        query = (ProviderListParams, None, params)
        return self._list("providers.list", "/providers", ProviderListing, AsyncPage[Provider], query)
