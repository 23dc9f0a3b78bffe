"""Two people at once with one paper journal: it is posted once, kept once, and the other one is told why not."""

from finance.journals import actions as journal_actions
from finance.journals.models import JournalBatch
from finance.ledger.models import Posting
from finance.ledger.verify import verify
from tests.assets.test_repair_races import at_once
from tests.finance.journal_factories import HEAD, entered, examined, small, submitted
from tests.finance.ledger_factories import Office, books_of, second_chief


def test_two_who_confirm_at_once_post_it_once(committing_db):
    office = Office(year=2024)
    batch = submitted(entered(examined([HEAD, *small()], office), office), office)
    other = second_chief(office)
    results = at_once(
        *[lambda: journal_actions.confirm(batch, by=office.chief)] * 3,
        *[lambda: journal_actions.confirm(batch, by=other)] * 3,
    )
    assert results.count("not_submitted") == 5
    assert Posting.objects.filter(ledger=office.ledger).count() == 4
    assert verify(books_of(office)) is None


def test_confirmed_sent_back_and_given_up_at_once_is_one_of_them(committing_db):
    office = Office(year=2024)
    batch = submitted(entered(examined([HEAD, *small()], office), office), office)
    results = at_once(
        lambda: journal_actions.confirm(batch, by=office.chief),
        lambda: journal_actions.send_back(batch, reason="再核对", by=office.chief),
        lambda: journal_actions.drop(batch, by=office.accountant),
    )
    batch.refresh_from_db()
    posted = Posting.objects.filter(ledger=office.ledger).count()
    assert (batch.state, posted) in (("posted", 4), ("draft", 0), ("dropped", 0))
    assert sum(isinstance(result, str) for result in results) in (1, 2)


def test_one_paper_imported_twice_at_once_is_kept_once(committing_db):
    office = Office(year=2024)
    found = examined([HEAD, *small()], office)
    at_once(*[lambda: entered(found, office)] * 4)
    assert JournalBatch.objects.count() == 1


def test_a_month_that_closes_meanwhile_takes_all_of_it_or_nothing(committing_db):
    office = Office(year=2024)
    batch = submitted(entered(examined([HEAD, *small()], office), office), office)
    at_once(
        lambda: journal_actions.confirm(batch, by=office.chief),
        lambda: office.close_through(2, 2024),
    )
    batch.refresh_from_db()
    posted = Posting.objects.filter(ledger=office.ledger).count()
    assert (batch.state, posted) in (("posted", 4), ("submitted", 0))
    assert verify(books_of(office)) is None
