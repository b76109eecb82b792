"""The marker ``lomi_faults``: names and parameters, as faults of a sandbox."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any, Final

from ..sandbox import Aim, Fault, Sandbox
from ..sandbox._faults import FaultControls

AIM: Final = tuple(Aim.__annotations__)
# A method that orders a fault takes an aim; one that takes a moment as well has a name for each.
METHODS: Final = {
    name: tuple(each for each in inspect.signature(method).parameters if each not in {"self", "aim"})
    for name, method in vars(FaultControls).items()
    if inspect.isfunction(method) and not name.startswith("_") and "aim" in inspect.signature(method).parameters
}
NAMES: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    **{name: (name, {}) for name in METHODS},
    **{
        f"{name}_{when}": (name, {"when": when})
        for name, parameters in METHODS.items()
        if "when" in parameters
        for when in ("before", "after_commit")
    },
}


def faults(names: tuple[object, ...], parameters: Mapping[str, Any]) -> list[Callable[[Sandbox], Fault]]:
    """Return what orders the faults of one marker.

    Args:
        names: Such as ``"drop_after_commit"``.
        parameters: Those of the methods of a sandbox, `Aim` included; given to each of the faults.

    Raises:
        ValueError: A name or a parameter is not known, or there is no name.
    """
    if not names:
        raise ValueError('name at least one fault, such as "drop_after_commit"')
    return [_fault(name, parameters) for name in names]


def _fault(name: object, parameters: Mapping[str, Any]) -> Callable[[Sandbox], Fault]:
    if not isinstance(name, str) or name not in NAMES:
        raise ValueError(f"no fault is called {name!r}{_meant(name, NAMES)} there are {', '.join(sorted(NAMES))}")
    method, preset = NAMES[name]
    known = (*(each for each in METHODS[method] if each not in preset), *AIM)
    for each in parameters:
        if each not in known:
            raise ValueError(f"{name} takes no {each!r}{_meant(each, known)} it takes {', '.join(known)}")
    return partial(_order, name, method, {**preset, **parameters})


def _order(name: str, method: str, options: Mapping[str, Any], sandbox: Sandbox) -> Fault:
    try:
        fault: Fault = getattr(sandbox, method)(**options)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from None
    return fault


def _meant(word: object, known: Iterable[str]) -> str:
    close: list[str] = get_close_matches(str(word), known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ";"
