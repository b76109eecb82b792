"""Hold the served sandbox, and what the client sends, against the API's published OpenAPI description.

    python -m tests.fire.contract DESCRIPTION --schemathesis PATH --prism PATH

schemathesis makes thousands of requests, valid and not, to a served sandbox, and checks each response against the
description. Prism stands between the client and a sandbox as a validating proxy, while every operation is called.
Both are programs of others (`pip install schemathesis`, `npm install @stoplight/prism-cli`); one that is not given is
looked for on the PATH, and skipped where it is not there.

Prints how often each explained difference was seen, and every one that is not explained. Exits with 1 on one of
these, and when the sandbox failed.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import httpx

import lomi
from lomi.sandbox import Sandbox
from lomi.sandbox.operations import OPERATIONS
from tests.resources import calls, calls_shop, calls_subscriptions

from .foreign.programs import directory, free_port, listening, program, running

CRASH = b"The sandbox failed"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


class Difference(NamedTuple):
    """One between a response, or a request, and the description."""

    operation: str
    text: str


class Explained(NamedTuple):
    """A kind of difference that is known: what it looks like, in which operations, and why it is there."""

    operations: str
    text: str
    why: str

    def covers(self, found: Difference) -> bool:
        return bool(re.fullmatch(self.operations, found.operation) and re.fullmatch(self.text, found.text))


# What the vendor's server was observed to do decides; the description is the vendor's too.
EXPLAINED = (
    Explained(
        r".*",
        r"status [45]\d\d|response: Unable to match the returned status code .*",
        "The description lists only some of the errors. Any operation can return 400, 401, 403, 404, 429 or 500.",
    ),
    Explained(
        r".*",
        r"Server error.*",
        "The server does not validate input. What its database refuses is a 500 `internal_error`.",
    ),
    Explained(
        r"charges\.cancel_card_charge|subscriptions\.\w+|products\.set_default_price",
        r"status 201",
        "Every `POST` returns 201, where the description says 200.",
    ),
    Explained(
        r"(checkout_sessions|payment_requests|products|discount_coupons|customers|organizations|transactions)\.\w+",
        r".*is a required property|response\.body.* must have required property '\w+'",
        "The description requires columns of the vendor's tables that the server does not return.",
    ),
    Explained(
        r".*",
        r"(\w+: )?null is not of type .*|response\.body\S*: .* must be (string|number|object)",
        "The description marks no field as nullable. The server returns `null` for what is not set.",
    ),
    Explained(
        r"(discount_coupons|products)\.\w+",
        r"response\.body\S*: .* must be equal to one of the allowed values: .*|.* is not one of \[.*",
        "Values that the vendor's database has and the description lacks, such as the customers `returning`.",
    ),
    Explained(
        r".*",
        r"metadata: .* is not (valid under any of the schemas .*|of type \"object\")",
        "The server does not validate input, and stores metadata that is no object.",
    ),
    Explained(
        r".*",
        r"request: No supported content types, but request included a non-empty body",
        "The description gives the operation no body. The server reads one.",
    ),
    Explained(
        r"accounts\.(get|list)|me\.get",
        r"request: Selected route not found",
        "The description does not list the operation. The server has it.",
    ),
    Explained(
        r"accounts\.check_balance",
        r"response\.body: .*|response: The received media type .*|.* is not of type \"object\"|.*[Cc]ontent.[Tt]ype.*",
        "The description says an object. The server returns a number, or an empty page.",
    ),
    Explained(
        r".*",
        r"request\.body\.\w+: .* must match format \"\w+\"",
        "The description has formats for ids and URLs. The server checks none in a body.",
    ),
)


def published(path: Path) -> dict[str, Any]:
    """Return the description, with the path parameters that it forgets, and without connected accounts.

    Every request with an account that the sandbox does not know is a 401, so that nothing else would be seen.
    """
    description: dict[str, Any] = json.loads(path.read_text("utf-8"))
    for template, operations in description["paths"].items():
        for operation in operations.values():
            known = [each for each in operation.get("parameters", ()) if each["name"] != "Lomi-Account"]
            declared = {each["name"] for each in known if each["in"] == "path"}
            known += [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in re.findall(r"{(\w+)}", template)
                if name not in declared
            ]
            operation["parameters"] = known
    return description


def by_schemathesis(path: str, description: Path, here: Path, seconds: int) -> tuple[int, int, set[Difference]]:
    """Return how many requests were made, how many of them made the sandbox fail, and how responses differ."""
    report, log = here / "report.ndjson", here / "log"
    with Sandbox(customers=30, throttle_limit=10**9).serve() as served, log.open("w") as out:
        command = [path, "run", str(description), "--url", served.url, "-H", f"X-API-KEY: {served.api_key}"]
        command += ["--phases", "examples,coverage,fuzzing", "--max-examples", "50", "--max-time", str(seconds)]
        command += ["--continue-on-failure", "--no-shrink", "--seed", "1", "--checks", CHECKS, "--no-color"]
        command += ["--suppress-health-check", "all", "--report-ndjson-path", str(report)]
        # What it exits with says no more than that there are differences.
        subprocess.run(command, stdout=out, stderr=out, cwd=here, timeout=2 * seconds + 120, check=False)
    requests = crashes = 0
    found: set[Difference] = set()
    for line in report.read_text("utf-8").splitlines():
        recorded = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for interaction in recorded.get("interactions", {}).values():
            content = ((interaction.get("response") or {}).get("content") or {}).get("$base64", "")
            requests += 1
            crashes += base64.b64decode(content).startswith(CRASH)
        for check in (check for each in recorded.get("checks", {}).values() for check in each):
            if check["status"] == "failure":
                found.add(Difference(OPERATIONS.get(recorded["label"], recorded["label"]), _in_words(check)))
    return requests, crashes, found


def _in_words(check: dict[str, Any]) -> str:
    failure = check["failure_info"]["failure"]
    if failure["type"] == "UndefinedStatusCode":
        return "status " + re.findall(r"\d+", failure["message"])[0]
    if failure["type"] != "JsonSchemaError":
        return str(failure["title"])
    what = failure["message"].partition("\n")[0]
    property_ = re.search(r"/properties/(\w+)(?::|$)", failure["message"], re.MULTILINE)
    return f"{property_[1]}: {what}" if property_ else what


def by_prism(path: str, description: Path, here: Path) -> tuple[int, set[Difference]]:
    """Call every operation through a validating proxy; return how many calls were made, and what it objects to."""
    found: set[Difference] = set()
    every = [*calls.CALLS, *calls_shop.CASES, *calls_subscriptions.CASES]
    operation = ""

    def note(response: httpx.Response) -> None:
        for each in json.loads(response.headers.get("sl-violations", "[]")):
            found.add(Difference(operation, f"{'.'.join(each.get('location', []))}: {each['message']}"))
        if "stoplight.io" in response.headers.get("content-type", "") or response.status_code >= 500:
            response.read()
            assert CRASH not in response.content, f"{operation}: {response.text}"

    port = free_port()
    with Sandbox(customers=30, throttle_limit=10**9).serve() as served:
        command = [path, "proxy", str(description), served.url, "--port", str(port), "--verboseLevel", "error"]
        with (
            running(command, here / "prism", lambda: listening(port)),
            httpx.Client(event_hooks={"response": [note]}, trust_env=False) as http,
            lomi.LomiClient(served.api_key, base_url=f"http://127.0.0.1:{port}", http_client=http) as client,
        ):
            for case in every:
                operation = case.operation
                # Most ids do not exist; what is looked at is what Prism says.
                with suppress(lomi.LomiError):
                    case.call(client)
    return len(every), found


def why(found: Difference) -> str:
    """Return the explanation of a difference; nothing where there is none."""
    return next((known.why for known in EXPLAINED if known.covers(found)), "")


def table(by_program: Sequence[set[Difference]]) -> Iterator[str]:
    """Give a line for each explanation: in how many operations each program saw it."""
    for known in dict.fromkeys(each.why for each in EXPLAINED):
        seen = [len({each.operation for each in found if why(each) == known}) for found in by_program]
        if any(seen):
            yield f"| {known} | {' | '.join(str(number) for number in seen)} |"


def unexplained(by_program: Sequence[set[Difference]]) -> list[Difference]:
    """Return the differences that nothing explains."""
    return sorted({each for found in by_program for each in found if not why(each)})


def main() -> int:
    """Run both; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fire.contract", description=__doc__.splitlines()[0])
    parser.add_argument("description", type=Path, help="openapi.json")
    parser.add_argument("--schemathesis", default="schemathesis", help="its path")
    parser.add_argument("--prism", default="prism", help="its path")
    parser.add_argument("--seconds", type=int, default=180, help="how long schemathesis may take; default 180")
    options = parser.parse_args()
    failed, seen = 0, [set[Difference](), set[Difference]()]
    with directory() as here:
        description = here / "openapi.json"
        description.write_text(json.dumps(published(options.description)))
        if path := program(options.schemathesis):
            requests, failed, seen[0] = by_schemathesis(path, description, here, options.seconds)
            print(f"schemathesis: {requests:,} requests; {failed} times the sandbox failed", file=sys.stderr)
        else:
            print("schemathesis: skipped, it is not installed", file=sys.stderr)
        if path := program(options.prism):
            count, seen[1] = by_prism(path, description, here)
            print(f"Prism: {count} calls", file=sys.stderr)
        else:
            print("Prism: skipped, it is not installed", file=sys.stderr)
    print("| difference | schemathesis | Prism |\n| --- | --- | --- |", *table(seen), sep="\n")
    left = unexplained(seen)
    for each in left:
        print(f"not explained: {each.operation}: {each.text}", file=sys.stderr)
    return int(failed > 0 or bool(left))


if __name__ == "__main__":
    sys.exit(main())
