"""Read a merchant's figures as money. Amounts are whole numbers of the smallest unit, never floats.

``LOMI_MERCHANT_ID`` names the merchant; the sandbox has the one of the default.

Prints:
    recurring: 50 000 XOF a month, 600 000 XOF a year
    balance: 250 000 XOF, 1 050.00 USD
    minor units: 105000, as a decimal: 1050.00
    two months: 100 000 XOF
"""

import os

from _run import run

from lomi import LomiClient

MERCHANT = os.environ.get("LOMI_MERCHANT_ID", "904d003c-3736-41d4-90a5-9de74d404fd7")


def main(client: LomiClient) -> None:
    monthly = client.merchants.get_mrr(MERCHANT)
    yearly = client.merchants.get_arr(MERCHANT)
    print(f"recurring: {monthly.money} a month, {yearly.money} a year")

    francs = client.merchants.get_balance(MERCHANT, currency_code="XOF")
    dollars = client.merchants.get_balance(MERCHANT, currency_code="USD")
    print(f"balance: {francs.money}, {dollars.money}")
    print(f"minor units: {dollars.balance}, as a decimal: {dollars.money.to_decimal()}")

    print(f"two months: {monthly.money + monthly.money}")


if __name__ == "__main__":
    run(main)
