"""What a paper journal must fulfil before it is handed on: its accounts, and how it follows what the books have."""

from collections.abc import Sequence

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from finance.journals.models import JournalBatch, JournalCounter
from finance.journals.vouchers import Paper
from finance.ledger import rules
from finance.ledger.models import Account, AccountHead, Ledger, Period, Posting
from houqin.errors import Refused
from houqin.web.moments import day

State = JournalBatch.State


def is_new(ledger: Ledger, fingerprint: str) -> None:
    """Refuse "journal_twice": a paper whose entries are here already, unless they were given up."""
    known = JournalBatch.objects.filter(ledger=ledger, fingerprint=fingerprint).exclude(state=State.DROPPED)
    earlier = known.select_related("prepared_by").first()
    if earlier is None:
        return
    sentence = _("This journal is here already: %(person)s imported it on %(day)s. Go on with that one, or give it up.")
    if earlier.state == State.POSTED:
        sentence = _("This journal is posted already: %(person)s imported it on %(day)s.")
    raise Refused(
        sentence,
        code="journal_twice",
        params={"person": earlier.prepared_by.display_name, "day": day(earlier.prepared_at)},
    )


def account_fits(batch: JournalBatch, account: Account, opening_account: Account) -> None:
    """Refuse a journal of anything but open money accounts of these books."""
    for one, field in ((account, "account"), (opening_account, "opening_account")):
        if one.ledger_id != batch.ledger_id or not one.is_leaf or one.closed:
            raise Refused(_("This account is not posted to."), code="wrong_account", field=field)
    if not account.bound_book:
        raise Refused(_("This is no account of cash or bank deposits."), code="wrong_account", field="account")
    if opening_account.half != Account.Half.FINANCIAL or opening_account == account:
        raise Refused(_("This account is not posted to."), code="wrong_account", field="opening_account")


def counter_fits(batch: JournalBatch, counter: JournalCounter, account: Account) -> None:
    """Refuse accounts that cannot stand against the journal's own."""
    chosen = [one for one in (counter.account, counter.budget_account) if one is not None]
    fits = all(one.ledger_id == batch.ledger_id and one.is_leaf and not one.closed for one in chosen)
    halves = [one.half for one in chosen]
    if not fits or account in chosen or halves != [Account.Half.FINANCIAL, Account.Half.BUDGET][: len(halves)]:
        raise Refused(
            _("%(counter)s cannot be this account here."),
            code="counter_not_fit",
            field=f"account_{counter.pk}",
            params={"counter": counter.text},
        )


def months_open(batch: JournalBatch) -> None:
    """Refuse "period_missing" or "period_closed" with the month; the others stay open until the end."""
    locked = Period.objects.select_for_update(of=("self",), no_key=True).filter(ledger=batch.ledger, year=batch.year)
    periods = {period.month: period for period in locked.order_by("pk")}
    for month in batch.rows.order_by("month").values_list("month", flat=True).distinct():
        period = periods.get(month)
        if period is None:
            code, sentence = "period_missing", _("These books have no month %(month)s of %(year)s.")
        elif not period.is_open:
            code, sentence = "period_closed", _("Month %(month)s of %(year)s is closed: nothing more is posted in it.")
        else:
            continue
        raise Refused(sentence, code=code, field="year", params={"month": month, "year": batch.year})


def opening_fits(batch: JournalBatch) -> None:
    """Refuse an opening balance that is not what the books have; new books take it over."""
    standing = _head(batch).balance
    if batch.ledger.chain_position and standing != batch.opening:
        raise Refused(
            _(
                "These books have %(balance)s in this account, the paper begins with %(opening)s."
                " Both must be the same: post what lies between, or mend the opening balance."
            ),
            code="opening_differs",
            params={"balance": f"{standing:,.2f}", "opening": f"{batch.opening:,.2f}"},
        )


def dates_fit(batch: JournalBatch, papers: Sequence[Paper]) -> None:
    """Refuse "date_goes_back": a journal that begins before the last entry of its book."""
    last = _head(batch).last_date
    if last and papers and papers[0].date < last:
        raise rules.refusal("date_goes_back", about=f"{batch.account} {last}")


def numbers_fit(batch: JournalBatch, papers: Sequence[Paper]) -> None:
    """Refuse "number_differs": a voucher that would not get the number that it has on paper. One query.

    What has another word here than on paper (these books know one kind of voucher alone) keeps no number.
    """
    given = Posting.objects.filter(ledger=batch.ledger, year=batch.year).values_list("kind", "month")
    last = {(kind, month): most for kind, month, most in given.annotate(most=Max("number")).order_by()}
    for paper in papers:
        series = paper.kind, paper.date.month
        last[series] = number = last.get(series, 0) + 1
        row = paper.rows[0]
        if paper.kind == row.word and number != row.number:
            raise number_differs(row.row, row.number, number)


def number_differs(row: int, on_paper: int, given: int) -> Refused:
    """Return the refusal of a number that is not the paper's."""
    return Refused(
        _("Row %(row)s has number %(paper)s on paper and would get number %(given)s here."),
        code="number_differs",
        params={"row": row, "paper": on_paper, "given": given},
    )


def _head(batch: JournalBatch) -> AccountHead:
    """Return where the journal's account stands now; asked anew, since somebody may have posted."""
    return AccountHead.objects.get(account=batch.account)
