import os
import signal
import subprocess
from collections.abc import Callable
from types import ModuleType

import pytest

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


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no way to freeze a process here")
def test_thaw_after_the_server_has_closed_the_connection(
    server: Server, start: Callable[..., "subprocess.Popen[str]"]
) -> None:
    process = start("-c", FROZEN, LOMI_LOG="debug")
    assert process.stdout is not None
    os.waitpid(process.pid, os.WUNTRACED)  # it has stopped itself, after its first call
    server.close()
    with server.sandbox.serve(server.port):
        process.send_signal(signal.SIGCONT)
        said = process.communicate(timeout=30)[0]
    assert process.returncode == 0, said
    assert said.count("-> 200") == said.count("attempt 1,") == said.count("{'statusCode': 200") == 2, said


FROZEN = """
import os, signal
from lambda_handler import handler

class Context:
    def get_remaining_time_in_millis(self):
        return 3000

event = {"merchant_id": "904d003c-3736-41d4-90a5-9de74d404fd7", "currency": "XOF"}
print(handler(event, Context()))
os.kill(os.getpid(), signal.SIGSTOP)
print(handler(event, Context()))
"""


def test_failure_is_told(server: Server, load: Callable[[str], ModuleType]) -> None:
    module = load("lambda_handler")
    with module.client:
        answer = module.handler({**EVENT, "merchant_id": "another"}, Context())
    assert answer == {"statusCode": 502, "body": "the payment service failed: rejected"}
