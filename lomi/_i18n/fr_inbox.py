"""What is said of the inbox of webhooks, in French; a part of `lomi._i18n.fr`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["INBOX"]

INBOX: Final[Mapping[str, str]] = {
    "an inbox in memory would be empty at each delivery: pass a file": (
        "une boîte en mémoire serait vide à chaque livraison : passez un fichier"
    ),
    "the database {} has AUTOCOMMIT off, so nothing would be committed: turn it on": (
        "la base {} a AUTOCOMMIT désactivé, et rien ne serait enregistré : activez-le"
    ),
    "the handler ended the transaction: leave out commit() and `with connection:`": (
        "la fonction a terminé la transaction : retirez commit() et `with connection:`"
    ),
    "inbox.connection is there only while a handler runs": (
        "inbox.connection n'existe que pendant l'exécution d'une fonction de traitement"
    ),
    "is not the key of a failed event that has its payload": (
        "n'est pas la clé d'un événement échoué dont le contenu est encore là"
    ),
    "pass one that inbox.failed() lists": "passez-en une que donne inbox.failed()",
    "{} cannot be imported ({}): pass module:name": "{} ne peut pas être importé ({}) : passez module:nom",
    "{} is neither an Inbox nor a function": "{} n'est ni une Inbox ni une fonction",
    "is less than 1": "est inférieur à 1",
    "pass at least 1": "passez au moins 1",
}
