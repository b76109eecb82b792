"""Ordering, paying, and the page of thanks."""

import logging

from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from lomi import InvoiceBlock, LomiError, Money

from .clients import lomi
from .models import Order

PRICE = Money(15_000, "XOF")
log = logging.getLogger("shop")


class SeeOther(HttpResponseRedirect):
    """A redirect after a form."""

    status_code = 303


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show what there is to buy."""
    return render(request, "shop.html", {"price": PRICE})


@require_POST
def buy(request: HttpRequest) -> HttpResponse:
    """Order, and go to the payment page."""
    order = Order.objects.create(price=int(PRICE.to_decimal()))
    return pay(request, order.id)


@require_POST
def pay(request: HttpRequest, id: str) -> HttpResponse:
    """Go to the payment page of an order."""
    order = get_object_or_404(Order, id=id)
    here = reverse("order", args=[id])
    try:
        session = lomi().checkout_sessions.create(
            amount=order.price,
            currency_code="XOF",
            title=f"Order {id[:8]}",
            metadata={"order": id},
            success_url=request.build_absolute_uri(here),
            # However often it is clicked, an order has one page at a time.
            idempotency_key=f"{id}-{order.attempt}",
        )
    except LomiError:
        log.exception("order %s has no page to pay on", id)
        return SeeOther(here)  # to try again there
    if isinstance(session, InvoiceBlock):  # an older invoice has to be paid first
        invoice = session.blocking_invoice
        return SeeOther((invoice and invoice.checkout_url) or "/")
    if session.expires_at and session.expires_at <= timezone.now():
        Order.objects.filter(id=id).update(attempt=F("attempt") + 1)
        return pay(request, id)
    return SeeOther(session.checkout_url)


@require_safe
def show(request: HttpRequest, id: str) -> HttpResponse:
    """Show an order. What it says counts, not that the payer came here."""
    return render(request, "shop.html", {"order": get_object_or_404(Order, id=id)})
