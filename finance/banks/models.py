"""The register of bank accounts that a central school was allowed to open (S109)."""

from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from finance.ledger.models import Account, Ledger
from houqin.schools.access import access_of
from houqin.schools.models import School


class BankAccountQuerySet(models.QuerySet[Any]):
    """Bank accounts, which belong to the school whose books they stand in."""

    def visible_to(self, user: Any) -> Self:
        """Keep what `user` may see, over all schools that one reaches."""
        return self.filter(account__ledger__school_id__in=access_of(user).schools_with(BankAccount.VIEW_PERMISSION))

    def at(self, school: Any) -> Self:
        """Keep those of the acting school; None means all (a central role looking at all)."""
        return self if school is None else self.filter(account__ledger__school=school)


@pghistory.track()
class BankAccount(models.Model):
    """A bank account with its approval. Only through one of these can money move in the books.

    The account of the books it stands for is open as long as it is; triggers hold that, and that campuses have none.
    """

    VIEW_PERMISSION = "finance.view_books"
    RIGHTS = "SELECT, INSERT, UPDATE"

    class Purpose(models.TextChoices):
        BASIC = "basic", _("basic deposit account")
        SPECIAL = "special", _("special deposit account")
        CANTEEN = "canteen", _("canteen account")

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="bank_accounts", verbose_name=_("account in the books")
    )
    purpose = models.CharField(_("kind of bank account"), max_length=8, choices=Purpose.choices, default=Purpose.BASIC)
    bank = models.CharField(_("bank and branch"), max_length=80)
    number = models.CharField(
        _("account number"),
        max_length=30,
        validators=[RegexValidator(r"^[0-9]{8,30}$", _("Write the number with its 8 to 30 digits alone."))],
    )
    approval = models.CharField(_("approval document"), max_length=80)
    approved_on = models.DateField(_("approved on"))
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("registered by")
    )
    registered_at = models.DateTimeField(_("registered at"), default=timezone.now)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    closed_reason = models.CharField(_("why it was closed"), max_length=200, blank=True)

    objects: ClassVar[BankAccountQuerySet] = BankAccountQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        ordering = ["account__ledger__school__name_pinyin", "account__code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(closed_on__isnull=True),
                name="finance_bankaccount_one_open",
                violation_error_message=_("A bank account is registered for this account already."),
            ),
            models.UniqueConstraint(
                fields=["number"],
                condition=Q(closed_on__isnull=True),
                name="finance_bankaccount_number",
                violation_error_message=_("This number is registered already."),
            ),
            models.CheckConstraint(condition=Q(number__regex=r"^[0-9]{8,30}$"), name="finance_bankaccount_digits"),
            models.CheckConstraint(condition=~Q(approval="") & ~Q(bank=""), name="finance_bankaccount_approved"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | (Q(closed_on__gte=F("approved_on")) & ~Q(closed_reason="")),
                name="finance_bankaccount_closed",
                violation_error_message=_("It cannot be closed before it was approved."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("finance:banks:detail", args=[self.pk])

    @property
    def ledger(self) -> Ledger:
        """The books it stands in."""
        return self.account.ledger

    @property
    def school(self) -> School:
        """The school whose account it is; permissions are asked of it."""
        return self.account.ledger.school

    @property
    def school_id(self) -> int:
        """The key of that school."""
        return self.account.ledger.school_id
