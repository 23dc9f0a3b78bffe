"""The models of the ledger. Import from here; books stand lowest, vouchers on them, postings on these."""

from finance.ledger.models.books import (
    ZERO,
    Account,
    AccountHead,
    Ledger,
    Period,
    of_school,
)
from finance.ledger.models.postings import BookLine, ChainHead, Entry, Posting
from finance.ledger.models.vouchers import UNPOSTED, Voucher, VoucherKind, VoucherLine

__all__ = [
    "UNPOSTED",
    "ZERO",
    "Account",
    "AccountHead",
    "BookLine",
    "ChainHead",
    "Entry",
    "Ledger",
    "Period",
    "Posting",
    "Voucher",
    "VoucherKind",
    "VoucherLine",
    "of_school",
]
