from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar

from . import seed as planted
from .actions import checked_key
from .api import Api
from .billing import Billing
from .bookkeeping import Bookkeeping
from .checks import is_whole, require, require_bool, require_count
from .clock import Clock
from .dashboard import guard, pages
from .endpoints import Deliveries
from .engine import BASE_URL, Engine
from .http import Request, Response
from .injection import FaultInjection
from .inspection import Inspection
from .log import RequestLog
from .operations import OPERATIONS
from .payer.payments import Payments
from .resource import Resource
from .resources import RESOURCES
from .store import Copy, Identifiers, Store
from .throttle import Throttle
from .webhooks import check_url
from .wire import Dialect, DialectName, Docs

if TYPE_CHECKING:
    import httpx
    from typing_extensions import Self

    from lomi import AsyncLomiClient, LomiClient


@dataclass(frozen=True, repr=False)
class Snapshot:
    """Everything a sandbox held at one moment; made by `snapshot`, taken by `restore`."""

    copy: Copy
    clock: tuple[int, int, float]


class Server:
    """A sandbox that is being served, until `close()`; a context manager.

    Attributes:
        sandbox: The sandbox that responds.
        host: The address it listens on.
        port: The port it listens on.
        url: The base URL for clients, such as `http://127.0.0.1:49152`.
    """

    def __init__(self, sandbox: Sandbox, *, port: int, host: str) -> None:
        # asyncio and h11 are loaded only to serve.
        from .server import Listener

        self.sandbox = sandbox
        self._listener = Listener(
            lambda request: guard.page_or_refusal(sandbox, request) or sandbox.handle(request), port=port, host=host
        )
        self.host: str = self._listener.host
        self.port: int = self._listener.port
        self.url: str = self._listener.url
        sandbox.servers.add(self)
        sandbox._engine.addresses.append(self.url)  # noqa: SLF001 - of the same module

    @property
    def page_url(self) -> str:
        """The address, for a browser on this machine, of a page that shows requests and data and has switches."""
        return f"{self.url}{pages.PREFIX}/"

    @property
    def api_key(self) -> str:
        """The test key of the merchant that the sandbox starts with."""
        return self.sandbox.api_key

    def close(self) -> None:
        """Stop serving: responses that are held back, or not read within a second, are dropped. The sandbox stays."""
        self._listener.close()
        if self in self.sandbox.servers:
            self.sandbox.servers.discard(self)
            self.sandbox._engine.addresses.remove(self.url)  # noqa: SLF001 - of the same module

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Server {self.url} of {self.sandbox!r}>"


class Sandbox(Bookkeeping, Deliveries, Billing, Payments, Inspection, FaultInjection):
    """A local lomi. server with data of its own.

    Args:
        dialect: `server` responds as the deployed server was observed to, `docs` as the vendor's pages promise.
        data: A file to keep the data in; created if there is none, else continued. Default: memory.
        seed: Makes ids and times the same in every run; the clock is then frozen, but for 1 ms a request.
            Default: random ids, and this machine's time.
        customers: How many customers a new sandbox starts with, 0 or more.
        api_key: The test key of its merchant. Default: `lomi_sk_test_sandbox`, or what the data file knows.
        webhook_url: Where to send events; see `webhooks`. Default: nowhere.
        throttle_limit: Requests that one route takes from one address in a window.
        throttle_window: The window, in seconds.
        vendor_examples: Whether the server dialect, too, knows the customer of the pages' examples by the id
            `cus_abc123...`; the docs dialect always does.
        fees: Whether payments, refunds and payouts cost what lomi.'s fixed plan says. Default: nothing, so that a
            payment of 5000 makes the balance grow by 5000.

    Raises:
        ValueError: An argument is out of range, a key looks live, or `data` is not a sandbox's file of this version,
            or cannot be used.
    """

    _resources: ClassVar[tuple[Resource, ...]] = RESOURCES
    _background: ClassVar[bool] = True

    def __init__(
        self,
        dialect: DialectName = "server",
        *,
        data: str | os.PathLike[str] | None = None,
        seed: int | None = None,
        customers: int = planted.CUSTOMERS,
        api_key: str | None = None,
        webhook_url: str | None = None,
        throttle_limit: int = 5000,
        throttle_window: float = 900.0,
        vendor_examples: bool = False,
        fees: bool = False,
    ) -> None:
        require_count("customers", customers)
        require(seed is None or is_whole(seed), "seed is a whole number, or None", seed)
        require_bool("fees", fees)
        self._vendor_examples = vendor_examples
        self._customers = customers
        self._webhook_url = None if webhook_url is None else check_url(webhook_url)
        self.servers: set[Server] = set()
        self._asked_key = None if api_key is None else checked_key(api_key)
        throttle = Throttle(throttle_limit, throttle_window)
        chosen = self._dialect_named(dialect)
        self._engine = self._new_engine(data, seed, fees=fees)
        self._api = Api(self._engine, self._resources, throttle, RequestLog(self._engine.journal), chosen, self._active)
        super().__init__((*self._api.routes, *OPERATIONS), self._known_events(), seed)
        self.clock: Clock = self._engine.clock
        try:
            with self._engine.lock:
                self._fill()
        except ValueError:
            self._engine.store.close()
            raise

    @property
    def dialect(self) -> DialectName:
        """The dialect of the responses; may be set at any time, the data stays."""
        return self._api.dialect.name

    @dialect.setter
    def dialect(self, name: DialectName) -> None:
        self._api.dialect = self._dialect_named(name)

    @property
    def base_url(self) -> str:
        """The base URL for a client that uses `transport()`: a name that exists nowhere."""
        return BASE_URL

    @property
    def api_key(self) -> str:
        """The test key of the merchant that the sandbox starts with."""
        return self._api_key

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes that are built, such as `POST /customers`; every other operation of the API responds 501."""
        return self._api.routes

    # Ways to reach it

    def handle(self, request: Request) -> Response:
        """Respond to one request: what every way in comes down to."""
        return self._api.handle(request)

    def transport(self) -> httpx.BaseTransport:
        """Return a transport for an `httpx.Client` of your own: the sandbox without a socket.

        Faults raise what a real connection would: `httpx.RemoteProtocolError`, `httpx.ReadTimeout`.
        """
        from .transport import SandboxTransport

        return SandboxTransport(self.handle)

    def async_transport(self) -> httpx.AsyncBaseTransport:
        """Return a transport for an `httpx.AsyncClient` of your own, under asyncio or trio."""
        from .transport import AsyncSandboxTransport

        return AsyncSandboxTransport(self.handle)

    def client(self, **options: Any) -> LomiClient:
        """Return a `LomiClient` that talks to this sandbox without a socket.

        Args:
            **options: Any option of a `LomiClient`. Default: the key of the merchant that the sandbox starts with.
        """
        from lomi import LomiClient

        given: dict[str, Any] = {"api_key": self.api_key, "base_url": self.base_url, **options}
        if not {"http_client", "transport"} & given.keys():
            given["transport"] = self.transport()
        return LomiClient(**given)

    def async_client(self, **options: Any) -> AsyncLomiClient:
        """Return an `AsyncLomiClient` that talks to this sandbox without a socket.

        Args:
            **options: Any option of an `AsyncLomiClient`. Default: the key of the merchant that the sandbox starts
                with.
        """
        from lomi import AsyncLomiClient

        given: dict[str, Any] = {"api_key": self.api_key, "base_url": self.base_url, **options}
        if not {"http_client", "transport"} & given.keys():
            given["transport"] = self.async_transport()
        return AsyncLomiClient(**given)

    def serve(self, port: int = 0, *, host: str = "127.0.0.1") -> Server:
        """Serve over HTTP in a thread of its own, and return the running `Server`.

        Args:
            port: 0 takes a free one.
            host: `127.0.0.1`, `::1` or `localhost`.

        Raises:
            OSError: The port is taken.
            RuntimeError: The sandbox is closed.
            ValueError: The host is not this machine's loopback, or there is no such port.
        """
        self._engine.store.check_open()
        require(is_whole(port, 0, 65535), "port is 0 to 65535, a whole number", port)
        return Server(self, port=port, host=host)

    # Its state as a whole

    def throttle(self, limit: int = 5000, window: float = 900.0) -> None:
        """Set how many requests one route takes from one address, and start counting anew.

        Args:
            limit: Requests in a window, 1 or more.
            window: Seconds, above 0.
        """
        with self._engine.lock:
            self._api.throttle.set(limit, window)

    def snapshot(self) -> Snapshot:
        """Return all data and the time, for `restore`; not the faults, the throttling and the request log."""
        with self._engine.lock:
            return Snapshot(self._engine.store.copy(), self._engine.clock.setting)

    def restore(self, snapshot: Snapshot) -> None:
        """Put data and time back to what they were."""
        with self._engine.lock:
            self._engine.store.load(snapshot.copy)
            self._engine.journal.clear()
            self._take_key()
            self._engine.clock.setting = snapshot.clock

    def reset(self) -> None:
        """Start over: the first data and time, no faults, no webhooks, nothing throttled, an empty request log.

        The dialect and the limits of throttling stay as they are.
        """
        with self._engine.lock:
            self._forget_faults()
            self._api.throttle.clear()
            self._api.log.clear()
            self._engine.store.clear()
            self._engine.clock.reset()
            self._engine.ids.reset()
            self._fill()

    def close(self) -> None:
        """Close its servers and the database. Does nothing the second time.

        A sandbox that is not served and just dropped is closed as well.
        """
        for server in [*self.servers]:
            server.close()
        with self._engine.lock:
            self._engine.store.close()
        self._engine.notify_closed()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Sandbox {self.dialect} {self._engine.store.path or 'in memory'}>"

    def _new_engine(self, data: str | os.PathLike[str] | None, seed: int | None, *, fees: bool) -> Engine:
        """Open the data file, or memory, and return an engine on it."""
        kinds = {each.type: each for each in self._resources}
        store = Store(None if data is None else str(Path(data)), "".join(each.indexes() for each in self._resources))
        ids, frozen = Identifiers(seed), seed is not None
        return Engine(kinds, store, ids, self._active, frozen=frozen, background=self._background, fees=fees)

    def _dialect_named(self, name: str) -> Dialect:
        if name == "docs":
            return Docs()
        if name == "server":
            return Dialect(vendor_examples=self._vendor_examples)
        raise ValueError('dialect is "server" or "docs"')

    def _fill(self) -> None:
        """Plant the first data, unless the file has its own; go on from the time it knows."""
        engine = self._engine
        if not engine.store.count("merchants"):
            with engine.store.transaction(), engine.at(engine.now):
                planted.plant(engine, self._asked_key or planted.DEFAULT_API_KEY, self._customers)
            engine.journal.clear()
        self._take_key()
        if self._webhook_url is not None and self._webhook_url not in [
            each["url"] for each in engine.store.select("webhooks")
        ]:
            self.webhooks.add(self._webhook_url)
        kept = engine.store.setting("frozen" if engine.clock.frozen else "running")
        if kept is not None:
            engine.clock.saved_micros = kept
        if engine.clock.frozen:
            engine.clock.move_to(engine.store.row("SELECT max(updated_at) AS t FROM objects")["t"])
        engine.wake()

    def _take_key(self) -> None:
        """Learn the key of the merchant that is always there, or add the one that was asked for to its keys."""
        store, asked = self._engine.store, self._asked_key
        if asked is not None:
            found = store.find("keys", asked)
            if found is None:
                self._engine.create("keys", {}, owner=self.merchant_id, id=asked)
            elif found.owner != self.merchant_id:
                raise ValueError("api_key belongs to another merchant of the data file; take another")
        first = store.row("SELECT id FROM objects WHERE type = 'keys' AND owner = ? ORDER BY number", self.merchant_id)[
            "id"
        ]
        self._api_key: str = asked or first
