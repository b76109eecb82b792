"""A serverless function, as AWS Lambda calls it.

Where the client is made: outside the handler, when the instance starts, so that warm
calls reuse its connections.
Where it is closed: nowhere. The platform freezes the instance between calls and ends it
without a word. A connection that died in the freeze is noticed and not used again.

The platform kills a call that takes too long, and then nobody knows what happened. The
deadline ends it before, with an error that says.
"""

from collections.abc import Mapping
from typing import Protocol

import lomi

client = lomi.LomiClient()

# Seconds that are kept back to answer.
RESERVE = 0.5


class Context(Protocol):
    """What the platform says of the call."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the call may still take."""
        ...


def handler(event: Mapping[str, str], context: Context) -> dict[str, object]:
    """Return a merchant's balance in one currency."""
    try:
        with lomi.deadline(
            max(0.1, context.get_remaining_time_in_millis() / 1000 - RESERVE)
        ):
            balance = client.merchants.get_balance(
                event["merchant_id"], currency_code=event["currency"]
            )
    except lomi.LomiTimeoutError:
        return {"statusCode": 504, "body": "the payment service is slow"}
    except lomi.LomiError as error:
        return {
            "statusCode": 502,
            "body": f"the payment service failed: {error.outcome}",
        }
    return {"statusCode": 200, "body": str(balance.money)}
