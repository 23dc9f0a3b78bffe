"""Gathers the models of the rooms; they are imported from their rooms."""

from finance.banks.models import BankAccount
from finance.books.models import ClosedMonth
from finance.budgets.models import BudgetChange, BudgetLine, ExpenditureItem, Reservation
from finance.counts.models import CashCount, CashCountLine
from finance.journals.job import JournalJob
from finance.journals.models import JournalBatch, JournalCounter, JournalRow, JournalTotal
from finance.ledger.models import (
    Account,
    AccountHead,
    BookLine,
    ChainHead,
    Entry,
    Ledger,
    Period,
    Posting,
    Voucher,
    VoucherLine,
)
from finance.ledger.models.scans import VoucherScan
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
from finance.reconciliations.models import BankReconciliation, ReconciliationItem

__all__ = [
    "Account",
    "AccountHead",
    "BankAccount",
    "BankReconciliation",
    "BookLine",
    "BudgetChange",
    "BudgetLine",
    "CashCount",
    "CashCountLine",
    "ChainHead",
    "ClosedMonth",
    "Delivery",
    "DeliveryLine",
    "Entry",
    "ExpenditureItem",
    "JournalBatch",
    "JournalCounter",
    "JournalJob",
    "JournalRow",
    "JournalTotal",
    "Ledger",
    "OrderLine",
    "Period",
    "Posting",
    "PurchaseFile",
    "PurchaseLine",
    "PurchaseOrder",
    "PurchaseRequest",
    "PurchaseSettings",
    "PurchaseStep",
    "Quote",
    "ReconciliationItem",
    "Reservation",
    "Supplier",
    "Voucher",
    "VoucherLine",
    "VoucherScan",
]
