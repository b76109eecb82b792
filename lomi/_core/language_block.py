"""``lomi.language``: a block in which error messages are in one language."""

from __future__ import annotations

from types import TracebackType
from typing import Any, get_args

from .._i18n.language import AMBIENT, Language, Message
from ..errors import LomiConfigurationError

__all__ = ["language"]


class language:  # noqa: N801  # used like a function
    """Set the language of error messages inside the block.

    It applies to the errors that are raised inside, wherever they are read, and to every error that is read
    inside. Class names, codes, logs and what the API itself says stay as they are. Blocks can be nested, and the
    same object can be entered again. Works in synchronous and asynchronous code alike, across tasks, and across
    threads that are started with a copied context.

    Args:
        name: ``"en"`` or ``"fr"``.

    Raises:
        LomiConfigurationError: There are no messages in this language.

    Examples:
        >>> with lomi.language("fr"):
        ...     customer = client.customers.create(name="Amadou Ba", email="amadou.ba@example.com")
    """

    def __init__(self, name: Language) -> None:
        given: Any = name
        if given not in get_args(Language):
            raise LomiConfigurationError(Message('language is neither "en" nor "fr"'))
        self._block: tuple[Language] = (name,)

    def __enter__(self) -> None:
        """Set the language."""
        AMBIENT.set((*AMBIENT.get(), self._block))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Restore the language that was in effect before."""
        # A generator can leave its block out of order, or in another context, where a token would be refused.
        blocks = list(AMBIENT.get())
        for index in range(len(blocks) - 1, -1, -1):
            if blocks[index] is self._block:
                del blocks[index]
                AMBIENT.set(tuple(blocks))
                return
