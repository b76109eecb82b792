from __future__ import annotations

from typing import Final

from ..behaviours import Create, Delete, Filter, Get, List, Search, Update
from ..resource import Field, Operation, Resource, Shape

ITEM: Final = (
    "customer_id organization_id name email phone_number whatsapp_number country city address postal_code is_business"
    " metadata created_at updated_at"
)
# A customer with transactions is active.
ACTIVE: Final = (
    "EXISTS (SELECT 1 FROM objects AS paid WHERE paid.type = 'transactions'"
    " AND json_extract(paid.body, '$.customer_id') = objects.id) = ?"
)

CUSTOMERS: Final = Resource(
    "customers",
    key="customer_id",
    prefix="cus",
    noun="Customer",
    fields=(
        Field("name", required=True),
        Field("email", "email"),
        Field("phone_number"),
        Field("whatsapp_number"),
        Field("country", absent=""),
        Field("city", absent=""),
        Field("address", absent=""),
        Field("postal_code", absent=""),
        Field("is_business", "boolean", absent=False),
        Field("metadata", "metadata"),
    ),
    shape=Shape(ITEM.replace(" created_at", " environment created_at")),
    searched=("name", "email"),
    operations=(
        Operation("POST", "/customers", Create(), account="customer.write"),
        Operation(
            "GET",
            "/customers",
            List(
                *("pages", "customers", "page"),
                shape=Shape(ITEM, nulls=("metadata",)),
                filters=(
                    Filter(
                        *("type", "json_extract(body, '$.is_business') = ?", ("business", "individual")),
                        refuses=False,
                        value=lambda word: word == "business",
                    ),
                    Filter(
                        *("status", ACTIVE, ("active", "inactive")), refuses=False, value=lambda word: word == "active"
                    ),
                    Search(),
                ),
            ),
            account="customer.read",
        ),
        Operation("GET", "/customers/{id}", Get(), account="customer.read"),
        Operation("PATCH", "/customers/{id}", Update(), account="customer.write"),
        Operation("DELETE", "/customers/{id}", Delete({"message": "Customer deleted successfully"})),
    ),
)
