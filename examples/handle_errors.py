"""Handle what can go wrong, and know after each failure whether it happened.

Prints:
    nothing was sent: name is blank; email cannot be an e-mail address
    no such customer (404 NOT_FOUND, rejected)
    nobody answers: not_sent after 1 attempt
"""

import uuid

from _run import run

from lomi import LomiClient, LomiConnectionError, LomiNotFoundError, LomiValidationError


def main(client: LomiClient) -> None:
    try:
        client.customers.create(name="", email="not-an-address")
    except LomiValidationError as error:
        print("nothing was sent:", "; ".join(f"{each.field} {each.problem}" for each in error.errors))

    try:
        client.customers.get(str(uuid.uuid4()))
    except LomiNotFoundError as error:
        print(f"no such customer ({error.status_code} {error.code}, {error.outcome})")

    # Port 9 is closed. A create is repeated only while it is certain that nothing arrived.
    with LomiClient("lomi_sk_test_nobody", base_url="http://127.0.0.1:9", max_retries=0) as nobody:
        try:
            nobody.customers.create(name="Awa Diop")
        except LomiConnectionError as error:
            print(f"nobody answers: {error.outcome} after {error.attempts} attempt")


if __name__ == "__main__":
    run(main)
