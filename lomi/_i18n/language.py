"""Which language errors speak: what the client was told, else what ``LOMI_LANG`` says, else English."""

from __future__ import annotations

import os
from typing import Literal

from typing_extensions import Self

__all__ = ["Language", "Message", "chosen", "translated"]

Language = Literal["en", "fr"]
"""A language that errors can speak."""


def chosen(language: Language | None) -> Language:
    """Return a language, or that of the environment where there is none."""
    return language or ("fr" if os.environ.get("LOMI_LANG", "").lower().startswith("fr") else "en")


def translated(text: str, language: Language) -> str:
    """Return a text of an error in a language."""
    if language == "en":
        return text
    from .fr import in_french

    return in_french(text)


class Message(str):
    """The English text of an error, which remembers what it was made of, so that it can be rendered in a language."""

    __slots__ = ("arguments", "template")

    template: str
    arguments: tuple[str | int, ...]

    def __new__(cls, template: str, /, *arguments: str | int) -> Self:
        # Without arguments, braces in a text are just braces.
        message = super().__new__(cls, template.format(*arguments) if arguments else template)
        message.template = template
        message.arguments = arguments
        return message

    def __reduce__(self) -> tuple[type[Message], tuple[str | int, ...]]:
        return type(self), (self.template, *self.arguments)
