"""``python -m lomi doctor``: what stands between this machine and the API, link by link."""

from __future__ import annotations

import platform
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from types import NoneType
from typing import Any, Final

from .. import LomiAPIError, LomiClient, LomiConfigurationError, LomiError, Request, __version__, path
from .._backends.proxies import Proxy, proxy_for, ssl_context
from .._core.api_key import ApiKey
from .._core.config import Config
from .._core.response import clock_offset
from ._connect import key_or_prompt, served
from ._errors import Code, explain, plain
from ._options import AsJson, OnSandbox
from ._show import console, line, print_json

__all__ = ["Finding", "doctor"]

TIMEOUT: Final = 10.0
# How far clocks may be apart, in seconds.
SKEW: Final = 30.0
LIBRARIES: Final = ("httpx", "httpcore", "anyio", "pydantic", "typer", "rich")
# By the number that OpenSSL gives to what is wrong with a certificate.
CERTIFICATE_FIXES: Final = {
    9: "set this machine's clock: it seems to be behind",
    10: "set this machine's clock: if it is right, the certificate has run out",
    62: "the certificate is for another name: correct LOMI_BASE_URL",
}
INTERCEPTED: Final = "something may stand in between: have its authority's certificate named by SSL_CERT_FILE"


@dataclass(frozen=True)
class Finding:
    """What one check found. Holds no key, and nothing about customers."""

    name: str
    ok: bool | None
    """None: it was not checked."""
    detail: str
    fix: str = ""


def doctor(as_json: AsJson = False, on_sandbox: OnSandbox = False) -> Code:
    """Check what stands between this machine and the API, and say how to put it right.

    The report can be pasted anywhere: it holds no key and nothing about customers.
    """
    with ExitStack() as stack:
        key = base_url = None
        if on_sandbox:
            from ..sandbox import Sandbox

            server = stack.enter_context(served(stack.enter_context(Sandbox())))
            key, base_url = server.api_key, server.url
        found: list[Finding] = []
        for finding in examine(key or key_or_prompt(), base_url):
            found.append(finding)
            if not as_json:
                _show(finding)
    if as_json:
        print_json([asdict(finding) for finding in found], indent=2)
    return Code.FAILED if any(finding.ok is False for finding in found) else Code.DONE


def examine(key: str | None, base_url: str | None) -> Iterator[Finding]:
    """Check link after link, from this machine to an answer."""
    yield versions()
    config, finding = settings(ApiKey(key), base_url)
    yield finding
    if config is None:
        return
    usable = finding.ok
    proxy, finding = proxies(config)
    yield finding
    # Behind a proxy only the proxy can be reached from here.
    host, port = proxy_address(proxy) if proxy else (config.host, config.port)
    named = names(host, port)
    yield named
    reached = connection(host, port) if named.ok else Finding("connection", None, "not tried without an address")
    yield reached
    if not reached.ok:
        yield Finding("TLS", None, "not tried without a connection")
    elif proxy or not config.secure:
        yield Finding("TLS", None, "shown by the call, through the proxy" if proxy else "plain http, on this machine")
    else:
        yield certificate(config.host, config.port, ssl_context())
    if not usable or not reached.ok:
        yield Finding("clock", None, "not compared without a call")
        yield Finding("call", None, f"not made without a {'connection' if usable else 'key'}")
        return
    with LomiClient(key, base_url=base_url, timeout=TIMEOUT, max_retries=0) as client:
        yield clock(client, time.time)
        yield call(client)


def versions() -> Finding:
    """Tell what is installed."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    system = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    return Finding("versions", ok=True, detail=f"lomi {__version__}, {system}, {libraries}, {ssl.OPENSSL_VERSION}")


def settings(key: ApiKey, base_url: str | None) -> tuple[Config | None, Finding]:
    """Look at the key, the environment and the address, as a client does. Without a key the address is known too."""
    try:
        config = Config.from_options(key, None, base_url, None, TIMEOUT, 0)
    except LomiConfigurationError as error:
        finding = Finding("settings", ok=False, detail="no client can be made", fix=str(error))
    else:
        return config, Finding("settings", ok=True, detail=f"a {config.environment} key, for {config.base_url}")
    try:
        return Config.from_options(ApiKey("none", "live"), None, base_url, None, TIMEOUT, 0), finding
    except LomiConfigurationError:
        return None, finding


def proxies(config: Config) -> tuple[Proxy | None, Finding]:
    """Look for a proxy in the environment."""
    try:
        proxy = proxy_for(config)
    except LomiConfigurationError as error:
        return None, Finding("proxy", ok=False, detail="cannot be used", fix=str(error))
    return proxy, Finding("proxy", ok=True, detail=proxy.url if proxy else "none is in force for this address")


def proxy_address(proxy: Proxy) -> tuple[str, int]:
    """Return a proxy's host and port."""
    _, _, rest = proxy.url.partition("://")
    host, _, port = rest.rpartition(":")
    return host.strip("[]"), int(port)


def names(host: str, port: int) -> Finding:
    """Resolve a name."""
    began = time.perf_counter()
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        fix = "check this machine's network and name servers, and the name in LOMI_BASE_URL"
        detail = f"{host} cannot be resolved: {getattr(error, 'strerror', None) or error}"
        return Finding("DNS", ok=False, detail=detail, fix=fix)
    return Finding("DNS", ok=True, detail=f"{host} is {', '.join(sorted(found))}{_took(began)}")


def connection(host: str, port: int) -> Finding:
    """Open a connection, and close it."""
    began = time.perf_counter()
    try:
        with socket.create_connection((host, port), TIMEOUT):
            return Finding("connection", ok=True, detail=f"port {port} answers{_took(began)}")
    except TimeoutError:
        fix = "a firewall may be in the way: allow outgoing connections, or name the proxy in HTTPS_PROXY"
        return Finding("connection", ok=False, detail=f"port {port} does not answer in {TIMEOUT:.0f} s", fix=fix)
    except OSError as error:
        fix = "check that the server runs and that LOMI_BASE_URL names its port"
        return Finding("connection", ok=False, detail=f"port {port}: {error.strerror or error}", fix=fix)


def certificate(host: str, port: int, context: ssl.SSLContext) -> Finding:
    """Shake hands over TLS; the chain is checked as a client checks it."""
    began = time.perf_counter()
    try:
        with (
            socket.create_connection((host, port), TIMEOUT) as connected,
            context.wrap_socket(connected, server_hostname=host) as secured,
        ):
            took = _took(began)
            shown: Any = secured.getpeercert()
            protocol = secured.version()
    except ssl.SSLCertVerificationError as error:
        fix = CERTIFICATE_FIXES.get(error.verify_code, INTERCEPTED)
        return Finding("TLS", ok=False, detail=f"the certificate is not trusted: {error.verify_message}", fix=fix)
    except OSError as error:
        detail = f"no handshake: {getattr(error, 'reason', None) or error.strerror or error}"
        return Finding("TLS", ok=False, detail=detail, fix=f"something else than TLS may answer there; {INTERCEPTED}")
    issuer = dict(pair for part in shown["issuer"] for pair in part)
    by = issuer.get("organizationName") or issuer.get("commonName") or "an authority without a name"
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), timezone.utc)
    detail = f"{protocol}, the chain is trusted; issued by {by}, until {until:%Y-%m-%d}{took}"
    return Finding("TLS", ok=True, detail=detail)


def clock(client: LomiClient, now: Callable[[], float]) -> Finding:
    """Compare this machine's clock with that of whoever answers."""
    began = now()
    try:
        # There is no such path; an error, unlike an answer, has its headers with it.
        client.send(Request("GET", path("/doctor"), NoneType))
    except LomiAPIError as error:
        date = error.headers.get("date", "")
    except LomiError as error:
        return Finding("clock", None, f"not compared: {type(error).__name__}")
    else:
        date = ""
    # The header counts whole seconds, and the answer took its time.
    behind = clock_offset(date, (began + now()) / 2 - 0.5)
    if behind is None:
        return Finding("clock", None, "not compared: the answer had no Date header")
    if abs(behind) > SKEW:
        fix = "set this machine's clock, best by NTP"
        detail = f"{abs(behind):.0f} s {'behind' if behind > 0 else 'ahead'}"
        return Finding("clock", ok=False, detail=detail, fix=fix)
    return Finding("clock", ok=True, detail="agrees with the server's to within half a minute")


def call(client: LomiClient) -> Finding:
    """Make one call with the key."""
    began = time.perf_counter()
    try:
        client.customers.list(page_size=1)
    except LomiError as error:
        _, said = explain(error)
        return Finding("call", ok=False, detail=type(error).__name__, fix=said)
    return Finding("call", ok=True, detail=f"GET /customers was answered, with the key{_took(began)}")


def _took(began: float) -> str:
    return f", {(time.perf_counter() - began) * 1000:.0f} ms"


def _show(finding: Finding) -> None:
    out = console()
    mark = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("–", "dim")}[finding.ok]
    out.print(line(mark, f" {finding.name:<11}{plain(finding.detail)}"), soft_wrap=True)
    if finding.fix:
        out.print(line(("  → ", "bold"), plain(finding.fix)), soft_wrap=True)
    out.file.flush()
