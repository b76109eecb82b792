"""What is said of webhooks, in French; a part of the catalogue in `lomi._i18n.fr`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["WEBHOOKS"]

WEBHOOKS: Final[Mapping[str, str]] = {
    "there is no X-Lomi-Signature: lomi. has not sent this, or a proxy has removed the header": (
        "il n'y a pas de X-Lomi-Signature : lomi. n'a pas envoyé ceci, ou un proxy a retiré l'en-tête"
    ),
    "X-Lomi-Signature is not a string but {}": "X-Lomi-Signature n'est pas une chaîne mais {}",
    "X-Lomi-Signature is not 64 lower-case hexadecimal digits ({} characters): pass the header as it is": (
        "X-Lomi-Signature n'est pas fait de 64 chiffres hexadécimaux minuscules ({} caractères) : "
        "passez l'en-tête tel quel"
    ),
    "X-Lomi-Signature does not fit: check that the secret is that of this endpoint, whole, with whsec_, "
    "and that the body is the bytes as received, before anything has parsed them": (
        "X-Lomi-Signature ne correspond pas : vérifiez que le secret est celui de ce point d'accès, entier, avec "
        "whsec_, et que le corps est fait des octets reçus, avant toute analyse"
    ),
    "no webhook secret: set the environment variable LOMI_WEBHOOK_SECRET, or pass secrets=; each endpoint has its "
    "own, shown when it is created and on the dashboard": (
        "pas de secret de webhook : définissez la variable d'environnement LOMI_WEBHOOK_SECRET, ou passez secrets= ; "
        "chaque point d'accès a le sien, montré à sa création et sur le tableau de bord"
    ),
    "the webhook secret is not a string but {}": "le secret de webhook n'est pas une chaîne mais {}",
    "the webhook secret begins or ends with a space or a newline: copy it again, without it": (
        "le secret de webhook commence ou finit par une espace ou un saut de ligne : copiez-le à nouveau, sans"
    ),
    "is not bytes but {}": "n'est pas fait d'octets mais de {}",
    "pass the raw bytes of the request, before anything has decoded or parsed them: they are what is signed": (
        "passez les octets bruts de la requête, avant tout décodage ou analyse : ce sont eux qui sont signés"
    ),
    "the webhook's body has no name of an event": "le corps du webhook n'a pas de nom d'événement",
    "the webhook's body is not JSON": "le corps du webhook n'est pas du JSON",
    "the webhook's body is not a JSON object": "le corps du webhook n'est pas un objet JSON",
    "the webhook has no timestamp, which max_age asks for": "le webhook n'a pas de timestamp, que max_age demande",
    "the webhook's timestamp is more than max_age from now: leave max_age out to accept repetitions": (
        "le timestamp du webhook est à plus de max_age de maintenant : omettez max_age pour accepter les répétitions"
    ),
    "on is neither a function nor a mapping of event names to functions but {}": (
        "on n'est ni une fonction ni un dictionnaire de noms d'événements vers des fonctions mais {}"
    ),
    "{} is not an event that this version knows, such as PAYMENT_SUCCEEDED: pass one function for all events to "
    "receive others": (
        "{} n'est pas un événement que cette version connaît, comme PAYMENT_SUCCEEDED : passez une fonction pour tous "
        "les événements pour en recevoir d'autres"
    ),
    "what is to handle {} is not a function": "ce qui doit traiter {} n'est pas une fonction",
    "pass either a function for the events or an inbox": "passez soit une fonction pour les événements, soit une inbox",
    "{} calls functions that are not async: write yours with def, without async": (
        "{} appelle des fonctions qui ne sont pas async : écrivez la vôtre avec def, sans async"
    ),
}
