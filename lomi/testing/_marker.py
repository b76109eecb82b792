"""The marker ``lomi_faults``: names and parameters, as faults of a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any, Final

from ..sandbox import Fault, FaultFilter, Sandbox, WebhookFilter
from ..sandbox.faults import FAULTS, NAMES

FILTERS: Final = {False: tuple(FaultFilter.__annotations__), True: tuple(WebhookFilter.__annotations__)}


def faults(names: tuple[object, ...], parameters: Mapping[str, Any]) -> list[Callable[[Sandbox], Fault]]:
    """Return what injects the faults of one marker.

    Args:
        names: Such as ``"drop_after_commit"``.
        parameters: Those of the methods of a sandbox, `FaultFilter` included; given to each of the faults.

    Raises:
        ValueError: A name or a parameter is not known, or there is no name.
    """
    if not names:
        raise ValueError('name at least one fault, such as "drop_after_commit"')
    return [_fault(name, parameters) for name in names]


def _fault(name: object, parameters: Mapping[str, Any]) -> Callable[[Sandbox], Fault]:
    if not isinstance(name, str) or name not in NAMES:
        raise ValueError(f"no fault is called {name!r}{_meant(name, NAMES)} there are {', '.join(sorted(NAMES))}")
    kind, preset = NAMES[name]
    own = tuple(each.name for each in FAULTS[kind].parameters if each.name not in preset)
    known = (*own, *FILTERS[FAULTS[kind].webhooks])
    for each in parameters:
        if each not in known:
            raise ValueError(f"{name} takes no {each!r}{_meant(each, known)} it takes {', '.join(known)}")
    return partial(_inject, name, kind, {**preset, **parameters})


def _inject(name: str, kind: str, options: Mapping[str, Any], sandbox: Sandbox) -> Fault:
    try:
        return sandbox.inject(kind, **options)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from None


def _meant(word: object, known: Iterable[str]) -> str:
    close: list[str] = get_close_matches(str(word), known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ";"
