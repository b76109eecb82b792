"""Orders, and what is to be shipped."""

from __future__ import annotations

import uuid

from django.db import models


def new_id() -> str:
    """Return an id that nobody guesses."""
    return str(uuid.uuid4())


class Order(models.Model):
    """An order, which is stored before it can be paid."""

    id: models.CharField[str, str] = models.CharField(
        primary_key=True, max_length=36, default=new_id
    )
    # In XOF.
    price: models.IntegerField[int, int] = models.IntegerField()
    # Counts the payment pages, each of which expires.
    attempt: models.IntegerField[int, int] = models.IntegerField(default=1)
    # The transaction that paid it.
    payment: models.CharField[str, str] = models.CharField(max_length=36)


class Parcel(models.Model):
    """What is to be shipped."""

    order: models.ForeignKey[Order, Order] = models.ForeignKey(Order, models.PROTECT)
