"""``lomi-py doctor``: check everything between this machine and the API, step by step."""

from __future__ import annotations

import platform
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timezone
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from ..errors import LomiAPIError, LomiConfigurationError, LomiError, LomiNotFoundError
from .command import AsJson, OnSandbox
from .connect import key_or_prompt, new_sandbox
from .errors import Code, describe, printable
from .output import line, print_json, show

if TYPE_CHECKING:
    from .. import LomiClient
    from .._backends.proxies import Proxy
    from .._core.config import Config

__all__ = ["Finding", "doctor"]

TIMEOUT: Final = 10.0
# How far the clocks may differ, in seconds.
MAX_SKEW: Final = 30.0
LIBRARIES: Final = ("httpx", "httpcore", "anyio", "pydantic", "typer", "rich")
# By OpenSSL's number for what is wrong with a certificate.
CERTIFICATE_FIXES: Final = {
    9: "set this machine's clock: it seems to be behind",
    10: "set this machine's clock; if it is right, the certificate has expired",
    62: "the certificate is for another name: correct LOMI_BASE_URL",
}
INTERCEPTED: Final = "if a proxy inspects TLS, name its authority's certificate in SSL_CERT_FILE"


class Finding(NamedTuple):
    """The result of one check. Holds no key and no customer data."""

    name: str
    ok: bool | None
    """None if it was not checked."""
    detail: str
    fix: str = ""


def doctor(as_json: AsJson = False, on_sandbox: OnSandbox = False) -> Code:
    """Check the connection to the API step by step, and say how to fix what fails.

    The report holds no key and no customer data: it is safe to share.
    """
    with ExitStack() as stack:
        key = base_url = None
        if on_sandbox:
            server = stack.enter_context(stack.enter_context(new_sandbox()).serve())
            key, base_url = server.api_key, server.url
        findings: list[Finding] = []
        for finding in examine(key or key_or_prompt(), base_url):
            findings.append(finding)
            if not as_json:
                _show(finding)
    if as_json:
        print_json([finding._asdict() for finding in findings], indent=2)
    return Code.FAILED if any(finding.ok is False for finding in findings) else Code.OK


def examine(key: str | None, base_url: str | None) -> Iterator[Finding]:
    """Yield the findings, from this machine to a response of the API."""
    from .. import LomiClient
    from .._backends.proxies import ssl_context

    yield versions()
    config, finding = settings(key, base_url)
    yield finding
    if config is None:
        return
    usable = finding.ok
    proxy, finding = proxies(config)
    yield finding
    # Behind a proxy, only the proxy can be reached from here.
    address = urlsplit(proxy.url) if proxy else None
    host, port = (address.hostname or "", address.port or 0) if address else (config.host, config.port)
    resolved = name_lookup(host, port)
    yield resolved
    reached = connection(host, port) if resolved.ok else Finding("connection", None, "skipped: there is no address")
    yield reached
    if not reached.ok:
        yield Finding("TLS", None, "skipped: there is no connection")
    elif proxy or not config.secure:
        reason = "covered by the call, through the proxy" if proxy else "skipped: plain http on this machine"
        yield Finding("TLS", None, reason)
    else:
        yield certificate(config.host, config.port, ssl_context())
    if not usable or not reached.ok:
        yield Finding("clock", None, "skipped: it needs a call")
        yield Finding("call", None, f"skipped: there is no {'connection' if usable else 'key'}")
        return
    with LomiClient(key, base_url=base_url, timeout=TIMEOUT, max_retries=0) as client:
        yield clock(client, time.time)
        yield call(client)


def versions() -> Finding:
    """Return what is installed."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    system = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    return Finding("versions", ok=True, detail=f"lomi {version('lomi')}, {system}, {libraries}, {ssl.OPENSSL_VERSION}")


def settings(key: str | None, base_url: str | None) -> tuple[Config | None, Finding]:
    """Check key, environment and base URL as a client does. The base URL is known even without a valid key."""
    from .._core.api_key import ApiKey
    from .._core.config import Config

    def configure(key: str | None) -> Config:
        return Config.from_options(ApiKey(key), None, base_url, None, TIMEOUT, 0)

    try:
        config = configure(key)
    except LomiConfigurationError as error:
        finding = Finding("settings", ok=False, detail="the client cannot be configured", fix=str(error))
    else:
        return config, Finding("settings", ok=True, detail=f"{config.environment} key for {config.base_url}")
    try:
        return configure("lomi_sk_test_none"), finding
    except LomiConfigurationError:
        return None, finding


def proxies(config: Config) -> tuple[Proxy | None, Finding]:
    """Return the proxy that the environment names."""
    from .._backends.proxies import proxy_for

    try:
        proxy = proxy_for(config)
    except LomiConfigurationError as error:
        return None, Finding("proxy", ok=False, detail="cannot be used", fix=str(error))
    return proxy, Finding("proxy", ok=True, detail=proxy.url if proxy else "none for this address")


def name_lookup(host: str, port: int) -> Finding:
    """Resolve a host name."""
    started = time.perf_counter()
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        detail = f"{host} cannot be resolved: {getattr(error, 'strerror', None) or error}"
        return Finding("DNS", ok=False, detail=detail, fix="check the network, its DNS servers and LOMI_BASE_URL")
    return Finding("DNS", ok=True, detail=f"{host} is {', '.join(sorted(found))}{_since(started)}")


def connection(host: str, port: int) -> Finding:
    """Open a connection and close it."""
    started = time.perf_counter()
    try:
        with socket.create_connection((host, port), TIMEOUT):
            return Finding("connection", ok=True, detail=f"port {port} is open{_since(started)}")
    except TimeoutError:
        fix = "a firewall may block it: allow outgoing connections, or name a proxy in HTTPS_PROXY"
        return Finding("connection", ok=False, detail=f"no connection to port {port} in {TIMEOUT:.0f} s", fix=fix)
    except OSError as error:
        fix = "check that the server is running and that LOMI_BASE_URL names its port"
        return Finding("connection", ok=False, detail=f"port {port}: {error.strerror or error}", fix=fix)


def certificate(host: str, port: int, context: ssl.SSLContext) -> Finding:
    """Perform a TLS handshake and verify the certificate as a client does."""
    started = time.perf_counter()
    try:
        with (
            socket.create_connection((host, port), TIMEOUT) as connected,
            context.wrap_socket(connected, server_hostname=host) as secured,
        ):
            took = _since(started)
            shown: Any = secured.getpeercert()
            protocol = secured.version()
    except ssl.SSLCertVerificationError as error:
        fix = CERTIFICATE_FIXES.get(error.verify_code, INTERCEPTED)
        return Finding("TLS", ok=False, detail=f"the certificate is not trusted: {error.verify_message}", fix=fix)
    except OSError as error:
        detail = f"the handshake failed: {getattr(error, 'reason', None) or error.strerror or error}"
        return Finding("TLS", ok=False, detail=detail, fix=f"that port may not speak TLS; {INTERCEPTED}")
    issuer = dict(pair for part in shown["issuer"] for pair in part)
    by = issuer.get("organizationName") or issuer.get("commonName") or "an unnamed authority"
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), timezone.utc)
    detail = f"{protocol}, certificate trusted, issued by {by}, valid until {until:%Y-%m-%d}{took}"
    return Finding("TLS", ok=True, detail=detail)


def clock(client: LomiClient, now: Callable[[], float]) -> Finding:
    """Compare this machine's clock with the server's."""
    from .. import Request, path
    from .._core.response import clock_offset

    started = now()
    try:
        # There is no such path: only an error carries the response's headers.
        client.send(Request("GET", path("/doctor"), object))
    except LomiAPIError as error:
        date = error.headers.get("date", "")
    except LomiError as error:
        return Finding("clock", None, f"not compared: {type(error).__name__}")
    else:
        date = ""
    # The header has whole seconds, and the response took a while.
    behind = clock_offset(date, (started + now()) / 2 - 0.5)
    if behind is None:
        return Finding("clock", None, "not compared: the response has no Date header")
    if abs(behind) > MAX_SKEW:
        detail = f"{abs(behind):.0f} s {'behind' if behind > 0 else 'ahead'}"
        return Finding("clock", ok=False, detail=detail, fix="set this machine's clock, preferably by NTP")
    return Finding("clock", ok=True, detail=f"within {MAX_SKEW:.0f} s of the server's")


def call(client: LomiClient) -> Finding:
    """Make one call with the key."""
    started = time.perf_counter()
    try:
        client.customers.list(page_size=1)
    except LomiNotFoundError as error:
        # Nothing here has an id: it is the address that does not exist.
        fix = f"{error}; there is no lomi. API at {client.base_url}: check the path in LOMI_BASE_URL"
        return Finding("call", ok=False, detail=type(error).__name__, fix=fix)
    except LomiError as error:
        return Finding("call", ok=False, detail=type(error).__name__, fix=str(describe(error)))
    return Finding("call", ok=True, detail=f"GET /customers succeeded{_since(started)}")


def _since(started: float) -> str:
    return f", {(time.perf_counter() - started) * 1000:.0f} ms"


def _show(finding: Finding) -> None:
    mark = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("–", "dim")}[finding.ok]
    show(line(mark, f" {finding.name:<11}{printable(finding.detail)}"), soft_wrap=True)
    if finding.fix:
        show(line(("  → ", "bold"), printable(finding.fix)), soft_wrap=True)
