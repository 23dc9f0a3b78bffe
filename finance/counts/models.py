"""Cash counts (库存现金盘点): what lay in the box, piece by piece, beside what the book said at that moment."""

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.counts.denominations import Denomination, known
from finance.ledger.models import Account, Ledger
from houqin.schools.models import School
from houqin.schools.querysets import SchoolQuerySet

ZERO = Decimal("0.00")


def _money(label: Any, **options: Any) -> Any:
    return models.DecimalField(label, max_digits=16, decimal_places=2, **options)


def _person(label: Any, **options: Any) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=label, **options
    )


class CashCount(models.Model):
    """A count of the cash of one account, compared with its bound book up to a line of it.

    Who keeps the cash counts; another person, who keeps none there, confirms it or gives it back. What was counted
    never changes, and neither does what was said of it: triggers hold both, and that the book stood there then.
    """

    VIEW_PERMISSION = "finance.view_books"
    RIGHTS = "SELECT, INSERT, UPDATE (state, witness_id, witnessed_at, returned_reason)"

    class State(models.TextChoices):
        COUNTED = "counted", _("waits for the witness")
        CONFIRMED = "confirmed", pgettext_lazy("cash count", "confirmed")
        RETURNED = "returned", _("given back")

    # The ledger's; kept here for lists by school.
    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="+", verbose_name=_("school"), db_index=False
    )
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="cash_counts", verbose_name=_("cash account"), db_index=False
    )
    counted_on = models.DateField(_("counted on"))
    # Up to which line of the book it was compared; 0 and no date before the first.
    book_position = models.BigIntegerField(_("line of the book"))
    book_balance = _money(_("balance of the book"))
    book_date = models.DateField(_("last entry of the book"), null=True, blank=True)
    received_unposted = _money(_("taken in, not posted yet"), default=ZERO)
    paid_unposted = _money(_("paid out, not posted yet"), default=ZERO)
    counted = _money(_("amount counted"))
    difference = _money(_("difference"))
    reason = models.CharField(_("why it differs"), max_length=300, blank=True)
    counted_by = _person(_("counted by"), db_index=False)
    counted_at = models.DateTimeField(_("entered at"), default=timezone.now)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.COUNTED)
    witness = _person(_("witness"), null=True, blank=True, db_index=False)
    witnessed_at = models.DateTimeField(_("witnessed at"), null=True, blank=True)
    returned_reason = models.CharField(_("why it was given back"), max_length=300, blank=True)
    replaces = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name=_("made anew for"),
    )

    objects: ClassVar[SchoolQuerySet] = SchoolQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("cash count")
        verbose_name_plural = _("cash counts")
        constraints = [
            models.CheckConstraint(
                condition=Q(received_unposted__gte=0, paid_unposted__gte=0, counted__gte=0, book_position__gte=0),
                name="finance_cashcount_amounts",
                violation_error_message=_("Amounts of a count are zero or more."),
            ),
            models.CheckConstraint(
                condition=Q(difference=F("counted") - F("book_balance") - F("received_unposted") + F("paid_unposted")),
                name="finance_cashcount_difference",
            ),
            models.CheckConstraint(
                condition=Q(difference=0) | Q(reason__regex=r"\S"),
                name="finance_cashcount_explained",
                violation_error_message=_("Write why cash and book differ."),
            ),
            models.CheckConstraint(
                condition=~Q(witness=F("counted_by")),
                name="finance_cashcount_two_people",
                violation_error_message=_("Nobody witnesses what they counted themselves."),
            ),
            models.CheckConstraint(
                condition=Q(state="counted", witness__isnull=True, witnessed_at__isnull=True, returned_reason="")
                | Q(state="confirmed", witness__isnull=False, witnessed_at__isnull=False, returned_reason="")
                | Q(
                    state="returned",
                    witness__isnull=False,
                    witnessed_at__isnull=False,
                    returned_reason__regex=r"\S",
                ),
                name="finance_cashcount_state",
            ),
            models.CheckConstraint(
                condition=Q(book_date__isnull=True, book_position=0)
                | Q(book_date__lte=F("counted_on"), book_position__gt=0),
                name="finance_cashcount_not_before_book",
                violation_error_message=_("There is a later entry in the book already."),
            ),
        ]
        indexes = [
            # lists of counts, of one school and of all
            models.Index(fields=["school", "counted_on", "id"], name="finance_cashcount_school_day"),
            models.Index(fields=["counted_on", "id"], name="finance_cashcount_day"),
            # what waits for a witness
            models.Index(
                fields=["school", "counted_on", "id"], condition=Q(state="counted"), name="finance_cashcount_waiting"
            ),
            # when an account was counted last
            models.Index(fields=["account", "counted_on", "id"], name="finance_cashcount_account"),
        ]

    def __str__(self) -> str:
        return f"{self.counted_on} {self.account.name} {self.counted}"

    def get_absolute_url(self) -> str:
        return reverse("finance:counts:detail", args=[self.pk])

    @property
    def ledger(self) -> Ledger:
        """The books whose cash it is."""
        return self.account.ledger

    @property
    def due(self) -> Decimal:
        """What should be there: the book, and what came and went without being posted yet."""
        return self.book_balance + self.received_unposted - self.paid_unposted


class CashCountLine(models.Model):
    """How many pieces of one note or coin lay there. The lines come with their count and are its sum, by a trigger."""

    APPEND_ONLY = True

    count = models.ForeignKey(
        CashCount, on_delete=models.PROTECT, related_name="lines", verbose_name=_("cash count"), db_index=False
    )
    value = models.DecimalField(_("denomination"), max_digits=7, decimal_places=2)
    pieces = models.IntegerField(_("pieces"))

    class Meta:
        verbose_name = _("line of a cash count")
        verbose_name_plural = _("lines of cash counts")
        ordering = ["-value"]
        constraints = [
            models.UniqueConstraint(fields=["count", "value"], name="finance_cashcountline_once"),
            models.CheckConstraint(
                condition=Q(pieces__gt=0, value__gt=0),
                name="finance_cashcountline_pieces",
                violation_error_message=_("Pieces are counted from one on."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.denomination.name} x {self.pieces}"

    @property
    def denomination(self) -> Denomination:
        """What is counted by it."""
        return known(self.value)

    @property
    def amount(self) -> Decimal:
        """What these pieces are worth."""
        return self.value * self.pieces
