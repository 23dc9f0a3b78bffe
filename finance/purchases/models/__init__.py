"""The models of purchases. Import from here; requests stand lowest, orders on them."""

from finance.purchases.models.lines import MOST_QUOTES, MOST_YUAN, PurchaseFile, PurchaseLine, Quote
from finance.purchases.models.orders import (
    OPEN_ORDERS,
    Delivery,
    DeliveryLine,
    OrderLine,
    OrderState,
    PurchaseOrder,
)
from finance.purchases.models.requests import (
    BOUGHT,
    CENTRAL_FROM,
    DECIDED,
    EDITABLE,
    SUBJECT_KIND,
    PurchaseRequest,
    PurchaseSettings,
    PurchaseStep,
    State,
)
from finance.purchases.models.suppliers import Supplier

__all__ = [
    "BOUGHT",
    "CENTRAL_FROM",
    "DECIDED",
    "EDITABLE",
    "MOST_QUOTES",
    "MOST_YUAN",
    "OPEN_ORDERS",
    "SUBJECT_KIND",
    "Delivery",
    "DeliveryLine",
    "OrderLine",
    "OrderState",
    "PurchaseFile",
    "PurchaseLine",
    "PurchaseOrder",
    "PurchaseRequest",
    "PurchaseSettings",
    "PurchaseStep",
    "Quote",
    "State",
    "Supplier",
]
