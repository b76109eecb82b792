"""What the shop does when lomi. notifies it.

python manage.py lomi_inbox work --handler django_site.webhooks:inbox  # each minute
python manage.py catch_up                                              # each night
"""

import logging

from lomi import Money
from lomi.webhooks import PaymentSucceeded
from lomi.webhooks.inbox import Inbox
from lomi.webhooks.stores.django import DjangoStore

from .models import Order, Parcel

inbox = Inbox(DjangoStore())
log = logging.getLogger("shop")


@inbox.on("PAYMENT_SUCCEEDED")
def fulfil(event: PaymentSucceeded) -> None:
    """Ship a paid order, in the transaction that records the event."""
    payment = event.object
    id = str((payment.metadata or {}).get("order"))
    order = Order.objects.filter(id=id).first()
    if order is None:
        return  # a payment of something else
    paid = payment.is_paid(Money(order.price, "XOF"))
    unpaid = Order.objects.filter(id=id, payment="")
    if not (paid and unpaid.update(payment=payment.transaction_id)):
        # Paid twice, or another amount: somebody has to look, and may refund it.
        log.error("order %s: unexpected payment %s", id, payment.transaction_id)
        return
    Parcel.objects.create(order=order)
