"""What is posted: postings, entries, lines of bound books, noted heads of chains. Rows are only ever added.

Postings, entries and lines of books are written by the functions of the migrations alone, which run as the owner of the
tables; the application may only read them. So what those functions read and lock themselves has no constraint in the
database: foreign keys to rows that triggers keep for good (ledgers, accounts through their heads, vouchers, postings,
entries) and to the people whom the voucher itself names. PostgreSQL would look each of them up again for every row.
`verify_books` recomputes them all.
"""

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.ledger.models.books import Account, Ledger, LedgerRow, LedgerRowQuerySet, one_of
from finance.ledger.models.vouchers import Voucher, VoucherKind


def _money(label: Any, **options: Any) -> Any:
    return models.DecimalField(label, max_digits=16, decimal_places=2, **options)


class Posting(LedgerRow, models.Model):
    """A posted voucher: its number, its people, and its place in the chain. Written by `finance_post` alone.

    `hash` is the SHA-256 of the canonical text of the posting and its entries, which holds the hash before it;
    `finance/ledger/verify.py` says what the text is.
    """

    APPEND_ONLY = True
    RIGHTS = "SELECT"

    ledger = models.ForeignKey(
        Ledger,
        on_delete=models.PROTECT,
        related_name="postings",
        verbose_name=_("set of books"),
        db_index=False,
        db_constraint=False,
    )
    position = models.BigIntegerField(_("place in the chain"))
    kind = models.CharField(_("kind of voucher"), max_length=8, choices=VoucherKind.choices)
    year = models.SmallIntegerField(_("year"))
    month = models.SmallIntegerField(_("month"))
    number = models.IntegerField(_("voucher number"))
    date = models.DateField(_("date"))
    voucher = models.OneToOneField(
        Voucher, on_delete=models.PROTECT, related_name="posting", verbose_name=_("voucher"), db_constraint=False
    )
    attachments = models.SmallIntegerField(_("attachments"))
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("prepared by"),
        db_index=False,
        db_constraint=False,
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("reviewed by"),
        db_index=False,
        db_constraint=False,
    )
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("posted by"),
        db_index=False,
    )
    posted_at = models.DateTimeField(_("posted at"))
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="reversal", verbose_name=_("writes off")
    )
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="correction", verbose_name=_("corrects")
    )
    previous_hash = models.CharField(_("hash before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)
    format_version = models.SmallIntegerField(_("version of the format"), default=1)

    objects: ClassVar[LedgerRowQuerySet] = LedgerRowQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.UniqueConstraint(fields=["ledger", "position"], name="finance_posting_position"),
            models.UniqueConstraint(
                fields=["ledger", "year", "month", "kind", "number"], name="finance_posting_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{VoucherKind(self.kind).label} {self.number} · {self.date}"


class Entry(LedgerRow, models.Model):
    """A line of a posting in the account's own book: its position there and the balance after it.

    Red amounts are negative; the balance is debit less credit, so a credit balance is negative too.
    """

    APPEND_ONLY = True
    RIGHTS = "SELECT"

    posting = models.ForeignKey(
        Posting,
        on_delete=models.PROTECT,
        related_name="entries",
        verbose_name=_("posting"),
        db_index=False,
        db_constraint=False,
    )
    ledger = models.ForeignKey(
        Ledger,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("set of books"),
        db_index=False,
        db_constraint=False,
    )
    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        related_name="entries",
        verbose_name=_("account"),
        db_index=False,
        db_constraint=False,
    )
    line = models.SmallIntegerField(_("line"))
    position = models.BigIntegerField(_("place in the account"))
    date = models.DateField(_("date"))
    summary = models.CharField(_("booking summary"), max_length=100)
    counter = models.CharField(_("counter accounts"), max_length=200, blank=True)
    debit = _money(_("debit"))
    credit = _money(_("credit"))
    balance = _money(_("balance"))

    objects: ClassVar[LedgerRowQuerySet] = LedgerRowQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [
            models.UniqueConstraint(fields=["posting", "line"], name="finance_entry_line"),
            models.UniqueConstraint(fields=["account", "position"], name="finance_entry_position"),
            models.CheckConstraint(
                condition=~Q(Exact(Exact(F("debit"), Decimal("0.0")), Exact(F("credit"), Decimal("0.0")))),
                name="finance_entry_one_side",
            ),
        ]
        indexes = [
            # sums of an account over a time
            models.Index(fields=["account", "date", "position"], name="finance_entry_by_date"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.summary}"


class BookLine(LedgerRow, models.Model):
    """A line of a bound book (订本式账簿): a book a year for each money account, its pages running on from 1.

    The last line of a page carries over when the next line comes, the first one of the next page brings forward; both
    tell the sums of the month so far.
    """

    APPEND_ONLY = True
    RIGHTS = "SELECT"

    class Kind(models.TextChoices):
        OPENING = "opening", _("brought from last year")
        BROUGHT_FORWARD = "brought_forward", _("brought forward")
        ENTRY = "entry", _("entry")
        DAY_TOTAL = "day_total", _("total of the day")
        MONTH_TOTAL = "month_total", _("total of the month")
        YEAR_TOTAL = "year_total", _("total of the year so far")
        CARRIED_OVER = "carried_over", _("carried over")
        NEXT_YEAR = "next_year", _("carried to next year")

    ledger = models.ForeignKey(
        Ledger,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("set of books"),
        db_index=False,
        db_constraint=False,
    )
    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        related_name="book_lines",
        verbose_name=_("account"),
        db_index=False,
        db_constraint=False,
    )
    year = models.SmallIntegerField(_("year"))
    page = models.IntegerField(_("page"))
    line = models.SmallIntegerField(_("line"))
    kind = models.CharField(_("kind of line"), max_length=16, choices=Kind.choices)
    entry = models.OneToOneField(
        Entry,
        on_delete=models.PROTECT,
        null=True,
        related_name="book_line",
        verbose_name=_("entry"),
        db_constraint=False,
    )
    date = models.DateField(_("date"))
    debit = _money(_("debit"))
    credit = _money(_("credit"))
    balance = _money(_("balance"))

    objects: ClassVar[LedgerRowQuerySet] = LedgerRowQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("line of a bound book")
        verbose_name_plural = _("lines of bound books")
        constraints = [
            models.UniqueConstraint(fields=["account", "year", "page", "line"], name="finance_bookline_place"),
            models.CheckConstraint(
                condition=(Q(entry__isnull=False) | ~Q(kind="entry"))
                & (Q(entry__isnull=True) | one_of("kind", ["entry", "opening"])),
                name="finance_bookline_entry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.page}/{self.line} {self.get_kind_display()}"


class ChainHead(LedgerRow, models.Model):
    """The head of a ledger's chain as it was noted at the end of a day, so that a cut tail is seen too.

    Written by `finance_note_head` alone.
    """

    APPEND_ONLY = True
    RIGHTS = "SELECT"

    ledger = models.ForeignKey(
        Ledger, on_delete=models.PROTECT, related_name="noted_heads", verbose_name=_("set of books"), db_index=False
    )
    position = models.PositiveBigIntegerField(_("place in the chain"))
    hash = models.CharField(_("hash"), max_length=64)
    noted_at = models.DateTimeField(_("noted at"), default=timezone.now)

    objects: ClassVar[LedgerRowQuerySet] = LedgerRowQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("noted head of a chain")
        verbose_name_plural = _("noted heads of chains")
        constraints = [
            models.UniqueConstraint(fields=["ledger", "position"], name="finance_chainhead_once"),
        ]

    def __str__(self) -> str:
        return f"{self.ledger_id} {self.position} {self.hash[:12]}"
