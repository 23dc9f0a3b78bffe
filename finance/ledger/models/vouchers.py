"""Vouchers (记账凭证) before they are posted: drafts, submitted, reviewed."""

from decimal import Decimal
from typing import Any, ClassVar
from uuid import uuid4

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from finance.ledger.models.books import ZERO, Account, Ledger, one_of
from houqin.schools.models import School
from houqin.schools.querysets import SchoolQuerySet
from houqin.web import search


class VoucherKind(models.TextChoices):
    """The word (字) of a voucher; each kind has numbers of its own in each month."""

    RECEIPT = "receipt", _("receipt voucher")
    PAYMENT = "payment", _("payment voucher")
    TRANSFER = "transfer", _("transfer voucher")
    GENERAL = "general", _("voucher")
    OPENING = "opening", _("opening balances")


# That it was posted needs no trail of its own: the posting says when and by whom, and cannot be changed.
@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pgtrigger.Condition("NEW.state <> 'posted' AND OLD.* IS DISTINCT FROM NEW.*")),
    exclude=["search_text", "search_pieces"],
)
class Voucher(models.Model):
    """What shall be posted: written by one person, reviewed by another who is not the cashier.

    Its content changes only while it is a draft; once posted or voided nothing of it does. Checks and indexes are kept
    few and short here: posting changes the state, and PostgreSQL reads each of them anew for that.
    """

    VIEW_PERMISSION = "finance.view_books"
    # A policy lets posting alone mark it as posted.
    RIGHTS = "SELECT, INSERT, UPDATE"

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("waits for review")
        REVIEWED = "reviewed", _("reviewed")
        POSTED = "posted", _("posted")
        VOIDED = "voided", _("voided")

    ledger = models.ForeignKey(
        Ledger, on_delete=models.PROTECT, related_name="vouchers", verbose_name=_("set of books"), db_index=False
    )
    # The ledger's; kept here for lists by school.
    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school"), db_index=False
    )
    kind = models.CharField(_("kind of voucher"), max_length=8, choices=VoucherKind.choices)
    date = models.DateField(_("date"))
    attachments = models.PositiveSmallIntegerField(_("attachments"), default=0)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    summary = models.CharField(_("booking summary"), max_length=100, blank=True)
    total = models.DecimalField(_("total"), max_digits=16, decimal_places=2, default=ZERO)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("prepared by"),
        db_index=False,
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reviewed by"),
        db_index=False,
    )
    returned_reason = models.CharField(_("why it was sent back"), max_length=300, blank=True)
    # What it comes from: rooms name their things by kind and key.
    source_kind = models.CharField(_("from what kind of thing"), max_length=40, blank=True)
    source_id = models.BigIntegerField(_("from which one"), null=True, blank=True)
    reverses = models.ForeignKey(
        "Posting",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("writes off"),
        db_index=False,
    )
    corrects = models.ForeignKey(
        "Posting",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("corrects"),
        db_index=False,
    )
    key = models.UUIDField(_("key of the form"), unique=True, default=uuid4, editable=False)

    search_text = models.TextField(blank=True, editable=False)
    search_pieces = search.search_pieces_field()

    objects: ClassVar[SchoolQuerySet] = SchoolQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        constraints = [
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("prepared_by")),
                name="finance_voucher_two_people",
                violation_error_message=_("Nobody reviews what they prepared themselves."),
            ),
            models.CheckConstraint(
                condition=one_of("kind", ["receipt", "payment", "transfer", "general", "opening"]),
                name="finance_voucher_kind",
            ),
            models.CheckConstraint(
                condition=one_of("state", ["draft", "submitted", "voided"]) & Q(reviewed_by__isnull=True)
                | one_of("state", ["reviewed", "posted"]) & Q(reviewed_by__isnull=False),
                name="finance_voucher_state",
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True) | Q(corrects__isnull=True), name="finance_voucher_one_purpose"
            ),
            models.UniqueConstraint(
                fields=["source_kind", "source_id"],
                condition=~Q(source_kind="") & ~Q(source_kind="import") & ~Q(state="voided"),
                name="finance_voucher_source_once",
                violation_error_message=_("There is a voucher for this already."),
            ),
        ]
        indexes = [
            # lists of vouchers, of one school and of all
            models.Index(fields=["school", "date", "id"], name="finance_voucher_school_date"),
            models.Index(fields=["date", "id"], name="finance_voucher_date"),
            # what waits for somebody; drafts left when a period closes
            models.Index(
                fields=["school", "state", "date", "id"],
                condition=Q(state__in=["draft", "submitted", "reviewed"]),
                name="finance_voucher_waiting",
            ),
            models.Index(
                fields=["ledger", "date"],
                condition=Q(state__in=["draft", "submitted", "reviewed"]),
                name="finance_voucher_unposted",
            ),
            GinIndex(fields=["search_pieces"], name="finance_voucher_search"),
        ]

    def __str__(self) -> str:
        return f"{VoucherKind(self.kind).label} {self.date} {self.summary}".strip()

    @property
    def is_draft(self) -> bool:
        """Whether its content may still change."""
        return self.state == self.State.DRAFT


# The states that keep a period open.
UNPOSTED = (Voucher.State.DRAFT, Voucher.State.SUBMITTED, Voucher.State.REVIEWED)


class VoucherLine(models.Model):
    """A line of a voucher: an amount on one side of an account; red amounts are negative."""

    voucher = models.ForeignKey(
        Voucher, on_delete=models.CASCADE, related_name="lines", verbose_name=_("voucher"), db_index=False
    )
    position = models.PositiveSmallIntegerField(_("line"))
    summary = models.CharField(_("booking summary"), max_length=100)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name=_("account"))
    debit = models.DecimalField(_("debit"), max_digits=16, decimal_places=2, default=ZERO)
    credit = models.DecimalField(_("credit"), max_digits=16, decimal_places=2, default=ZERO)

    class Meta:
        verbose_name = _("line of a voucher")
        verbose_name_plural = _("lines of vouchers")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["voucher", "position"], name="finance_voucherline_position"),
            models.CheckConstraint(
                condition=(Q(debit=0) & ~Q(credit=0)) | (~Q(debit=0) & Q(credit=0)),
                name="finance_voucherline_one_side",
                violation_error_message=_("Write an amount on one side of each line."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.summary}"

    @property
    def amount(self) -> Decimal:
        """Debit less credit."""
        return self.debit - self.credit


def words_of(voucher: Voucher, lines: Any) -> str:
    """Return what a voucher is found by: summaries, accounts, amounts."""
    names = [line.account.counter_label for line in lines]
    amounts = [f"{abs(line.debit or line.credit)}" for line in lines]
    summaries = [line.summary for line in lines]
    return search.search_text(*summaries, *names, *amounts, phonetic=tuple(summaries))[:2000]
