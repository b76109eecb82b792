"""Which proxy stands between this machine and the API, and the one TLS context of the process."""

from __future__ import annotations

import os
import ssl
import sys
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from urllib.parse import unquote_to_bytes, urlsplit

from .._core.config import Config, is_loopback
from .._i18n.language import Message
from ..errors import LomiConfigurationError

__all__ = ["Proxy", "proxy_for", "ssl_context"]


@dataclass(frozen=True)
class Proxy:
    """A proxy of the environment."""

    url: str
    auth: tuple[bytes, bytes] | None = field(repr=False)
    secure: bool
    """Whether the proxy itself is spoken to over TLS."""
    socks: bool


def proxy_for(config: Config) -> Proxy | None:
    """Return the proxy that ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY`` name for the API, or None.

    Raises:
        LomiConfigurationError: The variable holds something that is no proxy, or a kind that needs one package more.
    """
    # Plain http is for this machine only, and must not travel to a proxy.
    if not config.secure or is_loopback(config.host) or not _may_have_proxies():
        return None
    import urllib.request

    if urllib.request.proxy_bypass(config.host):
        return None
    found = urllib.request.getproxies()
    named = found.get("https") or found.get("all")
    if not named:
        return None
    try:
        url = urlsplit(named if "://" in named else f"http://{named}")
        host, port = url.hostname, url.port
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


def _may_have_proxies() -> bool:
    """Tell whether it is worth a look; urllib, which reads macOS's and Windows' settings too, is slow to import."""
    return sys.platform in ("darwin", "win32") or any(name.lower().endswith("_proxy") for name in os.environ)


@cache
def ssl_context() -> ssl.SSLContext:
    """Return the TLS context that all clients of the process share, made on first use.

    It trusts whom httpx trusts: ``SSL_CERT_FILE``, else ``SSL_CERT_DIR``, else certifi's authorities.
    """
    if file := os.environ.get("SSL_CERT_FILE"):
        try:
            return ssl.create_default_context(cafile=file)
        except OSError:
            raise LomiConfigurationError(
                Message("the file in SSL_CERT_FILE contains no certificates that can be read")
            ) from None
    if directory := os.environ.get("SSL_CERT_DIR"):
        return ssl.create_default_context(capath=directory)
    import certifi

    return ssl.create_default_context(cafile=certifi.where())
