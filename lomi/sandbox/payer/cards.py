"""The test cards of the card processor, by number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Card:
    """What becomes of a payment by a test card.

    Attributes:
        problem: Why it is declined; None if it is paid.
        challenge: Whether the payer's bank asks for 3-D Secure first.
    """

    problem: str | None = None
    challenge: bool = False


PAID: Final = (
    *("4242424242424242", "4000056655665556", "5555555555554444", "2223003122003222", "5200828282828210"),
    *("5105105105105100", "378282246310005", "6011111111111117", "3056930009020004", "3566002020360505"),
    *("6200000000000005", "4000003800000446", "4000000000003055"),
)
DECLINED: Final = {
    "4000000000000002": "generic_decline",
    "4000000000009995": "insufficient_funds",
    "4000000000009987": "lost_card",
    "4000000000009979": "stolen_card",
    "4000000000000069": "expired_card",
    "4000000000000127": "incorrect_cvc",
    "4000000000000119": "processing_error",
    "4000000000006975": "card_velocity_exceeded",
    "4000000000000341": "generic_decline",
    "4242424242424241": "incorrect_number",
    # The vendor's guide prints these among the cards that work: misprints, which fail the check of the digits.
    "4000056655565556": "incorrect_number",
    "305693000902004": "incorrect_number",
    "4000000003220000": "incorrect_number",
}
CHALLENGED: Final[dict[str, str | None]] = {
    "4000002500003155": None,
    "4000002760003184": None,
    "4000000000003220": None,
    "4000008400001629": "generic_decline",
    "4000008260003178": "insufficient_funds",
}
CARDS: Final = {
    **dict.fromkeys(PAID, Card()),
    **{number: Card(problem) for number, problem in DECLINED.items()},
    **{number: Card(problem, challenge=True) for number, problem in CHALLENGED.items()},
}


def find_card(number: object) -> Card:
    """Return a test card; spaces and dashes in its number do not count.

    Raises:
        ValueError: It is none. The number is not repeated: it may be a real one.
    """
    card = CARDS.get(re.sub(r"[\s-]", "", number)) if isinstance(number, str) else None
    if card is None:
        raise ValueError(f"card is the number of a test card, such as {PAID[0]}; real cards have no place here")
    return card
