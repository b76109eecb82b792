"""The organization and its figures."""

from __future__ import annotations

from ...models.organizations import Organization, OrganizationListing, OrganizationMetrics
from ..page import Page
from ._base import APIResource

__all__ = ["OrganizationsResource"]


class OrganizationsResource(APIResource):
    """The key's own organization, as ``client.organizations``. Amounts are in major units of its currency."""

    def list(self) -> Page[Organization]:
        """List organizations: there is one, the key's own. The API takes no parameters.

        Raises:
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.
        """
        return self._list("organizations.list", "/organizations", OrganizationListing, Page[Organization])

    def get(self, id: str) -> Organization:
        """Return the key's own organization.

        Args:
            id: Its id, exactly as ``client.me.get`` returns it: upper-case letters make it another.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiNotFoundError: It is not the id of the key's own organization.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return self._send("organizations.get", "GET", "/organizations/{id}", Organization, id=id)

    def get_metrics(self) -> OrganizationMetrics:
        """Return revenue figures; ``.money`` is the total revenue with its currency.

        A figure that the API does not know is 0, and an unknown currency XOF. `calculated_at` is when the
        organization last changed, not when the figures were computed.

        Raises:
            LomiNotFoundError: The organization was not found.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return self._send("organizations.get_metrics", "GET", "/organizations/metrics", OrganizationMetrics)
