"""Accounts and balances of the organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...models.accounts import (
    Account,
    AccountBalances,
    AccountListing,
    AvailableBalance,
    BalanceBreakdowns,
    in_currency,
)
from ...params._types import Currency3, UUIDString
from ...params.accounts import AccountBalanceParams, BalanceBreakdownParams
from ..page import AsyncPage
from ..paginator import AsyncPaginator
from ._base import AsyncAPIResource

__all__ = ["AsyncAccountsResource"]


class AsyncAccountsResource(AsyncAPIResource):
    """The organization's accounts and balances, as ``client.accounts``. Amounts are in major units of their currency.

    The API does not say which balances a test key sees: do not take them for test money.
    """

    _segment_types: ClassVar[Mapping[str, Any]] = {"id": UUIDString, "currency": Currency3}

    def list(self) -> AsyncPaginator[AsyncPage[Account], Account]:
        """List the accounts, one a currency: one page, at most 100. The API takes no parameters.

        Raises:
            LomiAPIError: The API returned an error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> async for account in client.accounts.list():
            ...     print(account.account_id, account.money)
        """
        return self._list("accounts.list", "/accounts", AccountListing, AsyncPage[Account])

    async def get(self, id: str) -> Account:
        """Return one account.

        Args:
            id: The account's id.

        Raises:
            LomiValidationError: The id is not a UUID; nothing was sent.
            LomiNotFoundError: There is no such account.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.
        """
        return await self._send("accounts.get", "GET", "/accounts/{id}", Account, id=id)

    async def get_balance(self, *, currency: Currency3 | None = None) -> AccountBalances:
        """Return the balance in each currency, as a list; ``.money`` is a balance with its currency.

        The list is empty when there is no account yet; with ``currency`` that is an error instead.

        Args:
            currency: Only the balance in this currency: ``"XOF"``, ``"USD"`` or ``"EUR"``. Default: all.

        Raises:
            LomiValidationError: The currency is not one of the three; nothing was sent.
            LomiNotFoundError: There is no account in this currency.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> [balance] = await client.accounts.get_balance(currency="XOF")
            >>> print(balance.money)
            250 000 XOF
        """
        query = (AccountBalanceParams, None, {"currency": currency})
        return await self._send("accounts.get_balance", "GET", "/accounts/balance", AccountBalances, query=query)

    async def get_balance_breakdown(self, *, target_currency: Currency3 | None = None) -> BalanceBreakdowns:
        """Return for each currency what can be paid out and what not yet, as a list.

        The balances are those of the merchant, over all of its organizations.

        Args:
            target_currency: Convert the amounts to this currency as well: ``"XOF"``, ``"USD"`` or ``"EUR"``. The
                rate is the API's own. Default: no conversion.

        Raises:
            LomiValidationError: The currency is not one of the three; nothing was sent.
            LomiNotFoundError: There is no account at all.
            LomiAPIError: The API returned another error.
            LomiConnectionError: No response arrived.

        Examples:
            >>> for breakdown in await client.accounts.get_balance_breakdown(target_currency="EUR"):
            ...     print(breakdown.money, breakdown.converted_money)
        """
        query = (BalanceBreakdownParams, None, {"target_currency": target_currency})
        operation, template = "accounts.get_balance_breakdown", "/accounts/balance/breakdown"
        return await self._send(operation, "GET", template, BalanceBreakdowns, query=query)

    async def check_balance(self, currency: Currency3) -> AvailableBalance:
        """Return what is available in one currency; ``.money`` is the amount with its currency.

        The API takes no amount to compare with: compare `available_balance` yourself.

        Args:
            currency: ``"XOF"``, ``"USD"`` or ``"EUR"``.

        Raises:
            LomiValidationError: The currency is not one of the three; nothing was sent.
            LomiAPIError: The API returned an error.
            LomiResponseError: The response is empty, since the API has no figure for this currency.
            LomiConnectionError: No response arrived.
        """
        operation, template = "accounts.check_balance", "/accounts/balance/check/{currency}"
        available = await self._send(operation, "GET", template, AvailableBalance, currency=currency)
        return in_currency(available, currency)
