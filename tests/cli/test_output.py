import json
import os
import subprocess
import sys

import respx

from tests.wire import TEST_KEY


def test_responses_cannot_steer_the_terminal(run, monkeypatch):
    monkeypatch.setenv("LOMI_API_KEY", TEST_KEY)
    with respx.mock(base_url="https://sandbox.api.lomi.africa") as api:
        api.get("/customers/x").respond(
            200, json={"id": "x", "name": "[red]\x1b[31mAwa\x9b2J\u202eevil", "city": ":+1:"}
        )
        run("customers", "get", "x")
        assert "[red] [31mAwa 2J evil" in run.out
        assert ":+1:" in run.out
        run("customers", "get", "x", "--json")
        assert not {"\x1b", "\x9b", "\u202e"} & {*run.out}
        assert json.loads(run.out)["name"] == "[red]\x1b[31mAwa\x9b2J\u202eevil"


def test_json_is_ascii_if_the_output_is_not_utf_8():
    arguments = [sys.executable, "-m", "lomi", "customers", "create", "--sandbox", "--name", "Aïssatou", "--json"]
    for encoding in ("ascii", "cp1252", "utf-8"):
        environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "1"}
        done = subprocess.run(arguments, capture_output=True, env=environment, timeout=60, check=True)
        assert json.loads(done.stdout.decode("utf-8"))["name"] == "Aïssatou"
