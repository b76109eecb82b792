"""Commands that call the API: the options they share, the client they use, and how they print."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from ..errors import LomiError
from . import connect, output
from .errors import CommandError, OutputError, describe

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .. import LomiClient

__all__ = ["AsJson", "OnSandbox", "Session", "command", "option"]

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON, errors included.")]
OnSandbox: TypeAlias = Annotated[
    bool, typer.Option("--sandbox", help="Use a new sandbox that lasts as long as the command; needs no key.")
]
_JsonLines: TypeAlias = Annotated[bool, typer.Option("--jsonl", help="Print one JSON object per line.")]
_Account: TypeAlias = Annotated[
    str | None, typer.Option(metavar="ID", help="Act on a connected account. Default: the key's own organization.")
]
_Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Write with a live key without asking first.")]


def option(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    """Return an option for `command` to add."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


@dataclass
class Session:
    """One run of a command: its shared options, its client and its output."""

    stack: ExitStack
    as_json: bool = False
    as_json_lines: bool = False
    account: str | None = None
    on_sandbox: bool = False
    yes: bool = False

    @functools.cached_property
    def client(self) -> LomiClient:
        """The client, of the API or of a sandbox without a socket; made when it is first used."""
        if self.on_sandbox:
            sandbox = self.stack.enter_context(connect.new_sandbox())
            return self.stack.enter_context(sandbox.client(account=self.account))
        from .. import LomiClient

        return self.stack.enter_context(LomiClient(connect.key_or_prompt(), account=self.account))

    def confirm(self, action: str) -> None:
        """Ask before a write with a live key, unless ``--yes`` was passed.

        Raises:
            CommandError: The answer is no, or there is no terminal to ask on.
        """
        if self.client.environment == "live" and not self.yes:
            connect.confirm(f"{action} in live mode at {self.client.base_url}")

    def show(self, value: Any, table: Callable[[], RenderableType | str], items: Iterable[Any] | None = None) -> None:
        """Print a result as the options ask for: JSON, one JSON object per line, or a table.

        ``items`` are the objects to print one per line; by default it is ``value``.

        Raises:
            OutputError: It cannot be printed.
        """
        try:
            if self.as_json:
                output.print_json(value, indent=2)
            elif self.as_json_lines:
                for item in [value] if items is None else items:
                    output.print_json(item)
            else:
                output.show(table())
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error) from None


def command(
    app: typer.Typer,
    name: str | None = None,
    *,
    options: Sequence[inspect.Parameter] = (),
    lines: bool = True,
    account: bool = True,
    writes: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that registers a function ``f(session, ...)`` as a command with the shared options.

    ``options`` are further options, passed by keyword. ``lines``, ``account`` and ``writes`` say whether it takes
    ``--jsonl``, ``--account`` and ``--yes``.
    """
    shared = [
        *([option("yes", _Yes, default=False)] if writes else []),
        option("as_json", AsJson, default=False),
        *([option("as_json_lines", _JsonLines, default=False)] if lines else []),
        *([option("account", _Account, default=None)] if account else []),
        option("on_sandbox", OnSandbox, default=False),
    ]

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _, *own = inspect.signature(function, eval_str=True).parameters.values()
        own = [each.replace(kind=each.KEYWORD_ONLY) for each in own if each.kind is not each.VAR_KEYWORD]

        def run(**values: Any) -> Any:
            return _run(function, {each.name: values.pop(each.name) for each in shared}, values)

        # What typer reads: the function's own parameters without the session, and the shared ones.
        parameters = [*own, *options, *shared]
        run.__name__, run.__doc__ = function.__name__, function.__doc__
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        setattr(run, "__signature__", inspect.Signature(parameters))  # noqa: B010
        app.command(name)(run)
        return run

    return register


def _run(function: Callable[..., Any], shared: dict[str, Any], values: dict[str, Any]) -> Any:
    """Run a command in a session of its own."""
    with ExitStack() as stack:
        session = Session(stack, **shared)
        if session.as_json and session.as_json_lines:
            raise CommandError("--json and --jsonl exclude each other", "pass one of them")
        try:
            return function(session, **values)
        except LomiError as error:
            raise describe(error, filter(None, [values.get("id")])) from None
