from __future__ import annotations

from typing import Any, Protocol

from ..clock import Clock
from ..engine import Engine
from ..log import RecordedRequest
from ..matching import Fault
from ..wire import DialectName


class Board(Protocol):
    """What the page needs of a sandbox."""

    _engine: Engine
    _events: list[str]
    clock: Clock

    @property
    def dialect(self) -> DialectName: ...
    @dialect.setter
    def dialect(self, name: DialectName) -> None: ...
    @property
    def api_key(self) -> str: ...
    @property
    def merchant_id(self) -> str: ...
    @property
    def routes(self) -> tuple[str, ...]: ...
    @property
    def requests(self) -> tuple[RecordedRequest, ...]: ...
    @property
    def faults(self) -> tuple[Fault, ...]: ...
    def inject(self, kind: str, **options: Any) -> Fault: ...
    def pay(
        self, customer: str, amount: float, currency_code: str = ..., *, status: str = ..., recurring: bool = ...
    ) -> object: ...
    def reset(self) -> None: ...
