from collections.abc import Callable
from types import ModuleType

from lomi.sandbox import Server

EVENT = {"merchant_id": "904d003c-3736-41d4-90a5-9de74d404fd7", "currency": "XOF"}


class Context:
    def __init__(self, millis: int = 3000) -> None:
        self.millis = millis

    def get_remaining_time_in_millis(self) -> int:
        return self.millis


def test_warm_calls_share_the_client(server: Server, load: Callable[[str], ModuleType]) -> None:
    module = load("lambda_handler")
    with module.client:
        for _ in range(2):
            assert module.handler(EVENT, Context()) == {"statusCode": 200, "body": "250 000 XOF"}


def test_deadline_ends_the_call_before_the_platform_does(server: Server, load: Callable[[str], ModuleType]) -> None:
    server.sandbox.delay(30)
    module = load("lambda_handler")
    with module.client:
        assert module.handler(EVENT, Context(600))["statusCode"] == 504


def test_failure_is_told(server: Server, load: Callable[[str], ModuleType]) -> None:
    module = load("lambda_handler")
    with module.client:
        answer = module.handler({**EVENT, "merchant_id": "another"}, Context())
    assert answer == {"statusCode": 502, "body": "the payment service failed: rejected"}
