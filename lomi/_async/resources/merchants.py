"""Merchants: the account, its recurring revenue and its balances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._core.request import Request, path
from ..._core.validation import check
from ...models.merchants import BALANCE, Merchant, MerchantARR, MerchantBalance, MerchantMRR
from ...money import Currency

if TYPE_CHECKING:
    from ..client import AsyncLomiClient

__all__ = ["AsyncMerchants"]


class AsyncMerchants:
    """The merchant's account and figures. Get it as ``client.merchants``. The id must be the key's own merchant."""

    def __init__(self, client: AsyncLomiClient) -> None:
        self._client = client

    async def get(self, id: str) -> Merchant:
        """Return the merchant's account. Amounts are in the smallest currency unit.

        Args:
            id: The merchant's id.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiMerchantNotFoundError: There is no such merchant.
            LomiPermissionError: It is not the key's own.
            LomiAPIError: The API said no.
            LomiConnectionError: No answer came.

        Example:
            >>> merchant = await client.merchants.get("904d003c-3736-41d4-90a5-9de74d404fd7")
        """
        where = path("/merchants/{id}", id=id)
        return await self._client.send(Request("GET", where, Merchant, unwrap_data=True, operation="merchants.get"))

    async def get_mrr(self, id: str) -> MerchantMRR:
        """Return the monthly recurring revenue; ``.money`` has it with its currency.

        Args:
            id: The merchant's id.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiNotFoundError: There is no such merchant, or no figure; the API's database may have failed.
            LomiPermissionError: It is not the key's own.
            LomiAPIError: The API said no.
            LomiConnectionError: No answer came.
        """
        where = path("/merchants/{id}/mrr", id=id)
        return await self._client.send(
            Request("GET", where, MerchantMRR, unwrap_data=True, operation="merchants.get_mrr")
        )

    async def get_arr(self, id: str) -> MerchantARR:
        """Return the annual recurring revenue; ``.money`` has it with its currency.

        Args:
            id: The merchant's id.

        Raises:
            LomiValidationError: The id is empty, or cannot be one segment of a path; nothing was sent.
            LomiNotFoundError: There is no such merchant, or no figure; the API's database may have failed.
            LomiPermissionError: It is not the key's own.
            LomiAPIError: The API said no.
            LomiConnectionError: No answer came.
        """
        where = path("/merchants/{id}/arr", id=id)
        return await self._client.send(
            Request("GET", where, MerchantARR, unwrap_data=True, operation="merchants.get_arr")
        )

    async def get_balance(self, id: str, *, currency_code: Currency) -> MerchantBalance:
        """Return the balance in one currency; ``.money`` has it with its currency.

        Args:
            id: The merchant's id.
            currency_code: Which balance: three upper-case letters, such as ``"XOF"``.

        Raises:
            LomiValidationError: The id or the currency code is wrong; nothing was sent.
            LomiNotFoundError: There is no account in that currency; the API's database may have failed.
            LomiPermissionError: It is not the key's own.
            LomiAPIError: The API said no.
            LomiConnectionError: No answer came.

        Example:
            >>> balance = await client.merchants.get_balance(merchant_id, currency_code="XOF")
            >>> print(balance.money)
            250 000 XOF
        """
        params = check("merchants.get_balance", BALANCE, None, locals(), required=("currency_code",))
        where = path("/merchants/{id}/balance", id=id)
        return await self._client.send(
            Request("GET", where, MerchantBalance, query=params, unwrap_data=True, operation="merchants.get_balance")
        )
