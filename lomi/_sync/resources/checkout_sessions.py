"""Checkout sessions: create, list, get, wait."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar, overload

from typing_extensions import Unpack

from ..._core.deadline import ends_at
from ..._core.validation import field_errors, raise_if_invalid
from ...models.checkout_sessions import (
    NEW_SESSION,
    CheckoutSession,
    CheckoutSessionListing,
    CreatedCheckoutSession,
    InvoiceBlock,
)
from ...params._types import NotNegative, UUIDString
from ...params.checkout_sessions import CheckoutSessionCreateParams, CheckoutSessionListParams
from ..page import Page
from ._base import APIResource

__all__ = ["CheckoutSessionsResource"]

# How long `wait` waits between two looks, in seconds: at first, how much longer each time, at most.
_FIRST_PAUSE, _GROWTH, _LONGEST_PAUSE = 1.0, 1.5, 10.0


class CheckoutSessionsResource(APIResource):
    """Hosted payment pages, as ``client.checkout_sessions``. Amounts are in whole currency units."""

    _segment_types: ClassVar[Mapping[str, Any]] = {"id": UUIDString}

    @overload
    def create(
        self, params: CheckoutSessionCreateParams, /, *, idempotency_key: str | None = None
    ) -> CreatedCheckoutSession | InvoiceBlock: ...
    @overload
    def create(
        self, /, *, idempotency_key: str | None = None, **params: Unpack[CheckoutSessionCreateParams]
    ) -> CreatedCheckoutSession | InvoiceBlock: ...
    def create(
        self, params: CheckoutSessionCreateParams | None = None, /, *, idempotency_key: str | None = None, **fields: Any
    ) -> CreatedCheckoutSession | InvoiceBlock:
        """Open a hosted payment page, and return it, or the unpaid invoice that has to be paid first.

        - ``checkout_url`` is returned here only: store it. The session expires after 60 minutes.
        - A customer or subscription with an unpaid invoice gets an `InvoiceBlock` in place of a session.
        - An ``Idempotency-Key`` makes the call safe to repeat, so it is retried like a read. The key is minted here,
          or yours; after an error it is ``error.idempotency_key``. The same key with other fields is a 409.
        - Take care with the number of an order as the key: it returns the same session again, expired or not.

        Args:
            params: The fields as a mapping, instead of keywords. See `CheckoutSessionCreateParams`.
            idempotency_key: Your own key for this session, 1 to 255 characters. Default: a new UUID.
            **fields: The fields of `CheckoutSessionCreateParams` as keywords; ``currency_code`` is required, and an
                amount, a product, a price or a cart.

        Raises:
            LomiValidationError: A field is not valid; nothing was sent.
            LomiBadRequestError: The API refused the cart.
            LomiConflictError: The key was used with other fields.
            LomiServerError: The API failed, or refused a field: it returns a 500 for what its database refuses.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> session = client.checkout_sessions.create(amount=24500, currency_code="XOF", title="Order 1881")
            >>> if isinstance(session, InvoiceBlock):
            ...     ...  # send the payer to session.blocking_invoice.checkout_url
        """
        key = str(uuid.uuid4()) if idempotency_key is None else idempotency_key
        body = (CheckoutSessionCreateParams, params, fields)
        created: CreatedCheckoutSession | InvoiceBlock = self._send(
            "checkout_sessions.create", "POST", "/checkout-sessions", NEW_SESSION, body=body, idempotency_key=key
        )
        return created

    def list(self, **params: Unpack[CheckoutSessionListParams]) -> Page[CheckoutSession]:
        """List checkout sessions. Iterate the result for all of them, whatever the number of pages.

        The API reports neither a total nor an environment: test and live objects mix.

        Args:
            **params: The fields of `CheckoutSessionListParams`: ``status``, ``limit``, ``offset``.

        Raises:
            LomiValidationError: An argument is out of range or not one of the known values; nothing was sent.
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.
        """
        query = (CheckoutSessionListParams, None, params)
        page = Page[CheckoutSession]
        return self._list("checkout_sessions.list", "/checkout-sessions", CheckoutSessionListing, page, query)

    def get(self, id: str) -> CheckoutSession:
        """Return one checkout session, without its ``checkout_url``.

        Args:
            id: The session's id, a UUID.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiNotFoundError: There is no such session, or the API's database failed.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return self._send("checkout_sessions.get", "GET", "/checkout-sessions/{id}", CheckoutSession, id=id)

    def wait(
        self, session: CheckoutSession | CreatedCheckoutSession | str, *, timeout: float = 60.0
    ) -> CheckoutSession:
        """Return a session once it is completed or expired, or as it is when the time is over.

        It looks after one second, then less and less often, at least every ten seconds. A webhook arrives sooner: use
        this in scripts and tests. A payment that fails leaves the session open, since the payer may try again.

        Args:
            session: The session, or its id.
            timeout: Seconds after which it looks for the last time, from 0. Default 60. Each look has the client's own
                timeout besides; put `lomi.deadline` around the call to limit everything.

        Raises:
            LomiValidationError: The id is not a UUID, or ``timeout`` is negative; nothing was sent.
            LomiNotFoundError: There is no such session, or the API's database failed.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> session = client.checkout_sessions.wait(created, timeout=120)
            >>> session.is_paid(Money(24500, "XOF"))
        """
        raise_if_invalid("checkout_sessions.wait", field_errors("timeout", NotNegative, timeout))
        id = session if isinstance(session, str) else session.checkout_session_id
        backend = self._client.backend
        end, pause = ends_at(backend.monotonic(), timeout), _FIRST_PAUSE
        while True:
            found = self.get(id)
            left = end - backend.monotonic()
            if found.status in ("completed", "expired") or left <= 0:
                return found
            backend.sleep(min(pause, left))
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)
