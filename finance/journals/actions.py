"""What happens to a paper journal: entered, its accounts chosen, submitted, sent back, confirmed, given up."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from finance.journals import rules
from finance.journals.job import JournalJob
from finance.journals.models import JournalBatch, JournalCounter, JournalRow, JournalTotal
from finance.journals.vouchers import BATCH, opening_lines, plan, write_vouchers
from finance.journals.walk import Paper
from finance.ledger import actions as ledger_actions
from finance.ledger.actions import books
from finance.ledger.actions.drafts import Line, open_period
from finance.ledger.models import Account, Entry, Ledger, Posting, VoucherKind
from houqin.accounts.models import User
from houqin.errors import Refused, WrongState
from houqin.imports.registry import Text
from houqin.notices.actions import notify, notify_all
from houqin.schools.access import access_of
from houqin.schools.people import people_with
from houqin.schools.permissions import require
from houqin.schools.roles import Role
from houqin.web.trail import record_action
from houqin.web.waking import wake_after_commit

State = JournalBatch.State
# A counter account of the paper: its account here, and that of the budget half where there is one.
Choice = tuple[Account, Account | None]
CENT = Decimal("0.01")
# So many vouchers are posted together between two signs of life; all are one transaction.
TOGETHER = 50


@transaction.atomic
def enter(ledger: Ledger, paper: Paper, *, by: User) -> JournalBatch:
    """Keep a journal that was read without a mistake. Raises Refused "journal_twice"."""
    require(by, "finance.prepare_transfer", ledger)
    # Who imports the same at the same moment finds it afterwards.
    ledger = books.locked(ledger)
    rules.is_new(ledger, fingerprint(paper))
    # A paper without a year is most likely of the year that the books stand in.
    stands_in = ledger.year_opened if ledger.carried_through is None else ledger.carried_through + 1
    batch = JournalBatch.objects.create(
        ledger=ledger,
        school_id=ledger.school_id,
        year=next((entry.year for entry in paper.entries if entry.year), None) or stands_in,
        opening=paper.opening.quantize(CENT),
        closing=paper.closing.quantize(CENT),
        debit=paper.sums.debit,
        credit=paper.sums.credit,
        entries=len(paper.entries),
        prepared_by=by,
        fingerprint=fingerprint(paper),
    )
    _keep_rows(batch, paper)
    _keep_totals(batch, paper)
    record_action("finance.enter_journal", by=by, record=batch, detail=str(batch.entries))
    return batch


@transaction.atomic
def submit(
    batch: JournalBatch,
    *,
    year: int,
    account: Account,
    opening_account: Account,
    choices: Mapping[int, Choice],
    by: User,
) -> JournalBatch:
    """Say what each counter account is in these books, and hand the journal to a second person.

    Raises WrongState "not_draft"; Refused "wrong_account", "counter_missing", "counter_not_fit", "wrong_kind",
    "no_such_day", "period_missing", "period_closed", "opening_differs", "date_goes_back", "number_differs".
    """
    batch = locked(batch)
    require(by, "finance.prepare_transfer", batch)
    _must_be(batch, State.DRAFT, "not_draft")
    rules.account_fits(batch, account, opening_account)
    for counter in batch.counters.all():
        if counter.pk not in choices:
            raise Refused(
                _("Choose what %(counter)s is here."), code="counter_missing", params={"counter": counter.text}
            )
        counter.account, counter.budget_account = choices[counter.pk]
        rules.counter_fits(batch, counter, account)
        counter.save(update_fields=["account", "budget_account"])
    batch.year, batch.account, batch.opening_account = year, account, opening_account
    papers = plan(batch)
    rules.months_open(batch)
    rules.opening_fits(batch)
    rules.dates_fit(batch, papers)
    rules.numbers_fit(batch, papers)
    batch.prepared_by, batch.returned_reason = by, ""
    _move(batch, State.SUBMITTED, by, "submit_journal", *("year", "account", "opening_account", "prepared_by"))
    notify_all(
        (person for person in people_with("finance.post_voucher", batch.school, include_central=True) if person != by),
        cause=f"finance.journal:{batch.pk}:submitted",
        moment=timezone.now(),
        title=format_lazy(_("A paper journal waits for you: {batch}"), batch=str(batch)),
        school=batch.school,
        url=batch.get_absolute_url(),
    )
    return batch


@transaction.atomic
def start(batch: JournalBatch, *, by: User) -> JournalJob:
    """Confirm the journal as its second person: a worker posts all of it. A second tap gives the same job.

    Raises WrongState "not_submitted"; Refused "own_batch", "cashier_reviews". What posting refuses is said by the job.
    """
    require(by, "finance.post_voucher", batch)
    # Before the lock, since a worker keeps it until all is posted.
    if (job := _begun(batch, by)) is not None:
        return job
    batch = locked(batch)
    if (job := _begun(batch, by)) is not None:
        return job
    _may_confirm(batch, by)
    facts = {"started_by": by, "started_at": timezone.now(), "rows_total": batch.entries, "rows_done": 0}
    begun = {"state": JournalJob.State.POSTING, "reason": "", "ended_at": None, "lease": None, "heartbeat": None}
    language = get_language() or "zh-hans"
    job, _new = JournalJob.objects.update_or_create(
        batch=batch, defaults={**facts, **begun, "attempts": 0, "language": language}
    )
    record_action("finance.start_journal", by=by, record=batch, detail=str(batch))
    wake_after_commit("finance.journals.tasks.post_journal", job.pk)
    return job


@transaction.atomic
def confirm(batch: JournalBatch, *, by: User, progress: Callable[[int], None] | None = None) -> list[Posting]:
    """Post the whole journal in this one transaction; afterwards the book stands where the paper stands.

    `progress` is told how many entries are posted. Raises WrongState "not_submitted"; Refused "own_batch",
    "cashier_reviews", "opening_differs", "not_as_paper", and what posting refuses.
    """
    batch = locked(batch)
    _may_confirm(batch, by)
    papers = plan(batch)
    rules.months_open(batch)
    vouchers = write_vouchers(batch, papers, by, opening=_opening_voucher(batch))
    postings: list[Posting] = []
    for at in range(0, len(vouchers), TOGETHER):
        postings += ledger_actions.post_all(vouchers[at : at + TOGETHER], by=by)
        if progress is not None:
            progress(batch.entries * len(postings) // len(vouchers))
    _as_on_paper(batch, postings)
    batch.confirmed_by, batch.confirmed_at = by, timezone.now()
    _move(batch, State.POSTED, by, "confirm_journal", "confirmed_by", "confirmed_at")
    _tell(batch, _("The paper journal is posted: {batch}"))
    return postings


@transaction.atomic
def send_back(batch: JournalBatch, *, reason: str, by: User) -> JournalBatch:
    """Give a journal back to whoever imported it. Raises WrongState "not_submitted", Refused "reason_missing"."""
    require(by, "finance.post_voucher", batch)
    batch = _locked_unless_running(batch)
    _must_be(batch, State.SUBMITTED, "not_submitted")
    if not reason.strip():
        raise Refused(_("Write what has to be changed."), code="reason_missing", field="reason")
    batch.returned_reason = reason.strip()[:300]
    # What was wrong with it is to be mended now, and looked at anew.
    JournalJob.objects.filter(batch=batch).delete()
    _move(batch, State.DRAFT, by, "send_back_journal", "returned_reason")
    _tell(batch, _("A paper journal came back to you: {batch}"))
    return batch


@transaction.atomic
def drop(batch: JournalBatch, *, by: User) -> JournalBatch:
    """Give a journal up that is not posted. Raises WrongState "not_draft"."""
    require(by, "finance.prepare_transfer", batch)
    batch = _locked_unless_running(batch)
    if batch.state not in (State.DRAFT, State.SUBMITTED):
        raise WrongState(code="not_draft")
    return _move(batch, State.DROPPED, by, "drop_journal")


def locked(batch: JournalBatch) -> JournalBatch:
    """Return the journal as it is now, locked until the transaction ends."""
    batches = JournalBatch.objects.select_for_update(of=("self",), no_key=True)
    return batches.select_related("ledger__school", "school", "account", "opening_account", "prepared_by").get(
        pk=batch.pk
    )


def _may_confirm(batch: JournalBatch, by: User) -> None:
    """Refuse whoever is not the second person of a journal that was handed on."""
    require(by, "finance.post_voucher", batch)
    _must_be(batch, State.SUBMITTED, "not_submitted")
    if batch.prepared_by_id == by.pk:
        raise Refused(_("Nobody confirms what they imported themselves."), code="own_batch")
    if Role.CASHIER in access_of(by).roles.get(batch.school_id, ()):
        raise Refused(_("Who keeps the cash does not review vouchers."), code="cashier_reviews")


def _begun(batch: JournalBatch, by: User) -> JournalJob | None:
    """Return the job that posts the journal, or has posted it for this person."""
    job = JournalJob.objects.filter(batch=batch).first()
    if job is None or job.state == JournalJob.State.REFUSED:
        return None
    is_theirs = job.state == JournalJob.State.POSTING or job.started_by_id == by.pk
    return job if is_theirs else None


def _locked_unless_running(batch: JournalBatch) -> JournalBatch:
    """Return the journal locked. Raises WrongState "being_posted" without waiting for the worker, who has it locked."""
    _not_being_posted(batch)
    batch = locked(batch)
    _not_being_posted(batch)
    return batch


def _not_being_posted(batch: JournalBatch) -> None:
    if JournalJob.objects.filter(batch=batch, state=JournalJob.State.POSTING).exists():
        raise WrongState(_("This journal is just being posted. Wait until that has ended."), code="being_posted")


def _counters(batch: JournalBatch, paper: Paper) -> dict[str, JournalCounter]:
    """Keep the counter accounts that the paper names, each once; what was chosen for an earlier journal is proposed."""
    found: dict[str, JournalCounter] = {}
    for entry in paper.entries:
        text = entry.row["counter"]
        counter = found.setdefault(text, JournalCounter(batch=batch, text=text, lines=0))
        counter.lines += 1
        counter.debit += entry.debit
        counter.credit += entry.credit
    earlier = JournalCounter.objects.filter(
        batch__ledger=batch.ledger, batch__state=State.POSTED, text__in=found
    ).order_by("pk")
    for known in earlier:
        found[known.text].account_id = known.account_id
        found[known.text].budget_account_id = known.budget_account_id
    JournalCounter.objects.bulk_create(found.values())
    return found


def _keep_rows(batch: JournalBatch, paper: Paper) -> None:
    """Keep the entries as they stand on paper, with the balance after each."""
    counters = _counters(batch, paper)
    balance = batch.opening
    rows: list[JournalRow] = []
    for position, entry in enumerate(paper.entries, start=1):
        balance += entry.debit - entry.credit
        rows.append(
            JournalRow(
                batch=batch,
                position=position,
                row=entry.row.number,
                month=entry.month,
                day=entry.day,
                word=entry.word or VoucherKind.GENERAL,
                number=entry.number or 0,
                summary=entry.row["summary"],
                counter=counters[entry.row["counter"]],
                debit=entry.debit,
                credit=entry.credit,
                balance=balance,
                attachments=entry.attachments,
            )
        )
    JournalRow.objects.bulk_create(rows, batch_size=BATCH)


def fingerprint(paper: Paper) -> str:
    """Return a digest of the opening balance and all entries, whatever the layout of the file."""
    lines = [
        (e.month, e.day, e.word, e.number, e.row["summary"], e.row["counter"], f"{e.debit:.2f}", f"{e.credit:.2f}")
        for e in paper.entries
    ]
    return sha256(repr((f"{paper.opening:.2f}", lines)).encode()).hexdigest()


def _keep_totals(batch: JournalBatch, paper: Paper) -> None:
    """Keep what the paper states besides its entries: people compare it with what is here."""
    JournalTotal.objects.bulk_create(
        [
            JournalTotal(
                batch=batch,
                row=total.row,
                kind=total.kind,
                entries=total.entries,
                month=total.month,
                debit=total.debit,
                credit=total.credit,
                balance=total.balance,
            )
            for total in paper.totals
        ],
        batch_size=BATCH,
    )


def _opening_voucher(batch: JournalBatch) -> Sequence[Line]:
    """Return the lines of the opening voucher; none where the books have the balance already."""
    rules.opening_fits(batch)
    if batch.ledger.chain_position or not batch.opening:
        return ()
    open_period(batch.ledger, batch.ledger.opened_on)
    return opening_lines(batch)


def _as_on_paper(batch: JournalBatch, postings: Sequence[Posting]) -> None:
    """Hold what was posted against the paper: every balance, the closing one, and the numbers where these are known."""
    entries = Entry.objects.filter(account=batch.account, posting__in=postings).exclude(
        posting__kind=VoucherKind.OPENING
    )
    balances = list(entries.order_by("position").values_list("debit", "credit", "balance"))
    if balances != list(batch.rows.values_list("debit", "credit", "balance")):
        raise Refused(_("The book would not be like the paper."), code="not_as_paper")
    rows = batch.rows.filter(voucher__kind=F("word")).values_list("number", "voucher__posting__number", "row")
    for on_paper, given, row in rows:
        if on_paper != given:
            raise rules.number_differs(row, on_paper, given)


def _tell(batch: JournalBatch, title: Text) -> None:
    notify(
        batch.prepared_by,
        cause=f"finance.journal:{batch.pk}:{batch.state}",
        moment=timezone.now(),
        title=format_lazy(title, batch=str(batch)),
        school=batch.school,
        url=batch.get_absolute_url(),
    )


def _must_be(batch: JournalBatch, state: str, code: str) -> None:
    if batch.state != state:
        raise WrongState(code=code)


def _move(batch: JournalBatch, state: str, by: User, verb: str, *fields: str) -> JournalBatch:
    batch.state = state
    batch.save(update_fields=["state", "returned_reason", *fields])
    record_action(f"finance.{verb}", by=by, record=batch, detail=str(batch))
    return batch
