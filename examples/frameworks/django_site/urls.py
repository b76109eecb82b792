"""Where the views are."""

from django.urls import path

from . import views

urlpatterns = [
    path("customers", views.register),
    path("customers/<str:id>", views.show),
]
