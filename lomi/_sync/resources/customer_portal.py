"""The portal in which customers see their payments and manage their subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from typing_extensions import Unpack

from ..page import Page
from ._base import APIResource

if TYPE_CHECKING:
    from ...models.portal import PortalEvent, PortalLaunchSession
    from ...params.portal import PortalAuditParams, PortalLaunchParams

__all__ = ["CustomerPortal"]


class CustomerPortal(APIResource):
    """What ``client.customers`` has for the portal."""

    @overload
    def create_portal_launch_session(self, id: str, params: PortalLaunchParams, /) -> PortalLaunchSession: ...
    @overload
    def create_portal_launch_session(self, id: str, /, **params: Unpack[PortalLaunchParams]) -> PortalLaunchSession: ...
    def create_portal_launch_session(
        self, id: str, params: PortalLaunchParams | None = None, /, **fields: Any
    ) -> PortalLaunchSession:
        """Create a link with which a customer enters the portal, and return it as `launch_url`.

        - The link works once, for 15 minutes. **Whoever has it is that customer**: hand it to no one else, and keep
          it out of logs. It is never printed.
        - The customer needs at least one transaction or subscription.
        - The request is sent at most once if the first may have arrived. Creating another link is harmless.

        Args:
            id: The customer's id.
            params: The fields as a mapping, instead of keywords. See `PortalLaunchParams`.
            **fields: The fields of `PortalLaunchParams` as keywords; none is required.

        Raises:
            LomiValidationError: A field is not valid, or does not go with another; nothing was sent.
            LomiNotFoundError: There is no such customer.
            LomiServerError: The API failed, or refused: a return URL has to be on the dashboard's list.
            LomiConnectionError: No response arrived.

        Examples:
            >>> session = client.customers.create_portal_launch_session(
            ...     customer.id, return_url="https://shop.example/account"
            ... )
            >>> redirect(session.launch_url)
        """
        # The rest of the customers is imported with the client, and a start is to cost nothing for this.
        from ...models.portal import PortalLaunchSession
        from ...params.portal import PortalLaunchParams

        body = (PortalLaunchParams, params, fields)
        operation, template = "customers.create_portal_launch_session", "/customers/{id}/portal-launch-session"
        return self._send(operation, "POST", template, PortalLaunchSession, body=body, id=id)

    def get_portal_audit(self, id: str, **params: Unpack[PortalAuditParams]) -> Page[PortalEvent]:
        """List what a customer did in the portal. Iterate the result for all events, whatever the number of pages.

        Args:
            id: The customer's id.
            **params: The fields of `PortalAuditParams`: ``event_type`` (also accepted as ``eventType``), ``page``,
                ``page_size`` (also accepted as ``pageSize``), at most 200.

        Raises:
            LomiValidationError: An argument is of a wrong type or out of range; nothing was sent.
            TypeError: An argument was passed under both of its names.
            LomiNotFoundError: There is no such customer.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> for event in client.customers.get_portal_audit(customer.id):
            ...     print(event.created_at, event.event_type)
        """
        from ...models.portal import PortalEvent, PortalEventListing
        from ...params.portal import PortalAuditParams

        query = (PortalAuditParams, None, params)
        operation, template = "customers.get_portal_audit", "/customers/{id}/portal-audit"
        return self._list(operation, template, PortalEventListing, Page[PortalEvent], query, id=id)
