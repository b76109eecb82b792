"""The table of ratios and the labels of the plots, in French."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["NAMES", "label", "table"]

# What a row is called, by what report.py calls it.
NAMES: Final[Mapping[str, str]] = {
    "what": "mesure",
    "sync get + model against `httpx.Client.get` + model": (
        "`get` synchrone + modèle, face à `httpx.Client.get` + modèle"
    ),
    "… against lomi 1.1.0": "… face à lomi 1.1.0",
    "… against modern-treasury": "… face à modern-treasury",
    "… against stripe": "… face à stripe",
    "a create against `httpx.Client.post` + model": "une création, face à `httpx.Client.post` + modèle",
    "sync get at 20 ms latency, wall time against httpx": (
        "`get` synchrone à 20 ms de latence, temps réel face à httpx"
    ),
    "… both over TLS, connection kept": "… les deux en TLS, connexion gardée",
    "… both over TLS, a handshake for each call": "… les deux en TLS, une négociation à chaque appel",
    "… both on Python 3.13": "… les deux avec Python 3.13",
    "… both on uvloop": "… les deux sur uvloop",
    "async get + model against `httpx.AsyncClient.get` + model": (
        "`get` asynchrone + modèle, face à `httpx.AsyncClient.get` + modèle"
    ),
    "50 in flight, throughput against `AsyncClient.get`": "50 appels simultanés, débit face à `AsyncClient.get`",
    "… against stripe with aiohttp": "… face à stripe avec aiohttp",
    "… against `AsyncClient.get`, after 6 idle seconds": "… face à `AsyncClient.get`, après 6 secondes de repos",
    "… against stripe with aiohttp, after 6 idle seconds": "… face à stripe avec aiohttp, après 6 secondes de repos",
    "200 in flight, throughput against that at 50": "200 appels simultanés, débit face à celui de 50",
    "500 in flight, throughput against that at 50": "500 appels simultanés, débit face à celui de 50",
    "500 connections open, a call against one with 1 open": (
        "500 connexions ouvertes, un appel face à un appel avec 1 seule"
    ),
    "8 threads, throughput against `httpx.Client.get`": "8 fils d'exécution, débit face à `httpx.Client.get`",
    "a page of 100, against `response.json()` + validation": "une page de 100, face à `response.json()` + validation",
    "a fetched page of 100, against one of 50": "une page de 100 reçue par un appel, face à une page de 50",
    "all resources used before, a call against one after 2": (
        "toutes les ressources déjà utilisées, un appel face à un appel après 2"
    ),
    "… a further client": "… un `LomiClient` de plus",
    "plain `import lomi` against httpx + pydantic + the same models": (
        "`import lomi` seul, face à httpx + pydantic + les mêmes modèles"
    ),
    "a new process to its first response, against httpx + the same model": (
        "un nouveau processus jusqu'à sa première réponse, face à httpx + le même modèle"
    ),
    "… against openai": "… face à openai",
    "… against stripe, which has no models": "… face à stripe, qui n'a pas de modèles",
    "… without bytecode, against httpx + the same model": "… sans bytecode, face à httpx + le même modèle",
    "10,000 customers at 20 ms latency, 8 in flight, against page by page": (
        "10\u00a0000 clients à 20 ms de latence, 8 pages à la fois, face à une page après l'autre"
    ),
    "… async": "… asynchrone",
    "walking 100,000 against asking for the same pages": (
        "parcourir 100\u00a0000 clients, face à demander les mêmes pages"
    ),
    "plain `import lomi`, CPU": "`import lomi` seul, temps processeur",
    "`from lomi import LomiClient`, CPU": "`from lomi import LomiClient`, temps processeur",
    "a further client, CPU": "un `LomiClient` de plus, temps processeur",
    "a further client, memory": "un `LomiClient` de plus, mémoire",
    "calls in flight, CPU of a call": "appels simultanés, temps processeur d'un appel",
    "threads, CPU of a call": "fils d'exécution, temps processeur d'un appel",
    "open connections, CPU of a call": "connexions ouvertes, temps processeur d'un appel",
    "page size, CPU of a customer": "taille d'une page, temps processeur d'un client",
    "resources used before, CPU of a call": "ressources déjà utilisées, temps processeur d'un appel",
    "resources used before, CPU of a further client": (
        "ressources déjà utilisées, temps processeur d'un `LomiClient` de plus"
    ),
    "length of a walk, CPU of a customer": "longueur d'un parcours, temps processeur d'un client",
    "walking them, growth of memory": "parcourir 100\u00a0000 clients, croissance de la mémoire",
}
# What the other cells hold besides figures and names of packages.
_WORDS: Final[Mapping[str, str]] = {
    "one call, blocking": "un appel, synchrone",
    "one call, async": "un appel, asynchrone",
    "50 calls in flight": "50 appels simultanés",
    "at": "à",
    "ours": "ce paquet",
    "theirs": "l'autre",
    "ratio": "rapport",
    "target": "cible",
    "met": "atteinte",
    "yes": "oui",
    "no": "non",
    "by hand": "à la main",
    "KiB": "Kio",
    "MiB": "Mio",
}
_LABELS: Final[Mapping[str, str]] = {
    "sync, one at a time": "synchrone, un appel à la fois",
    "async, one at a time": "asynchrone, un appel à la fois",
    "CPU time of a call, µs": "temps processeur d'un appel, µs",
    "calls in flight": "appels simultanés",
    "calls a second of CPU time": "appels par seconde de temps processeur",
}


def table(english: list[str]) -> list[str]:
    """Return the lines of the table of ratios in French; a row that is not in ``NAMES`` keeps its name."""
    return [line if line.startswith("| ---") else _row(line) for line in english]


def label(english: str) -> str:
    """Return a label of a plot in French: of an axis, of a title, or the name of a client."""
    return _LABELS[english] if english in _LABELS else english.replace("+ model", "+ modèle")


def _row(line: str) -> str:
    _, what, *cells = line.split("|")
    name = what.strip()
    return "|".join(["", f" {NAMES.get(name, name)} ", *(_cell(cell) for cell in cells)])


def _cell(text: str) -> str:
    for english, french in _WORDS.items():
        text = re.sub(rf"\b{english}\b", french, text)
    text = re.sub(r"(?<=\d),(?=\d{3})", "\u00a0", text)
    return re.sub(r"(?<=\d)\.(?=\d)", ",", text)
