"""Charges: by Wave, by MTN and by card."""

from __future__ import annotations

from typing import Any, overload

from typing_extensions import Unpack

from ..._core.reconcile_result import CannotTell, Found, NotFound
from ...errors import LomiError
from ...models.charges import CardCharge, MtnCharge, WaveCharge
from ...models.transactions import PaymentTransaction
from ...params.charges import CardChargeParams, MtnChargeParams, WaveChargeParams
from ..reconcile import reconcile
from ._base import APIResource

__all__ = ["ChargesResource"]


class ChargesResource(APIResource):
    """Payments without the hosted page, as ``client.charges``. Amounts are in whole currency units.

    Every charge is sent at most once if the first may have arrived, since the API would start a second payment: it
    honours no ``Idempotency-Key`` here.
    """

    @overload
    def create_wave_charge(self, params: WaveChargeParams, /) -> WaveCharge: ...
    @overload
    def create_wave_charge(self, /, **params: Unpack[WaveChargeParams]) -> WaveCharge: ...
    def create_wave_charge(self, params: WaveChargeParams | None = None, /, **fields: Any) -> WaveCharge:
        """Start a payment by Wave, and return it with the ``checkout_url`` to send the payer to.

        - ``checkout_url`` is returned here only: store it.
        - The currency is called ``currency`` here, and the API knows no metadata: only ``description`` is returned.
        - With a test key the transaction is completed at once.

        Args:
            params: The fields as a mapping, instead of keywords. See `WaveChargeParams`.
            **fields: The fields of `WaveChargeParams` as keywords; ``amount``, ``currency`` and ``customer`` are
                required.

        Raises:
            LomiValidationError: A field is missing or not valid; nothing was sent.
            LomiBadRequestError: The organization is not connected to Wave, or Wave refused it.
            LomiServerError: The API failed; the payment may have been started.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived; ``outcome`` shows whether the payment may have been started.

        Examples:
            >>> charge = client.charges.create_wave_charge(
            ...     amount=2500, currency="XOF", customer={"name": "Awa Ba", "phone_number": "+2250700000003"}
            ... )
        """
        body = (WaveChargeParams, params, fields)
        return self._send("charges.create_wave_charge", "POST", "/charge/wave", WaveCharge, body=body)

    @overload
    def create_mtn_charge(self, params: MtnChargeParams, /) -> MtnCharge: ...
    @overload
    def create_mtn_charge(self, /, **params: Unpack[MtnChargeParams]) -> MtnCharge: ...
    def create_mtn_charge(self, params: MtnChargeParams | None = None, /, **fields: Any) -> MtnCharge:
        """Start a payment by MTN, which the payer approves on the phone, and return it.

        - Only the transaction shows whether it was paid: pass ``transaction_id`` to ``transactions.get``.
        - ``amount`` is multiplied by ``quantity``. The currency is called ``currency`` here.
        - Pass ``country_code``: the default is ``"CI"``. The API knows no metadata.
        - With a test key the transaction is completed at once.

        Args:
            params: The fields as a mapping, instead of keywords. See `MtnChargeParams`.
            **fields: The fields of `MtnChargeParams` as keywords; ``amount``, ``currency`` and ``customer`` are
                required.

        Raises:
            LomiValidationError: A field is missing or not valid; nothing was sent.
            LomiBadRequestError: The organization is not connected to MTN, or a field was refused.
            LomiServerError: The API or MTN failed; the payment may have been started.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived; ``outcome`` shows whether the payment may have been started.

        Examples:
            >>> charge = client.charges.create_mtn_charge(
            ...     amount=1200,
            ...     currency="XOF",
            ...     country_code="CI",
            ...     customer={"name": "Koffi N", "phone_number": "+2250500000004"},
            ... )
        """
        body = (MtnChargeParams, params, fields)
        operation = "charges.create_mtn_charge"
        return self._send(operation, "POST", "/charge/mtn", MtnCharge, body=body, unwrap_data=True)

    @overload
    def create_card_charge(self, params: CardChargeParams, /) -> CardCharge: ...
    @overload
    def create_card_charge(self, /, **params: Unpack[CardChargeParams]) -> CardCharge: ...
    def create_card_charge(self, params: CardChargeParams | None = None, /, **fields: Any) -> CardCharge:
        """Prepare a card payment, and return it with the ``client_secret`` that the card form in the browser needs.

        - The card is entered in the browser, never here: fields that name card data are refused.
        - ``client_secret`` is a secret: send it to the payer of this payment only.
        - ``amount`` of the result is what the processor charges, converted, in its smallest unit; ``.money`` is yours.
        - The result has no transaction yet: read it with `get_card_charge`.
        - A 400 "Failed to register pending transaction" means that the payment exists at the processor; its
          ``outcome`` is ``"unknown"``.

        Args:
            params: The fields as a mapping, instead of keywords. See `CardChargeParams`.
            **fields: The fields of `CardChargeParams` as keywords; ``amount`` is required, and ``customer_id``, or
                ``customer_email`` with ``customer_name``.

        Raises:
            LomiValidationError: A field is missing or not valid; nothing was sent.
            LomiBadRequestError: A field was refused; ``outcome`` shows whether the payment may exist.
            LomiServiceUnavailableError: Cards are not configured for this environment.
            LomiServerError: The API or the processor failed; the payment may exist.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived; ``outcome`` shows whether the payment may exist.

        Examples:
            >>> charge = client.charges.create_card_charge(
            ...     amount=10000, currency_code="XOF", customer_email="lea@shop.example", customer_name="Lea M"
            ... )
        """
        body = (CardChargeParams, params, fields)
        operation = "charges.create_card_charge"
        return self._send(operation, "POST", "/charge/card", CardCharge, body=body, unwrap_data=True)

    def reconcile(
        self, error: LomiError, *, grace_period: float = 5.0
    ) -> Found[PaymentTransaction] | NotFound | CannotTell[PaymentTransaction]:
        """Return whether a failed `create_…` was carried out: `Found`, `NotFound` or `CannotTell`, never None.

        It reads the transactions of the provider since then, and compares what was sent with what was created during
        the attempt.

        - A charge keeps no reference of yours but ``description``: pass the number of the order there.
        - Another charge of the same amount and customer at that time cannot be told from yours.
        - The object is the transaction of the charge. A card payment can exist at the processor without one.
        - `NotFound` is no licence to repeat it, unless ``is_certain``: the request can arrive later. A person decides.
        - If nothing is found at once, it looks again when the ``grace_period`` is over.

        Args:
            error: The error that was raised; it may come from another process, pickled.
            grace_period: Seconds after the end of the attempt during which it may still be carried out, from 0.

        Raises:
            LomiValidationError: The error is not of such a create, or of a client with another base URL or account.
            LomiAPIError: The API returned an error to the search.
            LomiConnectionError: No response arrived.

        Examples:
            >>> match client.charges.reconcile(error):
            ...     case lomi.Found(transaction):
            ...         print(transaction.identity)
            ...     case lomi.NotFound(is_certain=True):
            ...         print("it can be repeated")
            ...     case doubt:
            ...         print("a person has to look", doubt)
        """
        paths = ("/charge/card", "/charge/mtn", "/charge/wave")
        return reconcile(self._client, error, grace_period, "charges", *paths)

    def get_card_charge(self, id: str) -> CardCharge:
        """Return one card payment, with its transaction where that is known.

        Take the id from your own records, never from a payer: where no transaction is known yet, the API does not
        check whose payment it is.

        Args:
            id: The payment's id at the processor, ``pi_…``.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiNotFoundError: There is no such payment in this environment.
            LomiPermissionError: It is another merchant's.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return self._send("charges.get_card_charge", "GET", "/charge/card/{id}", CardCharge, unwrap_data=True, id=id)

    def cancel_card_charge(self, id: str) -> CardCharge:
        """Cancel a card payment that has not been made, and return its id and its status ``"canceled"``.

        The status of the transaction does not change at once, and no webhook is sent. For a payment that was made or
        cancelled before, the API returns a 500.

        Args:
            id: The payment's id at the processor, ``pi_…``.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiNotFoundError: There is no such payment in this environment.
            LomiPermissionError: It is another merchant's.
            LomiServerError: It was made or cancelled before, or the API failed.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        operation, path = "charges.cancel_card_charge", "/charge/card/{id}/cancel"
        return self._send(operation, "POST", path, CardCharge, unwrap_data=True, id=id)
