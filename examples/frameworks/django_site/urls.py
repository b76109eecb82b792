"""Where the views are."""

from django.urls import path

from lomi.webhooks.django import webhook

from . import views
from .webhooks import inbox

urlpatterns = [
    path("", views.index),
    path("orders", views.buy),
    path("orders/<str:id>", views.show, name="order"),
    path("orders/<str:id>/pay", views.pay),
    path("webhooks/lomi", webhook(inbox=inbox)),
]
