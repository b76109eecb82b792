"""The extra ``aiohttp``: the asynchronous client over aiohttp's sockets and its parser in C."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Generator, Hashable
from contextlib import contextmanager
from typing import Any

import httpx
from typing_extensions import override

try:
    import aiohttp
    import yarl
except ImportError as _error:
    raise ImportError('lomi.aiohttp needs aiohttp: pip install "lomi[aiohttp]"') from _error

from ._async.transport.pool import CONNECT_TIMEOUT, LONGEST_IDLE, MAX_CONNECTIONS, read_body
from ._backends.anyio import AsyncBackend
from ._backends.proxies import ssl_context
from ._core.config import Config
from ._core.reply import Body, Call, Response
from ._i18n.language import Message
from .errors import LomiConfigurationError

__all__ = ["AiohttpClient"]


class AiohttpClient(httpx.AsyncClient):
    """An ``http_client=`` whose lomi. calls go over aiohttp: for very many of them at a time.

    It belongs to one event loop, asyncio's, that of its first call, and takes no notice of proxies in the environment.
    Close it yourself, after the client that uses it. What you send through it yourself goes over httpx as ever.

    Args:
        max_connections: How many connections may be open. Default 512.
        verify: A TLS context of your own. Default: the authorities that httpx trusts.
        proxy: The URL of an http or https proxy. Default: none.

    Example:
        >>> async with AiohttpClient() as http_client:
        ...     client = AsyncLomiClient(http_client=http_client)
        ...     customer = await client.customers.get(customer_id)
    """

    def __init__(
        self,
        *,
        max_connections: int = MAX_CONNECTIONS,
        verify: ssl.SSLContext | None = None,
        proxy: str | None = None,
    ) -> None:
        self._context = verify or ssl_context()
        super().__init__(verify=self._context, proxy=proxy, trust_env=False)
        self._max_connections = max_connections
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None
        self._loop: Hashable = None

    def _session_of(self, loop: Hashable) -> aiohttp.ClientSession:
        """Return the session, opened in the event loop of its first call, if that is the one that runs."""
        if self._session is None:
            if not isinstance(loop, asyncio.AbstractEventLoop):
                raise LomiConfigurationError(Message("AiohttpClient needs asyncio: leave http_client out under trio"))
            self._loop, self._session = loop, self._open()
        elif self._loop is not loop:
            raise LomiConfigurationError(Message("this AiohttpClient belongs to another event loop: make one in each"))
        return self._session

    def _open(self) -> aiohttp.ClientSession:
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._max_connections, keepalive_timeout=LONGEST_IDLE, ssl=self._context
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            proxy=self._proxy,
        )
        # aiohttp would repeat a DELETE by itself, and the 404 of the second would hide that the first had worked.
        session._retry_connection = False  # noqa: SLF001
        return session

    async def _lomi_exchange(
        self, call: Call[Any], config: Config, seconds: float | None, runtime: AsyncBackend
    ) -> Response:
        """Send a call's request once; raise httpx's errors, which say whether it may have left."""
        session = self._session_of(runtime.loop())
        connect = CONNECT_TIMEOUT if seconds is None else min(CONNECT_TIMEOUT, seconds)
        with _translated():
            response = await session.request(
                call.request.method,
                yarl.URL(config.base_url + call.request.target, encoded=True),
                # The key is in them, so that nobody keeps it in a variable.
                headers=[
                    (name.decode("ascii"), value.decode("ascii"))
                    for name, value in (*config.headers, *call.headers, config.key.header())
                ],
                data=call.content,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(connect=seconds, sock_connect=connect, sock_read=seconds),
            )
            try:
                raw_headers = list(response.raw_headers)
                body = Body(response.status, raw_headers)
                await read_body(response.content.iter_any(), body, call, runtime)
                return Response(response.status, raw_headers, body.bytes())
            finally:
                # A connection whose answer was read to its end has gone back before; any other is not used again.
                response.close()

    @override
    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()
        await super().aclose()

    @override
    async def __aexit__(self, *error: object) -> None:
        await self.aclose()


@contextmanager
def _translated() -> Generator[None, None, None]:
    """Turn aiohttp's errors into those of httpx that mean the same."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx.ConnectTimeout(str(error)) from None
    except (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError) as error:
        raise httpx.ProxyError(str(error)) from None
    except aiohttp.ClientConnectorError as error:
        raise httpx.ConnectError(str(error)) from None
    except aiohttp.ClientConnectionError as error:
        # Lost, or no answer in time, after it was sent.
        kind = httpx.ReadTimeout if isinstance(error, aiohttp.ServerTimeoutError) else httpx.ReadError
        raise kind(str(error)) from None
    except aiohttp.ClientError as error:
        raise httpx.RemoteProtocolError(str(error)) from None
