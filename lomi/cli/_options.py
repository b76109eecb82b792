"""The options that several commands have in common."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from ..models.customers import CustomerStatus, CustomerType
from ._errors import Refusal

__all__ = ["Account", "AsJson", "AsJsonLines", "OnSandbox", "Search", "Status", "Type", "Yes"]

OnSandbox: TypeAlias = Annotated[
    bool, typer.Option("--sandbox", help="Run against a sandbox made for this command alone; needs no key.")
]
Account: TypeAlias = Annotated[
    str | None, typer.Option(metavar="ID", help="Act on this connected account. Default: the key's own organisation.")
]


def _alone(context: typer.Context, given: bool) -> bool:
    """Refuse one of the two beside the other, before anything is sent."""
    if given and (context.params.get("as_json") or context.params.get("as_json_lines")):
        raise Refusal("--json and --jsonl exclude each other", "take one of them")
    return given


AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.", callback=_alone)]
AsJsonLines: TypeAlias = Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a line.", callback=_alone)]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Write with a live key without asking first.")]
Search: TypeAlias = Annotated[str | None, typer.Option(help="Part of a name or an e-mail address.")]
Type: TypeAlias = Annotated[CustomerType | None, typer.Option(help="Which customers.")]
Status: TypeAlias = Annotated[CustomerStatus | None, typer.Option(help="Active customers have transactions.")]
