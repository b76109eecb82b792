"""The proxy between this machine and the API, and the TLS context that the process shares."""

from __future__ import annotations

import ipaddress
import os
import ssl
import sys
from functools import cache
from importlib.util import find_spec
from urllib.parse import unquote_to_bytes, urlsplit

from .._core.config import Config
from .._i18n.language import Message
from ..errors import LomiConfigurationError
from ..params._base import is_loopback

__all__ = ["Proxy", "bypasses_proxy", "parse_proxy", "proxy_for", "ssl_context"]


class Proxy:
    """A proxy, taken apart. Its repr shows no password."""

    __slots__ = ("auth", "secure", "socks", "url")

    def __init__(self, url: str, auth: tuple[bytes, bytes] | None, *, secure: bool, socks: bool) -> None:
        self.url: str = url
        """Its URL without user and password."""
        self.auth: tuple[bytes, bytes] | None = auth
        self.secure: bool = secure
        """Whether the connection to the proxy itself uses TLS."""
        self.socks: bool = socks

    def __repr__(self) -> str:
        return f"Proxy({self.url!r})"


def proxy_for(config: Config) -> Proxy | None:
    """Return the proxy that ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY`` name for the API, or None.

    Raises:
        LomiConfigurationError: The variable names no proxy that can be used.
    """
    # Plain http is for this machine only, and must not travel to a proxy.
    if not config.secure or is_loopback(config.host) or not _may_have_proxies():
        return None
    import urllib.request

    found = urllib.request.getproxies()
    url = found.get("https") or found.get("all")
    if not url or bypasses_proxy(config.host, config.port, found.get("no", "")):
        return None
    # macOS and Windows keep a list of exceptions of their own.
    if sys.platform in ("darwin", "win32") and urllib.request.proxy_bypass(config.host):
        return None
    return parse_proxy(url)


def parse_proxy(value: str) -> Proxy:
    """Return the proxy that a URL names; without a scheme it is an http proxy.

    Raises:
        LomiConfigurationError: It is not the URL of an http, https or socks5 proxy, or SOCKS needs a package.
    """
    try:
        url = urlsplit(value if "://" in value else f"http://{value}")
        host, port = url.hostname, url.port
        (host or "").encode("idna")
    except ValueError:
        host, port, url = None, None, urlsplit("")
    if not host or not host.isascii() or url.scheme not in ("http", "https", "socks5", "socks5h"):
        raise LomiConfigurationError(
            Message("the proxy in HTTPS_PROXY or ALL_PROXY is not an http, https or socks5 URL")
        )
    host = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}.get(url.scheme, 1080)
    auth = (unquote_to_bytes(url.username), unquote_to_bytes(url.password or "")) if url.username else None
    socks = url.scheme.startswith("socks5")
    if socks and find_spec("socksio") is None:
        raise LomiConfigurationError(
            Message("the proxy in ALL_PROXY or HTTPS_PROXY is a SOCKS proxy: pip install socksio")
        )
    scheme = "socks5" if socks else url.scheme
    return Proxy(f"{scheme}://{host}:{port or default}", auth, secure=url.scheme == "https", socks=socks)


def bypasses_proxy(host: str, port: int, exceptions: str) -> bool:
    """Tell whether a host is among the exceptions of ``NO_PROXY``.

    Each is ``*``, a name (which covers its subdomains, as do ``.name`` and ``*.name``), an address, or a network such
    as ``10.0.0.0/8``; with ``:port`` behind it, for that port only.
    """
    return any(_matches(host.lower().rstrip("."), port, each.strip().lower()) for each in exceptions.split(","))


def _matches(host: str, port: int, exception: str) -> bool:
    name, colon, number = exception.rpartition(":")
    if colon and number.isdigit() and (":" not in name or name.endswith("]")):
        if int(number) != port:
            return False
        exception = name
    if exception == "*":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = exception.removeprefix("*").strip(".")
        return bool(name) and (host == name or host.endswith(f".{name}"))
    try:
        return address in ipaddress.ip_network(exception.replace("[", "").replace("]", ""), strict=False)
    except ValueError:  # a name
        return False


def _may_have_proxies() -> bool:
    """Tell whether a look is worth it: urllib, which reads the settings of macOS and Windows too, is slow to import."""
    return sys.platform in ("darwin", "win32") or any(name.lower().endswith("_proxy") for name in os.environ)


@cache
def ssl_context() -> ssl.SSLContext:
    """Return the TLS context that all clients of the process share, made when first used.

    It trusts the authorities that httpx trusts: ``SSL_CERT_FILE``, else ``SSL_CERT_DIR``, else certifi's.

    Raises:
        LomiConfigurationError: A file that the environment names cannot be used.
    """
    file, directory = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if not file and not directory:
        import certifi

        file = certifi.where()
    try:
        return ssl.create_default_context(cafile=file or None, capath=None if file else directory)
    except OSError:
        pass
    if os.environ.get("SSLKEYLOGFILE"):
        raise LomiConfigurationError(
            Message("the file in SSLKEYLOGFILE cannot be written, or that in SSL_CERT_FILE not be read")
        )
    raise LomiConfigurationError(Message("the file in SSL_CERT_FILE contains no certificates that can be read"))
