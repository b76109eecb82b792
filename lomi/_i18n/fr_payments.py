"""What is said of the parameters of payments, in French; a part of the catalogue in `lomi._i18n.fr`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["PAYMENTS"]

PAYMENTS: Final[Mapping[str, str]] = {
    "is not a timedelta from 0": "n'est pas une timedelta à partir de 0",
    "is not for a payout to {} by {}": "n'est pas pour un versement vers {} par {}",
    "the money would go to the payout method": "l'argent irait au moyen de versement",
    "is not a number but {}": "n'est pas un nombre mais {}",
    "pass an int or a Decimal": "passez un int ou un Decimal",
    "is NaN or infinite": "est NaN ou infini",
    "is not positive": "n'est pas positif",
    "pass more than 0": "passez plus que 0",
    "is beyond 2^53 − 1": "dépasse 2^53 − 1",
    "check the unit of the amount": "vérifiez l'unité du montant",
    "has more digits than JSON can carry": "a plus de chiffres que JSON ne peut en porter",
    "round it": "arrondissez-le",
    "has a fraction, which {} does not have": "a une fraction, que {} n'a pas",
    "is on this machine, which a live key cannot use": "est sur cette machine, ce qu'une clé live ne peut utiliser",
    "{} cannot act on a connected account: use client.with_options(account=None)": (
        "{} ne peut agir sur un compte connecté : utilisez client.with_options(account=None)"
    ),
    "{} objects may be the one that was sent": "{} objets peuvent être celui qui a été envoyé",
    "1 object may be the one that was sent, but lacks the data to tell": (
        "1 objet peut être celui qui a été envoyé, mais les données manquent pour trancher"
    ),
    "the API failed, and money can have moved before it was recorded": (
        "l'API a échoué, et l'argent a pu partir avant d'être enregistré"
    ),
    "the API failed, and the payment can exist at the processor alone": (
        "l'API a échoué, et le paiement peut n'exister que chez le prestataire"
    ),
    "the money has moved, but the refund is not recorded yet": (
        "l'argent est parti, mais le remboursement n'est pas encore enregistré"
    ),
    "with a test key, the API lists no payouts to beneficiaries": (
        "avec une clé de test, l'API ne liste aucun versement à des bénéficiaires"
    ),
    "pass whole francs": "passez des francs entiers",
    "is not the id of a customer": "n'est pas l'identifiant d'un client",
    "a UUID or cus_…": "un UUID ou cus_…",
    "is not an international phone number": "n'est pas un numéro de téléphone international",
    "such as +2250700000003, no spaces": "par exemple +2250700000003, sans espaces",
    "is empty, longer than 255 characters, or holds other than printable ASCII without spaces around it": (
        "est vide, dépasse 255 caractères, ou contient autre chose que de l'ASCII imprimable sans espaces autour"
    ),
    "is not an absolute https URL": "n'est pas une URL https absolue",
    "such as https://shop.example/thanks": "par exemple https://shop.example/thanks",
    "is not a date and time in ISO 8601": "n'est pas une date et une heure en ISO 8601",
    "such as datetime.now(timezone.utc) or 2026-02-01T00:00:00Z": (
        "par exemple datetime.now(timezone.utc) ou 2026-02-01T00:00:00Z"
    ),
    "does not exist in the calendar": "n'existe pas dans le calendrier",
    "is not a date in ISO 8601": "n'est pas une date en ISO 8601",
    "is not a date but {}": "n'est pas une date mais {}",
    "such as date(2026, 2, 1) or 2026-02-01": "par exemple date(2026, 2, 1) ou 2026-02-01",
    "is there twice": "est là deux fois",
    "pass only {}": "passez seulement {}",
    "pass one of {}": "passez l'un de {}",
    "use the hosted payment page": "utilisez la page de paiement hébergée",
    "is negative": "est négatif",
    "pass 0 or more": "passez 0 ou plus",
    "is required for a link of the type {}": "est requis pour un lien du type {}",
    "is not for a link of the type {}": "n'est pas pour un lien du type {}",
    "leave it out, or pass the other link_type": "omettez-le, ou passez l'autre link_type",
    "is required for a payout to {} by {}": "est requis pour un versement à {} par {}",
    "is not for a payout to {}": "n'est pas pour un versement à {}",
    "the money would go to your own payout method": "l'argent irait à votre propre moyen de versement",
    "is required without customer_id": "est requis sans customer_id",
}
