"""What is said of the parameters of products, coupons, webhooks and the like, in French; a part of `lomi._i18n.fr`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["BUSINESS"]

BUSINESS: Final[Mapping[str, str]] = {
    "is required where payers choose the amount": "est requis là où le payeur choisit le montant",
    "pass minimum_amount": "passez minimum_amount",
    "is more than the amount": "dépasse le montant",
    "pass at most the amount": "passez au plus le montant",
    "is less than the amount": "est en dessous du montant",
    "pass at least the amount": "passez au moins le montant",
    "has none, or too many": "n'en a aucun, ou trop",
    "is required for a recurring product": "est requis pour un produit récurrent",
    'such as "month"': 'par exemple "month"',
    "is for products that are paid once": "est pour les produits payés une fois",
    "is required for a usage-based product": "est requis pour un produit à l'usage",
    "is required with a trial": "est requis avec une période d'essai",
    "is required for this discount_type": "est requis pour ce discount_type",
    "is not for this discount_type": "n'est pas pour ce discount_type",
    "pass only one of both": "passez seulement l'un des deux",
    "is more than 100": "dépasse 100",
    "20 is 20 %": "20 vaut 20 %",
    'is required unless usage_frequency_limit is "total"': 'est requis, sauf si usage_frequency_limit vaut "total"',
    "pass usage_limit_value": "passez usage_limit_value",
    "is not before expires_at": "n'est pas avant expires_at",
    "pass an earlier time": "passez un moment antérieur",
    "is required for this scope_type": "est requis pour ce scope_type",
    "pass product_ids": "passez product_ids",
    "is not for a coupon of the whole organization": "n'est pas pour un coupon de toute l'organisation",
    'pass scope_type="specific_products"': 'passez scope_type="specific_products"',
    "is empty, or holds what is not the name of an event": (
        "est vide, ou contient ce qui n'est pas le nom d'un événement"
    ),
    "such as PAYMENT_SUCCEEDED": "par exemple PAYMENT_SUCCEEDED",
    'is required for flow_type "subscription_cancel"': 'est requis pour flow_type "subscription_cancel"',
    "pass flow_subscription_id": "passez flow_subscription_id",
}
