"""Merchants: the account, its recurring revenue and its balances."""

from __future__ import annotations

from ...models.merchants import Merchant, MerchantARR, MerchantBalance, MerchantMRR
from ...money import Currency
from ...params.merchants import MerchantBalanceParams
from ._base import APIResource

__all__ = ["MerchantsResource"]


class MerchantsResource(APIResource):
    """The merchant's account and figures, as ``client.merchants``. The id must be that of the key's own merchant."""

    def get(self, id: str) -> Merchant:
        """Return the merchant's account. Amounts are in the smallest currency unit.

        Args:
            id: The merchant's id.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiMerchantNotFoundError: There is no such merchant.
            LomiPermissionError: It is not the key's own merchant.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> merchant = client.merchants.get("904d003c-3736-41d4-90a5-9de74d404fd7")
        """
        return self._send("merchants.get", "GET", "/merchants/{id}", Merchant, unwrap_data=True, id=id)

    def get_mrr(self, id: str) -> MerchantMRR:
        """Return the monthly recurring revenue; ``.money`` is the figure with its currency.

        Args:
            id: The merchant's id.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiNotFoundError: There is no such merchant, or no figure, or the API's database failed.
            LomiPermissionError: It is not the key's own merchant.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return self._send("merchants.get_mrr", "GET", "/merchants/{id}/mrr", MerchantMRR, unwrap_data=True, id=id)

    def get_arr(self, id: str) -> MerchantARR:
        """Return the annual recurring revenue; ``.money`` is the figure with its currency.

        Args:
            id: The merchant's id.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiNotFoundError: There is no such merchant, or no figure, or the API's database failed.
            LomiPermissionError: It is not the key's own merchant.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return self._send("merchants.get_arr", "GET", "/merchants/{id}/arr", MerchantARR, unwrap_data=True, id=id)

    def get_balance(self, id: str, *, currency_code: Currency) -> MerchantBalance:
        """Return the balance in one currency; ``.money`` is the figure with its currency.

        Args:
            id: The merchant's id.
            currency_code: Which balance: three upper-case letters, such as ``"XOF"``.

        Raises:
            LomiValidationError: The id or the currency code is not valid; nothing was sent.
            LomiNotFoundError: There is no account in that currency, or the API's database failed.
            LomiPermissionError: It is not the key's own merchant.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> balance = client.merchants.get_balance(merchant_id, currency_code="XOF")
            >>> print(balance.money)
            250 000 XOF
        """
        operation, template = "merchants.get_balance", "/merchants/{id}/balance"
        query = (MerchantBalanceParams, None, {"currency_code": currency_code})
        return self._send(operation, "GET", template, MerchantBalance, query=query, unwrap_data=True, id=id)
