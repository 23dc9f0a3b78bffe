"""The sums of closed months: written once, by the database itself, when a month is closed."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from finance.ledger.models import Account, Ledger
from finance.ledger.models.books import LedgerRow, LedgerRowQuerySet


def _money(label: Any) -> Any:
    return models.DecimalField(label, max_digits=16, decimal_places=2)


class ClosedMonth(LedgerRow, models.Model):
    """What an account moved in a closed month, and where it stood: no book sums more than the open months.

    Opening balances are no movement: they are in `opening` of the month in which the books were opened. Balances are
    debit less credit.
    """

    APPEND_ONLY = True
    # Written by a trigger when a month closes.
    RIGHTS = "SELECT"

    ledger = models.ForeignKey(
        Ledger, on_delete=models.PROTECT, related_name="+", verbose_name=_("set of books"), db_index=False
    )
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="closed_months", verbose_name=_("account"), db_index=False
    )
    year = models.PositiveSmallIntegerField(_("year"))
    month = models.PositiveSmallIntegerField(_("month"))
    opening = _money(_("balance at the beginning"))
    debit = _money(_("debit"))
    credit = _money(_("credit"))
    year_debit = _money(_("debit of the year so far"))
    year_credit = _money(_("credit of the year so far"))
    balance = _money(_("balance"))

    objects: ClassVar[LedgerRowQuerySet] = LedgerRowQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("sums of a closed month")
        verbose_name_plural = _("sums of closed months")
        constraints = [
            models.UniqueConstraint(fields=["account", "year", "month"], name="finance_closedmonth_once"),
            models.CheckConstraint(
                condition=models.Q(balance=models.F("opening") + models.F("debit") - models.F("credit")),
                name="finance_closedmonth_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.year}-{self.month:02d}: {self.balance}"
