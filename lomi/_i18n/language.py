"""Messages that are rendered when they are read, and the language in effect."""

from __future__ import annotations

import os
from contextvars import ContextVar
from typing import Final, Literal

from typing_extensions import Self, override

__all__ = [
    "AMBIENT",
    "Language",
    "Message",
    "ambient_language",
    "effective_language",
    "join",
    "printable",
    "render",
    "shortened",
    "system_text",
    "text_of",
]

Language = Literal["en", "fr"]
"""A language of error messages."""

AMBIENT: Final[ContextVar[tuple[tuple[Language], ...]]] = ContextVar("lomi_language", default=())
"""The ``with lomi.language(...)`` blocks that are open in this context, innermost last; each told apart by identity."""


class Message(str):
    """The English text of an error, which remembers what it was made of, so that it can be rendered in a language.

    ``Message("{} is not a string but {}", "account", "int")``. The template identifies it in the catalogue, as in
    gettext. An argument that is a `Message` itself is rendered too. As a plain string it is always English.
    """

    __slots__ = ("arguments", "template")

    template: str
    arguments: tuple[str | int, ...]

    def __new__(cls, template: str, /, *arguments: str | int) -> Self:
        # Without arguments, braces in a text are just braces.
        message = super().__new__(cls, template.format(*arguments) if arguments else template)
        message.template = template
        message.arguments = arguments
        return message

    def render(self, language: Language) -> str:
        """Return the text in a language, or in English where it has no translation."""
        if language == "en":
            return str(self)
        from .fr import CATALOGUE, SYSTEM_TEXTS

        template = CATALOGUE.get(self.template) or SYSTEM_TEXTS.get(self.template, self.template)
        return template.format(*(render(each, language) for each in self.arguments)) if self.arguments else template

    @override
    def __reduce__(self) -> tuple[type[Message], tuple[str | int, ...]]:
        return type(self), (self.template, *self.arguments)


def system_text(text: str) -> Message:
    """Return a text of the operating system or of OpenSSL as a message: the frequent ones have a translation."""
    return Message(text)


def text_of(error: BaseException) -> str:
    """Return the text of an exception: the message it was made of, if there is one; else what it says itself."""
    first: object = error.args[0] if error.args else None
    return first if isinstance(first, Message) else str(error)


def join(separator: str, messages: list[str]) -> Message:
    """Return messages joined by a separator, as a message."""
    return Message(separator.join(["{}"] * len(messages)), *messages)


def render(text: str | int, language: Language) -> str:
    """Return a text in a language; a plain string stays as it is."""
    return text.render(language) if isinstance(text, Message) else str(text)


def printable(text: str) -> str:
    """Return a text on one line: a server's text must not start a new line in a log, nor colour a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def shortened(text: str, tail: str, length: int) -> str:
    """Return a text on one line, cut where it would not leave room for ``tail`` within ``length`` characters."""
    text, room = printable(text), length - len(tail)
    return (text if len(text) <= room else text[: room - 1] + "…") + tail


def ambient_language() -> Language | None:
    """Return the language of the innermost ``with lomi.language(...)`` block, or None outside of one."""
    blocks = AMBIENT.get()
    return blocks[-1][0] if blocks else None


def effective_language(raised_in: Language | None = None) -> Language:
    """Return the language to read an error in: the ambient one, ``raised_in``, that of ``LOMI_LANG``, or English."""
    return ambient_language() or raised_in or _from_environment()


def _from_environment() -> Language:
    return "fr" if os.environ.get("LOMI_LANG", "").lower().startswith("fr") else "en"
