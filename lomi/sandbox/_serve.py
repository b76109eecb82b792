from __future__ import annotations

import socket
from types import TracebackType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._sandbox import Sandbox

HOSTS: Final = {"127.0.0.1": socket.AF_INET, "localhost": socket.AF_INET, "::1": socket.AF_INET6}


class Server:
    """A sandbox that is being served, from its making to `close()`; a context manager.

    Attributes:
        sandbox: The sandbox that answers.
        host: The address it listens on.
        port: The port it listens on.
        url: The base URL for clients, such as `http://127.0.0.1:49152`.
    """

    def __init__(self, sandbox: Sandbox, *, port: int, host: str) -> None:
        if host not in HOSTS:
            raise ValueError(f"a sandbox listens on this machine only: {', '.join(HOSTS)}")
        from ._uvicorn import Worker

        self.sandbox = sandbox
        self.host: str = "127.0.0.1" if host == "localhost" else host
        listener = socket.create_server((self.host, port), family=HOSTS[host], backlog=2048)
        self.port: int = listener.getsockname()[1]
        self.url: str = f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"
        self._worker = Worker(sandbox, listener)

    @property
    def page_url(self) -> str:
        """The address, for a browser on this machine, of a page that shows requests and data and has switches."""
        return f"{self.url}/_sandbox/"

    @property
    def api_key(self) -> str:
        """The test key of the merchant that the sandbox starts with."""
        return self.sandbox.api_key

    def close(self) -> None:
        """Stop serving: answers that are held back, or not read within a second, are dropped. The sandbox stays."""
        self._worker.stop()
        self.sandbox._servers.discard(self)  # noqa: SLF001 - of the same package

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Server {self.url} of {self.sandbox!r}>"
