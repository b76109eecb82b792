"""Orders, and what is to be shipped."""

import uuid

from django.db import models


def new_id() -> str:
    """Return an id that nobody guesses."""
    return str(uuid.uuid4())


class Order(models.Model):
    """An order, which is stored before it can be paid."""

    id = models.CharField(primary_key=True, max_length=36, default=new_id)
    price = models.PositiveIntegerField()  # in XOF
    attempt = models.PositiveIntegerField(default=1)  # counts the payment pages
    payment = models.CharField(max_length=36)  # the transaction that paid it


class Parcel(models.Model):
    """What is to be shipped."""

    order = models.ForeignKey(Order, models.PROTECT)
