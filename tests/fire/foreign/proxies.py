"""Reverse and forward proxies between the client and the upstream."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

import lomi
from lomi import ConnectionPool, LomiClient

from ..figures import Figure
from .programs import Needs, directory, every, free_port, listening, running
from .traffic import KEY, judge, traffic
from .upstream import Upstream, upstream

__all__ = ["PROXIES"]

NGINX = """
daemon off; pid {here}/pid; error_log {here}/error.log; worker_processes 2; {user}
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {here}/body; proxy_temp_path {here}/proxy; fastcgi_temp_path {here}/fastcgi;
  uwsgi_temp_path {here}/uwsgi; scgi_temp_path {here}/scgi;
  gzip on; gzip_min_length 1; gzip_proxied any; gzip_types application/json;
  upstream api {{ server 127.0.0.1:{upstream}; keepalive 8; }}
  server {{
    listen 127.0.0.1:{port} ssl; keepalive_timeout 1s;
    ssl_certificate {here}/server.pem; ssl_certificate_key {here}/server.pem;
    location / {{ proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""
HAPROXY = """
global
  maxconn 1000
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
  timeout queue 20ms
  timeout http-keep-alive 1s
frontend in
  bind 127.0.0.1:{port}
  default_backend api
backend api
  server one 127.0.0.1:{upstream} maxconn 4
"""
SQUID = """
http_port 127.0.0.1:{port}
auth_param basic program {helper} {here}/passwords
auth_param basic children 2
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
cache deny all
access_log none
cache_log {here}/cache.log
pid_filename {here}/pid
coredump_dir {here}
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
"""
TINYPROXY = """
Port {port}
Listen 127.0.0.1
Timeout 60
MaxClients 100
LogFile "{here}/log"
LogLevel Error
BasicAuth user secret
ConnectPort {tls}
"""
SQUID_HELPERS = ("/usr/lib/squid/basic_ncsa_auth", "/usr/lib64/squid/basic_ncsa_auth")


@dataclass(frozen=True)
class Place:
    """Where a proxy runs, and what it stands before."""

    here: Path
    port: int
    api: Upstream
    root: Path
    """The certificate of the CA that issued the upstream's and the proxy's."""

    def write(self, name: str, template: str, **more: str) -> str:
        """Write a configuration; return its path."""
        path = self.here / name
        path.write_text(
            template.format(here=self.here, port=self.port, upstream=self.api.port, tls=self.api.tls_port, **more)
        )
        return str(path)

    def context(self, root: Path | None = None) -> ssl.SSLContext:
        """Return a TLS context that trusts one root."""
        return ssl.create_default_context(cafile=str(root or self.root))

    def listening(self) -> bool:
        return listening(self.port)


@contextmanager
def _place() -> Iterator[Place]:
    ca = trustme.CA()
    with directory() as here:
        ca.cert_pem.write_to_path(str(here / "root.pem"))
        ca.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(here / "server.pem"))
        with upstream(here / "server.pem") as api:
            yield Place(here, free_port(), api, here / "root.pem")


def _ran(place: Place, what: str, make_pool: Callable[[Any], object], url: str, calls: int) -> Figure:
    rows = traffic(make_pool, url, calls)
    return judge(what, calls, rows, *place.api.stored())


def nginx(path: str, calls: int) -> Iterator[Figure]:
    """TLS, gzip, connections that live for a second, and a reload every two."""
    with _place() as place:
        user = "user root;" if os.geteuid() == 0 else ""
        config = place.write("nginx.conf", NGINX, user=user)
        with (
            running([path, "-c", config, "-p", str(place.here)], place.here / "out", place.listening) as process,
            every(2, lambda: process.send_signal(signal.SIGHUP)) as reloads,
        ):
            context = place.context()
            what = "over TLS and gzip; kept connections end after 1 s; a reload every 2 s"
            figure = _ran(place, what, lambda pool: pool(ssl_context=context), f"https://127.0.0.1:{place.port}", calls)
            yield _with(figure, f"{len(reloads)} reloads")


def haproxy(path: str, calls: int) -> Iterator[Figure]:
    """A queue that is too short, and reloads."""
    with _place() as place:
        config = place.write("haproxy.cfg", HAPROXY)
        with (
            running([path, "-W", "-db", "-f", config], place.here / "out", place.listening) as process,
            every(2, lambda: process.send_signal(signal.SIGUSR2)) as reloads,
        ):
            what = "through a queue of 20 ms before 4 connections; kept connections end after 1 s; a reload every 2 s"
            figure = _ran(place, what, lambda pool: pool(), f"http://127.0.0.1:{place.port}", calls)
            yield _with(figure, f"{len(reloads)} reloads")


def _with(figure: Figure, more: str) -> Figure:
    return Figure(figure.promise, f"{figure.measured}; {more}", figure.kept)


def _forward(place: Place, calls: int, what: str, context: ssl.SSLContext) -> Iterator[Figure]:
    """Go through a proxy that wants a password, and try it with a wrong one."""
    proxy, url = f"http://user:{{}}@127.0.0.1:{place.port}", f"https://127.0.0.1:{place.api.tls_port}"
    yield _ran(place, what, lambda pool: pool(proxy=proxy.format("secret"), ssl_context=context), url, calls)
    before = place.api.stored()[0].total()
    outcomes: list[tuple[str, str]] = []
    for _ in range(20):
        with (
            ConnectionPool(proxy=proxy.format("wrong"), ssl_context=context) as pool,
            LomiClient(KEY, base_url=url, transport=pool, timeout=30, max_retries=0) as client,
        ):
            try:
                client.customers.create(name="refused")
            except lomi.LomiError as error:
                outcomes.append((type(error).__name__, error.outcome))
    refused = outcomes.count(("LomiConnectionError", "not_sent"))
    arrived = place.api.stored()[0].total() - before
    promise = "20 creates with a wrong password of the proxy: `LomiConnectionError`, `not_sent`"
    yield Figure(promise, f"{refused} of 20; {arrived} stored", refused == 20 and not arrived)


def squid(path: str, calls: int) -> Iterator[Figure]:
    """CONNECT with a password."""
    helper = next(filter(os.path.exists, SQUID_HELPERS))
    with _place() as place:
        hashed = subprocess.run(["openssl", "passwd", "-apr1", "secret"], capture_output=True, text=True, check=True)
        (place.here / "passwords").write_text(f"user:{hashed.stdout}")
        (place.here / "passwords").chmod(0o644)
        config = place.write("squid.conf", SQUID, helper=helper)
        with running([path, "-N", "-f", config], place.here / "out", place.listening):
            yield from _forward(place, calls, "by `CONNECT` with a password, and TLS inside it", place.context())


def tinyproxy(path: str, calls: int) -> Iterator[Figure]:
    """CONNECT with a password."""
    with _place() as place:
        config = place.write("tinyproxy.conf", TINYPROXY)
        with running([path, "-d", "-c", config], place.here / "out", place.listening):
            yield from _forward(place, calls, "by `CONNECT` with a password, and TLS inside it", place.context())


def mitmproxy(path: str, calls: int) -> Iterator[Figure]:
    """A proxy that opens TLS, with a CA of its own."""
    with _place() as place:
        own = place.here / "mitmproxy-ca-cert.pem"
        options = [f"confdir={place.here}", f"ssl_verify_upstream_trusted_ca={place.root}", "proxyauth=user:secret"]
        command = [path, "--quiet", "--listen-host", "127.0.0.1", "--listen-port", str(place.port)]
        command += [part for option in options for part in ("--set", option)]
        with running(command, place.here / "out", lambda: own.exists() and place.listening()):
            what = "through a proxy that opens TLS with a CA of its own, with a password"
            yield from _forward(place, calls, what, place.context(own))


PROXIES: dict[str, tuple[Needs, Callable[[str, int], Iterator[Figure]]]] = {
    "nginx": (Needs("nginx", "-v"), nginx),
    "haproxy": (Needs("haproxy", "-v"), haproxy),
    "squid": (Needs("squid", "-v"), squid),
    "tinyproxy": (Needs("tinyproxy", "-v"), tinyproxy),
    "mitmproxy": (Needs("mitmdump"), mitmproxy),
}
