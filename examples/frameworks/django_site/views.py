"""An ordinary view, an asynchronous one, and what both answer when a call fails."""

import json

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from lomi import LomiError, LomiNotFoundError, LomiValidationError

from .clients import async_lomi, lomi


@csrf_exempt
@require_POST
def register(request: HttpRequest) -> JsonResponse:
    """Create a customer; the order's number tells later whether it happened."""
    try:
        form = json.loads(request.body)
    except ValueError:
        return JsonResponse({"message": "not JSON"}, status=400)
    try:
        customer = lomi().customers.create(
            name=form.get("name", ""),
            email=form.get("email"),
            reference=form.get("order", ""),
        )
    except LomiError as error:
        return failed(error)
    return JsonResponse({"id": customer.id}, status=201)


@require_GET
async def show(_request: HttpRequest, id: str) -> JsonResponse:
    """Return a customer, without holding a thread while the answer is on its way."""
    try:
        customer = await async_lomi().customers.get(id)
    except LomiError as error:
        return failed(error)
    return JsonResponse(
        {"id": customer.id, "name": customer.name, "city": customer.city}
    )


def failed(error: LomiError) -> JsonResponse:
    """Say what went wrong, and whether it is safe to ask again."""
    if isinstance(error, LomiValidationError):
        return JsonResponse(
            {"errors": {each.field: each.problem for each in error.errors}}, status=422
        )
    if isinstance(error, LomiNotFoundError):
        return JsonResponse({"message": "no such customer"}, status=404)
    return JsonResponse(
        {"message": "the payment service failed", "happened": error.outcome}, status=502
    )
