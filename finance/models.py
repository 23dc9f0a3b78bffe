"""Gathers the models of the rooms; they are imported from their rooms."""

from finance.budgets.models import BudgetChange, BudgetLine, ExpenditureItem, Reservation
from finance.purchases.models import (
    Delivery,
    DeliveryLine,
    OrderLine,
    PurchaseFile,
    PurchaseLine,
    PurchaseOrder,
    PurchaseRequest,
    PurchaseSettings,
    PurchaseStep,
    Quote,
    Supplier,
)

__all__ = [
    "BudgetChange",
    "BudgetLine",
    "Delivery",
    "DeliveryLine",
    "ExpenditureItem",
    "OrderLine",
    "PurchaseFile",
    "PurchaseLine",
    "PurchaseOrder",
    "PurchaseRequest",
    "PurchaseSettings",
    "PurchaseStep",
    "Quote",
    "Reservation",
    "Supplier",
]
