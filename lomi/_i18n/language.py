"""Which language errors speak: what the client was told, else what ``LOMI_LANG`` says, else English."""

from __future__ import annotations

import os
from typing import Literal

__all__ = ["Language", "chosen", "translated"]

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
