"""Sets of books (账套), their charts of accounts, the running heads of accounts, and periods."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from houqin.schools.access import access_of
from houqin.schools.models import School
from houqin.schools.querysets import SchoolQuerySet
from houqin.web import search

ZERO = Decimal("0.00")
# What the chain begins with, before the first posting.
NO_HASH = "0" * 64


def one_of(field: str, values: Iterable[str]) -> Q:
    """Return the condition that a text is one of these words, as short as PostgreSQL can read it.

    The checks of a row are read anew by every statement that changes it, and a list of values takes the longest.
    """
    return Q(**{f"{field}__regex": f"^({'|'.join(values)})$"})


class LedgerRowQuerySet(models.QuerySet[Any]):
    """Rows that belong to a ledger, and so to its school."""

    def visible_to(self, user: Any) -> Self:
        """Keep what `user` may see, over all schools that one reaches."""
        return self.filter(ledger__school_id__in=access_of(user).schools_with(Ledger.VIEW_PERMISSION))

    def at(self, school: Any) -> Self:
        """Keep the rows of the acting school; None means all (a central role looking at all)."""
        return self if school is None else self.filter(ledger__school=school)


class LedgerRow:
    """What every row of a ledger can say; permissions are asked of its school."""

    VIEW_PERMISSION = "finance.view_books"
    ledger: Any

    @property
    def school(self) -> School:
        """The school whose books these are."""
        return self.ledger.school

    @property
    def school_id(self) -> int:
        """The key of the school whose books these are."""
        return self.ledger.school_id


# The trigger names its columns: posting moves the head of the chain alone, and shall not even be asked.
@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(
        operation=pgtrigger.UpdateOf(
            "school_id", "kind", "name", "year_opened", "opened_on", "opened_by_id", "voucher_kinds", "lines_per_page",
            "carried_through",
        ),
        condition=pgtrigger.AnyChange(),
        trigger_name="update_update",
    ),
    exclude=["chain_position", "chain_head"],
)  # fmt: skip
class Ledger(models.Model):
    """A set of books (账套) of a school; a school has one, and a second one for its canteen.

    Its row is the lock of all its postings: `finance_post` takes it, gives numbers, and writes the chain's new head.
    That is why it has few checks and no index that others cover: each of them is paid for with every posting.
    """

    VIEW_PERMISSION = "finance.view_books"
    # The head of the chain is moved by `finance_post` alone.
    RIGHTS = "SELECT, INSERT, UPDATE (carried_through)"

    class Kind(models.TextChoices):
        MAIN = "main", _("school")
        CANTEEN = "canteen", _("canteen")

    class VoucherKinds(models.TextChoices):
        THREE = "three", _("receipt, payment and transfer vouchers")
        GENERAL = "general", _("one kind of voucher")

    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="ledgers", verbose_name=_("school"), db_index=False
    )
    kind = models.CharField(_("kind of books"), max_length=8, choices=Kind.choices, default=Kind.MAIN)
    name = models.CharField(_("name of the books"), max_length=60)
    year_opened = models.SmallIntegerField(_("first year"))
    opened_on = models.DateField(_("opened on"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("books opened by"),
        db_index=False,
    )
    voucher_kinds = models.CharField(
        _("kinds of vouchers"), max_length=8, choices=VoucherKinds.choices, default=VoucherKinds.THREE
    )
    lines_per_page = models.SmallIntegerField(_("lines on a page"), default=20)
    carried_through = models.SmallIntegerField(_("carried forward through the year"), null=True, blank=True)
    chain_position = models.BigIntegerField(_("postings"), default=0, editable=False)
    chain_head = models.CharField(_("head of the chain"), max_length=64, default=NO_HASH, editable=False)

    objects: ClassVar[SchoolQuerySet] = SchoolQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("set of books")
        verbose_name_plural = _("sets of books")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "kind"],
                name="finance_ledger_once",
                violation_error_message=_("This school has a set of books of this kind already."),
            ),
            models.CheckConstraint(condition=one_of("kind", ["main", "canteen"]), name="finance_ledger_kind"),
            models.CheckConstraint(
                condition=one_of("voucher_kinds", ["three", "general"]), name="finance_ledger_voucher_kinds"
            ),
            models.CheckConstraint(
                condition=Q(lines_per_page__gte=5, lines_per_page__lte=60),
                name="finance_ledger_lines",
                violation_error_message=_("A page has from 5 to 60 lines."),
            ),
            models.CheckConstraint(condition=Q(opened_on__year__gte=2000), name="finance_ledger_opened_on"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def of(cls, school: School, kind: str = Kind.MAIN) -> "Ledger":
        """Return the books of a school. Raises Ledger.DoesNotExist."""
        return cls.objects.select_related("school").get(school=school, kind=kind)


def of_school(school: School) -> "Ledger | None":
    """Return the books of a school; None before they are opened."""
    return Ledger.objects.filter(school=school, kind=Ledger.Kind.MAIN).select_related("school").first()


@pghistory.track(exclude=["name_pinyin", "search_text", "search_pieces"])
class Account(LedgerRow, models.Model):
    """An account (会计科目) of a ledger. Only leaves are posted to; what decides over postings never changes."""

    # What decides over postings is given once; the triggers hold the rest.
    RIGHTS = "SELECT, INSERT, UPDATE (name, full_name, counter_label, name_pinyin, search_text, is_leaf, closed)"

    class Half(models.TextChoices):
        FINANCIAL = "financial", _("financial accounting")
        BUDGET = "budget", _("budget accounting")

    class Category(models.TextChoices):
        ASSET = "asset", _("assets")
        LIABILITY = "liability", _("liabilities")
        NET_ASSET = "net_asset", _("net assets")
        INCOME = "income", _("income")
        EXPENSE = "expense", _("expenses")
        BUDGET_INCOME = "budget_income", _("budget income")
        BUDGET_EXPENSE = "budget_expense", _("budget expenditure")
        BUDGET_BALANCE = "budget_balance", _("budget balance")

    class Normal(models.TextChoices):
        DEBIT = "debit", _("debit")
        CREDIT = "credit", _("credit")

    ledger = models.ForeignKey(
        Ledger, on_delete=models.PROTECT, related_name="accounts", verbose_name=_("set of books")
    )
    code = models.CharField(_("account code"), max_length=16)
    name = models.CharField(_("account name"), max_length=60)
    # With the names above it; and as it stands in the column of counter accounts.
    full_name = models.CharField(_("full name"), max_length=200)
    counter_label = models.CharField(_("name as a counter account"), max_length=100)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("account above"),
    )
    half = models.CharField(_("half of the books"), max_length=10, choices=Half.choices)
    category = models.CharField(_("class of accounts"), max_length=16, choices=Category.choices)
    normal = models.CharField(_("normal side"), max_length=6, choices=Normal.choices)
    use = models.CharField(_("use by schools"), max_length=8, default="common")
    is_leaf = models.BooleanField(_("posted to"), default=True)
    is_money = models.BooleanField(_("money"), default=False)
    never_negative = models.BooleanField(_("never below zero"), default=False)
    bound_book = models.BooleanField(_("has a bound book"), default=False)
    closed = models.BooleanField(_("no longer used"), default=False)
    counterpart = models.ForeignKey(
        School,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("current account with"),
    )
    name_pinyin = models.CharField(max_length=200, blank=True, editable=False)
    search_text = models.TextField(blank=True, editable=False)
    search_pieces = search.search_pieces_field()

    objects: ClassVar[LedgerRowQuerySet] = LedgerRowQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["ledger", "code"],
                name="finance_account_code",
                violation_error_message=_("There is an account of this code already."),
            ),
            models.UniqueConstraint(
                fields=["ledger", "counterpart"],
                condition=Q(counterpart__isnull=False),
                name="finance_account_counterpart",
            ),
            models.CheckConstraint(condition=Q(half__in=["financial", "budget"]), name="finance_account_half"),
            models.CheckConstraint(condition=Q(normal__in=["debit", "credit"]), name="finance_account_normal"),
            models.CheckConstraint(condition=Q(bound_book=False) | Q(is_money=True), name="finance_account_bound"),
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{4,16}$"), name="finance_account_digits"),
        ]
        indexes = [GinIndex(fields=["search_pieces"], name="finance_account_search")]

    def __str__(self) -> str:
        return f"{self.code} {self.full_name}"

    def write_names(self) -> None:
        """Set what is derived from code, name and the account above."""
        above = self.parent
        same = above is not None and above.name == self.name
        self.full_name = self.name if above is None else above.full_name + ("" if same else f"-{self.name}")
        shown = self if above is None or self.counterpart_id else above
        self.counter_label = f"{self.code} {self.name}" if shown is self else shown.counter_label
        self.name_pinyin = search.pinyin(self.full_name)[:200]
        self.search_text = search.search_text(self.code, self.full_name, self.name_pinyin, phonetic=(self.full_name,))


class AccountHead(LedgerRow, models.Model):
    """Where an account stands: the last position and balance, and the last line of its bound book.

    Changed by `finance_post` and its like alone, under the lock of the ledger. The balance is debit less credit.
    """

    # Made by a trigger with the account; moved by the functions that write books.
    RIGHTS = "SELECT"

    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT, related_name="heads", verbose_name=_("set of books"))
    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="head", verbose_name=_("account"))
    position = models.BigIntegerField(_("entries"), default=0)
    balance = models.DecimalField(_("balance"), max_digits=16, decimal_places=2, default=ZERO)
    last_date = models.DateField(_("date of the last entry"), null=True, blank=True)
    # The bound book: its year, the last line written, and the sums that are not struck yet.
    year = models.SmallIntegerField(default=0)
    page = models.IntegerField(default=0)
    line = models.SmallIntegerField(default=0)
    day_entries = models.IntegerField(default=0)
    month_entries = models.IntegerField(default=0)
    day_debit = models.DecimalField(max_digits=16, decimal_places=2, default=ZERO)
    day_credit = models.DecimalField(max_digits=16, decimal_places=2, default=ZERO)
    month_debit = models.DecimalField(max_digits=16, decimal_places=2, default=ZERO)
    month_credit = models.DecimalField(max_digits=16, decimal_places=2, default=ZERO)
    year_debit = models.DecimalField(max_digits=16, decimal_places=2, default=ZERO)
    year_credit = models.DecimalField(max_digits=16, decimal_places=2, default=ZERO)

    objects: ClassVar[LedgerRowQuerySet] = LedgerRowQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("head of an account")
        verbose_name_plural = _("heads of accounts")

    def __str__(self) -> str:
        return f"{self.account}: {self.balance}"


class Period(LedgerRow, models.Model):
    """A month of a ledger. It closes once everything in it is posted, and never opens again.

    Closing it strikes the bound books, writes the sums of the month and notes the head of the chain, by triggers.
    """

    RIGHTS = "SELECT, INSERT, UPDATE (state, closed_at, closed_by_id)"

    class State(models.TextChoices):
        OPEN = "open", _("not closed yet")
        CLOSED = "closed", _("closed for good")

    ledger = models.ForeignKey(Ledger, on_delete=models.PROTECT, related_name="periods", verbose_name=_("set of books"))
    year = models.PositiveSmallIntegerField(_("year"))
    month = models.PositiveSmallIntegerField(_("month"))
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField(_("month closed at"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("closed by"),
    )

    objects: ClassVar[LedgerRowQuerySet] = LedgerRowQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("accounting period")
        verbose_name_plural = _("accounting periods")
        constraints = [
            models.UniqueConstraint(fields=["ledger", "year", "month"], name="finance_period_once"),
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="finance_period_month"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True, closed_by__isnull=True)
                | Q(state="closed", closed_at__isnull=False, closed_by__isnull=False),
                name="finance_period_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"

    @property
    def is_open(self) -> bool:
        """Whether vouchers may still be posted in it."""
        return self.state == self.State.OPEN
