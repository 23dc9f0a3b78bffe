"""A reconciliation of a bank account at a month's end, and the items that explain how the two balances differ."""

from decimal import Decimal
from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.banks.models import BankAccount
from finance.ledger.models import ZERO, Account, Entry, Ledger
from finance.ledger.models.books import one_of
from houqin.files.models import StoredFile
from houqin.schools.models import School
from houqin.schools.querysets import SchoolQuerySet


def _money(label: Any, **options: Any) -> Any:
    return models.DecimalField(label, max_digits=16, decimal_places=2, **options)


def _person(label: Any, **options: Any) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=label, **options
    )


class ItemKind(models.TextChoices):
    """What one side has and the other has not yet (未达账项)."""

    BANK_RECEIVED = "bank_received", _("received by the bank, not in our books")
    BANK_PAID = "bank_paid", _("paid by the bank, not in our books")
    WE_RECEIVED = "we_received", _("received in our books, not at the bank")
    WE_PAID = "we_paid", _("paid in our books, not at the bank")


# What is typed from the bank's statement; the others are entries of our journal.
OF_THE_BANK = (ItemKind.BANK_RECEIVED, ItemKind.BANK_PAID)
OURS = (ItemKind.WE_RECEIVED, ItemKind.WE_PAID)


@pghistory.track()
class BankReconciliation(models.Model):
    """The bank's statement and the bank journal at a month's end, and what makes them equal.

    Its content changes only while it is a draft; reviewed it never changes, and triggers hold that. `book` and
    `position` are what the journal said then: balance and place of its last entry up to the month's end.
    """

    VIEW_PERMISSION = "finance.view_books"
    RIGHTS = "SELECT, INSERT, UPDATE"

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("waits for review")
        REVIEWED = "reviewed", _("reviewed")

    bank_account = models.ForeignKey(
        BankAccount,
        on_delete=models.PROTECT,
        related_name="reconciliations",
        verbose_name=_("bank account"),
        db_index=False,
    )
    # The bank account's; kept here for lists by school.
    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school"), db_index=False
    )
    ends_on = models.DateField(_("end of the month"))
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    statement = _money(_("balance of the bank's statement"))
    book = _money(_("balance of the bank journal"))
    position = models.BigIntegerField(_("entries of the journal"))
    bank_received = _money(ItemKind.BANK_RECEIVED.label, default=ZERO)
    bank_paid = _money(ItemKind.BANK_PAID.label, default=ZERO)
    we_received = _money(ItemKind.WE_RECEIVED.label, default=ZERO)
    we_paid = _money(ItemKind.WE_PAID.label, default=ZERO)
    scan = models.OneToOneField(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("the bank's statement"),
    )
    prepared_by = _person(_("prepared by"))
    prepared_at = models.DateTimeField(_("prepared at"), default=timezone.now)
    reviewed_by = _person(_("reviewed by"), null=True, blank=True)
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    returned_reason = models.CharField(_("why it was sent back"), max_length=300, blank=True)

    objects: ClassVar[SchoolQuerySet] = SchoolQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("bank reconciliation")
        verbose_name_plural = _("bank reconciliations")
        constraints = [
            models.UniqueConstraint(
                fields=["bank_account", "ends_on"],
                name="finance_bankreconciliation_once",
                violation_error_message=_("This month of the bank account has its reconciliation already."),
            ),
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("prepared_by")),
                name="finance_bankreconciliation_two_people",
                violation_error_message=_("Nobody reviews what they prepared themselves."),
            ),
            models.CheckConstraint(
                condition=(
                    one_of("state", ["draft", "submitted"]) & Q(reviewed_by__isnull=True, reviewed_at__isnull=True)
                )
                | (Q(state="reviewed") & Q(reviewed_by__isnull=False, reviewed_at__isnull=False)),
                name="finance_bankreconciliation_state",
            ),
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(statement=F("book") + F("bank_received") - F("bank_paid") - F("we_received") + F("we_paid")),
                name="finance_bankreconciliation_agrees",
                violation_error_message=_("The two adjusted balances differ."),
            ),
            models.CheckConstraint(
                condition=Q(bank_received__gte=0, bank_paid__gte=0, we_received__gte=0, we_paid__gte=0),
                name="finance_bankreconciliation_sums_not_negative",
            ),
        ]
        indexes = [
            # lists, of one school and of all
            models.Index(fields=["school", "ends_on", "id"], name="finance_reconciliation_school"),
            models.Index(fields=["ends_on", "id"], name="finance_reconciliation_month"),
        ]

    def __str__(self) -> str:
        return f"{self.bank_account} · {self.ends_on:%Y-%m}"

    def get_absolute_url(self) -> str:
        return reverse("finance:reconciliations:detail", args=[self.pk])

    @property
    def account(self) -> Account:
        """The account of the books whose journal it is about."""
        return self.bank_account.account

    @property
    def ledger(self) -> Ledger:
        """The books that hold the journal."""
        return self.bank_account.account.ledger

    @property
    def is_draft(self) -> bool:
        """Whether its content may still change."""
        return self.state == self.State.DRAFT

    @property
    def adjusted_statement(self) -> Decimal:
        """What the bank will have once it has seen what we did."""
        return self.statement + self.we_received - self.we_paid

    @property
    def adjusted_book(self) -> Decimal:
        """What our journal will say once it has what the bank did."""
        return self.book + self.bank_received - self.bank_paid

    @property
    def difference(self) -> Decimal:
        """How far the adjusted balances differ; zero when they agree."""
        return self.adjusted_statement - self.adjusted_book


class ReconciliationItem(models.Model):
    """Something that one side has and the other has not yet.

    One of ours is an entry of the journal, or dated before these books were opened; a trigger holds that.
    """

    reconciliation = models.ForeignKey(
        BankReconciliation,
        on_delete=models.PROTECT,
        related_name="items",
        verbose_name=_("bank reconciliation"),
        db_index=False,
    )
    position = models.PositiveSmallIntegerField(_("line"))
    kind = models.CharField(_("kind of item"), max_length=13, choices=ItemKind.choices)
    date = models.DateField(_("date"))
    text = models.CharField(_("what it is"), max_length=150)
    amount = _money(_("amount"))
    entry = models.ForeignKey(
        Entry,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entry of the journal"),
        db_index=False,
    )

    class Meta:
        verbose_name = _("item of a bank reconciliation")
        verbose_name_plural = _("items of bank reconciliations")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["reconciliation", "position"], name="finance_reconciliationitem_position"),
            models.UniqueConstraint(fields=["reconciliation", "entry"], name="finance_reconciliationitem_entry_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="finance_reconciliationitem_amount"),
            # These are all the kinds that there are.
            models.CheckConstraint(
                condition=(one_of("kind", OF_THE_BANK) & Q(entry__isnull=True)) | one_of("kind", OURS),
                name="finance_reconciliationitem_kind",
            ),
            models.CheckConstraint(
                condition=Q(text__regex=r"\S"),
                name="finance_reconciliationitem_text",
                violation_error_message=_("Write what it is."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.text}"
