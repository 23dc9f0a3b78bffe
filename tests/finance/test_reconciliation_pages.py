"""The pages of bank reconciliations: what is typed is kept, sums are right without script, paper says the same."""

import uuid
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from pypdf import PdfReader

from finance.ledger import actions as ledgers
from finance.reconciliations import actions
from finance.reconciliations.exports import RECONCILIATIONS
from finance.reconciliations.facts import due
from finance.reconciliations.models import BankReconciliation
from houqin.schools.access import access_of
from houqin.schools.middleware import SESSION_KEY
from houqin.web import home
from tests.finance.ledger_factories import YEAR, Office, register_bank
from tests.finance.outcomes import refused
from tests.finance.reconciliation_factories import APRIL, MARCH, BankOffice, interest
from tests.schools.factories import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return BankOffice()


def page(name, one=None):
    return reverse(f"finance:reconciliations:{name}", args=[one.pk] if one else [])


def typed(office, *lines, do="save", **changes):
    """What a person types into the form of a month."""
    data = {"statement": "1,012.50", "entry": [office.paid_out.pk], "do": do, "items-INITIAL_FORMS": 0}
    for place, line in enumerate(lines):
        values = {"kind": "bank_received", "date": "2026-03-21", "text": "利息", "amount": "12.50"} | line
        data |= {f"items-{place}-{name}": value for name, value in values.items()}
    return data | {"items-TOTAL_FORMS": len(lines)} | changes


def test_a_month_is_begun_written_submitted_and_reviewed_in_the_browser(client, office):
    client.force_login(office.accountant)
    assert "new/" in client.get(page("list")).content.decode()
    form = client.get(page("create")).context["form"]
    assert form.initial == {"bank_account": office.bank.pk, "month": "2026-03-31"}
    begin = {
        "form_key": str(uuid.uuid4()),
        "bank_account": office.bank.pk,
        "month": "2026-03-31",
        "statement": "1012.5",
    }
    wrong = client.post(page("create"), begin | {"statement": "很多"})
    assert wrong.status_code == 422
    assert (set(wrong.context["form"].errors), wrong.context["form"]["statement"].value()) == ({"statement"}, "很多")
    answer = client.post(page("create"), begin)
    one = BankReconciliation.objects.get()
    assert (answer.status_code, answer.url) == (302, page("update", one))
    again = client.post(page("create"), begin)
    assert again.url == answer.url
    shown = client.get(answer.url).context["form"]
    assert [choice.amount for choice in shown.choices] == [1000, 300]
    off = client.post(answer.url, typed(office, do="submit"))
    assert off.status_code == 422
    assert [error.code for error in off.context["form"].non_field_errors().as_data()] == ["does_not_agree"]
    assert not one.items.exists()
    answer = client.post(answer.url, typed(office, {}, do="submit"))
    assert (answer.status_code, answer.url) == (302, one.get_absolute_url())
    assert client.get(page("update", one)).status_code == 302
    client.force_login(office.chief)
    assert page("review", one) in client.get(one.get_absolute_url()).content.decode()
    client.post(page("review", one))
    one.refresh_from_db()
    assert one.state == "reviewed"
    assert client.get(page("list") + "?chip=reviewed").context["rows"] == [one]


def test_a_second_tap_on_submit_leads_to_what_was_handed_on(client, office):
    client.force_login(office.accountant)
    one = office.begun()
    for _tap in range(2):
        answer = client.post(page("update", one), typed(office, {}, do="submit"))
        assert (answer.status_code, answer.url) == (302, one.get_absolute_url())
    assert len(client.get(answer.url).context["messages"]) == 1
    # Somebody else reads what they typed once more.
    other = make_person(office.central, "accountant")
    client.force_login(other)
    late = client.post(page("update", one), typed(office, {"text": "退款"}, do="submit"))
    assert late.status_code == 422
    assert late.context["form"].items[0]["text"].value() == "退款"


def test_wrong_input_is_kept_beside_its_field(client, office):
    client.force_login(office.accountant)
    one = office.begun()
    wrong = client.post(page("update", one), typed(office, {"amount": "0"}, {"date": "2026-04-01"}, {"text": "　"}))
    assert wrong.status_code == 422
    form = wrong.context["form"]
    assert [set(line.errors) for line in form.items] == [{"amount"}, {"date"}, {"text"}]
    assert form.items[1]["date"].value() == "2026-04-01"
    assert form.ticked == {office.paid_out.pk}
    assert not one.items.exists()
    nothing = client.post(page("update", one), typed(office, {}, statement=""))
    assert set(nothing.context["form"].errors) == {"statement"}
    other = client.post(page("update", one), typed(office, {}, entry=["7", "x"]))
    assert [error.code for error in other.context["form"].non_field_errors().as_data()] == ["wrong_entry"]


def test_sums_are_added_up_without_script_and_nothing_is_saved(client, office):
    client.force_login(office.accountant)
    one = office.begun()
    for do in ("check", "find"):
        form = client.post(page("update", one), typed(office, {}, {"kind": "bank_paid", "amount": "2"}, do=do)).context[
            "form"
        ]
        assert (form.shown.bank_received, form.shown.bank_paid, form.shown.we_paid) == (12.5, 2, 300)
        assert form.shown.difference == 2
        # Empty lines follow what was typed.
        assert [line.is_empty for line in form.items] == [False, False, True, True, True]
    assert not one.items.exists()


def test_what_was_booked_before_the_books_were_opened_is_typed_in_the_first_month(client, office):
    client.force_login(office.accountant)
    one = office.begun()
    address = page("update", one)
    before = office.ledger.opened_on - timedelta(days=1)
    assert len(list(client.get(address).context["form"].earlier)) == 3

    def sent(day, do="save"):
        values = {"kind": "we_paid", "date": day.isoformat(), "text": "上年支票", "amount": "300"}
        line = {f"earlier-0-{name}": value for name, value in values.items()}
        forms = {"earlier-TOTAL_FORMS": 1, "earlier-INITIAL_FORMS": 0}
        return typed(office, {}, do=do, statement="1312.5") | line | forms

    wrong = client.post(address, sent(office.ledger.opened_on))
    assert [set(line.errors) for line in wrong.context["form"].earlier] == [{"date"}]
    checked = client.post(address, sent(before, "check")).context["form"]
    assert (checked.shown.we_paid, checked.shown.difference) == (600, 0)
    assert [line.is_empty for line in checked.earlier] == [False, True, True, True]
    assert client.post(address, sent(before)).status_code == 302
    assert one.items.get(text="上年支票").entry is None
    # The next month has it, and no more lines of the kind; one without any does not show them.
    later = office.begun("1312.5", APRIL)
    assert [line["text"].value() for line in client.get(page("update", later)).context["form"].earlier] == ["上年支票"]
    later.items.filter(text="上年支票").delete()
    assert [line.is_empty for line in client.get(page("update", later)).context["form"].earlier] == [True]
    one.items.filter(text="上年支票").delete()
    assert client.get(page("update", later)).context["form"].earlier is None


def test_what_the_first_month_names_late_is_written_in_the_month_after(client, office):
    """That may have been begun already, and would never agree without."""
    client.force_login(office.accountant)
    one, later = office.begun(), office.begun("1000", APRIL)
    assert client.get(page("update", later)).context["form"].earlier is None
    cheque = interest(300, kind="we_paid", date=date(YEAR - 1, 12, 29), text="上年支票")
    office.written(one, statement=Decimal("1312.50"), earlier=[cheque])
    answer = client.get(page("update", later))
    assert [line.is_empty for line in answer.context["form"].earlier] == [True]
    assert f"{YEAR - 1}-12-29" in answer.text
    assert "上年支票" in answer.text
    line = {"kind": "we_paid", "date": cheque.date.isoformat(), "text": "上年支票", "amount": "300"}
    sent = {f"earlier-0-{name}": value for name, value in line.items()}
    sent |= {"earlier-TOTAL_FORMS": 1, "earlier-INITIAL_FORMS": 0}
    answer = client.post(page("update", later), typed(office, statement="1000", entry=[], do="submit") | sent)
    assert (answer.status_code, answer.url) == (302, later.get_absolute_url())
    assert later.items.get().entry is None


def test_older_entries_are_found_by_amount_or_words(client, office):
    client.force_login(office.accountant)
    office.begun()
    one = office.begun("700", APRIL)
    address = page("update", one)
    assert client.get(address).context["form"].choices == []
    for words in ("300", "电费"):
        found = client.post(address, typed(office, do="find", entry=[], find=words)).context["form"].choices
        assert [(choice.pk, choice.ticked) for choice in found] == [(office.paid_out.pk, False)]
    nothing = client.post(address, typed(office, do="find", entry=[], find="水\0费"))
    assert (nothing.context["form"].asked, nothing.context["form"].choices) == ("水费", [])
    assert "截至本月没有摘要含这些字" in nothing.text


def test_the_oldest_month_is_offered_alone(client, office):
    """What is open at its end is proposed for the month after."""
    client.force_login(office.accountant)
    offered = client.get(reverse("finance:reconciliations:create")).context["form"]["month"].field.choices
    assert [value for value, _month in offered] == [MARCH.isoformat()]
    office.begun()
    offered = client.get(reverse("finance:reconciliations:create")).context["form"]["month"].field.choices
    assert [value for value, _month in offered] == [APRIL.isoformat()]


def test_it_goes_back_with_a_reason(client, office):
    one = office.submitted()
    client.force_login(office.chief)
    assert client.post(page("send_back", one), {"reason": ""}).status_code == 422
    assert client.post(page("send_back", one), {"reason": "利息是哪天的？"}).status_code == 302
    client.force_login(office.accountant)
    assert "利息是哪天的？" in client.get(one.get_absolute_url()).content.decode()
    assert "利息是哪天的？" in client.get(page("update", one)).content.decode()
    assert client.get(page("list") + "?chip=returned").context["rows"] == [one]


def test_list_and_page_say_that_the_journal_moved_since(client, office):
    one = office.reviewed_one()
    client.force_login(office.chief)
    assert [row.moved for row in client.get(page("list")).context["rows"]] == [False]
    office.received(9, MARCH)
    assert [row.moved for row in client.get(page("list")).context["rows"]] == [True]
    assert client.get(one.get_absolute_url()).context["moved"] is True


def test_the_printed_form_has_both_columns_items_and_names(client, office):
    one = office.reviewed_one()
    client.force_login(office.chief)
    answer = client.get(page("print", one))
    assert answer["Content-Type"] == "application/pdf"
    sheets = PdfReader(BytesIO(answer.content)).pages
    assert len(sheets) == 1
    assert [round(float(size)) for size in sheets[0].mediabox[2:]] == [595, 842]
    text = words_of(answer.content)
    assert "复核：" in text
    assert "未复核" not in text
    for words in ("银行存款余额调节表", "单位银行存款日记账余额", "银行对账单余额", "一季度利息", "付字第1号支付电费"):
        assert words in text
    assert text.count("¥712.50") == 2
    for person in (office.accountant, office.chief):
        assert "".join(str(person).split()) in text


def words_of(content):
    """What is printed, without spaces."""
    return "".join("".join(sheet.extract_text() for sheet in PdfReader(BytesIO(content)).pages).split())


def test_what_is_not_reviewed_prints_as_such_though_it_agrees(client, office):
    one = office.begun()
    client.force_login(office.accountant)
    assert "两边相差¥312.50" in words_of(client.get(page("print", one)).content)
    one = office.written(one)
    text = words_of(client.get(page("print", one)).content)
    assert "草稿，未复核，打印于" in text
    assert "两边相差" not in text
    actions.submit(one, by=office.accountant)
    assert "已提交，未复核，打印于" in words_of(client.get(page("print", one)).content)


def test_items_of_an_earlier_year_say_which(client, office):
    cheque = interest(300, kind="we_paid", date=date(YEAR - 1, 12, 29), text="上年支票")
    one = office.written(earlier=[cheque])
    client.force_login(office.accountant)
    text = words_of(client.get(page("print", one)).content)
    assert f"{YEAR - 1}-12-29上年支票" in text
    assert "3-21一季度利息" in text
    assert f"{YEAR}-3-21" not in text
    shown = client.get(one.get_absolute_url()).content.decode()
    assert f">{YEAR - 1}-12-29<" in shown
    assert ">03-21<" in shown


def test_a_campus_is_told_in_words_and_sees_nothing(client, office):
    one = office.begun()
    client.force_login(make_person(office.campus, "accountant"))
    assert client.get(page("create")).status_code == 403
    assert client.get(one.get_absolute_url()).status_code == 404
    assert client.get(page("list")).context["may_begin"] is False


def sections(person, school):
    return {str(one.more_url): one for one in home.build(person, school).sections if "reconciliations" in one.more_url}


def test_the_home_page_reminds_who_prepares_and_who_reviews(office):
    (section,) = sections(office.accountant, office.central).values()
    assert section.rows[0].action_url == f"{page('create')}?account={office.bank.pk}"
    one = office.written()
    (section,) = sections(office.accountant, office.central).values()
    assert section.rows[0].action_url == page("update", one)
    assert sections(office.chief, None) == {}
    actions.submit(one, by=office.accountant)
    assert sections(office.chief, None)[page("list") + "?chip=review"].rows[0].url == one.get_absolute_url()
    assert sections(office.cashier, office.central) == {}


def test_an_account_without_entries_is_not_asked_for(client):
    office = Office(at="central")
    assert sections(office.accountant, office.central) == {}
    client.force_login(office.accountant)
    session = client.session
    session[SESSION_KEY] = office.central.pk
    session.save()
    assert client.get(page("create")).context["form"].dues == []


def test_reminders_cost_the_same_for_any_number_of_accounts_and_months(office, django_assert_max_num_queries):
    for number in range(4):
        account = ledgers.add_account(
            office.account("1002"), code=f"10021{number}", name=f"专户{number}", by=office.chief
        )
        register_bank(account, by=office.chief)
        lines = [office.line(account.code, 5, 0, "利息"), office.line("3001", 0, 5)]
        office.post(office.draft(*lines, kind="receipt"))
    office.begun()
    access_of(office.accountant)
    with django_assert_max_num_queries(2):
        assert len(due(office.accountant, office.central)) == 5


def test_the_statement_is_kept_as_a_file_that_readers_of_the_books_see(client, office, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    one = office.begun()
    client.force_login(office.accountant)
    paper = client.get(page("print", one)).content
    sent = typed(office, {}) | {"scan": SimpleUploadedFile("对账单.pdf", paper, "application/pdf")}
    assert client.post(page("update", one), sent).status_code == 302
    # Writing it again without a file keeps the one that is there.
    assert client.post(page("update", one), typed(office, {}, do="submit")).status_code == 302
    one.refresh_from_db()
    assert "对账单.pdf" in client.get(one.get_absolute_url()).content.decode()
    for person, status in ((office.chief, 200), (make_person(office.campus, "accountant"), 404)):
        client.force_login(person)
        answer = client.get(one.scan.url)
        assert answer.status_code == status
        if status == 200:
            assert b"".join(answer.streaming_content) == paper


@pytest.mark.parametrize(
    ("do", "changes", "status"),
    [
        ("check", {}, 200),
        ("check", {"statement": ""}, 200),
        ("find", {"find": "电费"}, 200),
        ("save", {"statement": ""}, 422),
        ("submit", {"statement": "1"}, 422),
    ],
)
def test_what_was_uploaded_is_kept_when_the_form_is_shown_again(
    client, office, tmp_path, settings, do, changes, status
):
    """A browser never fills in a file a second time."""
    settings.MEDIA_ROOT = tmp_path
    one = office.begun()
    client.force_login(office.accountant)
    paper = client.get(page("print", one)).content
    sent = typed(office, {}, do=do, **changes) | {"scan": SimpleUploadedFile("对账单.pdf", paper, "application/pdf")}
    answer = client.post(page("update", one), sent)
    assert (answer.status_code, answer.context["one"].scan.name) == (status, "对账单.pdf")
    assert client.post(page("update", one), typed(office, {}, do="submit")).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.scan.name) == ("submitted", "对账单.pdf")


@pytest.mark.parametrize(("do", "status"), [("check", 200), ("find", 200), ("save", 422)])
def test_a_file_that_is_no_statement_is_refused_beside_its_field(client, office, tmp_path, settings, do, status):
    settings.MEDIA_ROOT = tmp_path
    one = office.begun()
    client.force_login(office.accountant)
    sent = typed(office, {}, do=do) | {"scan": SimpleUploadedFile("对账单.pdf", b"no PDF", "application/pdf")}
    answer = client.post(page("update", one), sent)
    assert (answer.status_code, set(answer.context["form"].errors)) == (status, {"scan"})
    one.refresh_from_db()
    assert one.scan is None


def test_nothing_is_attached_to_what_was_handed_on(client, office, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    one = office.submitted()
    client.force_login(office.accountant)
    paper = SimpleUploadedFile("对账单.pdf", client.get(page("print", one)).content, "application/pdf")
    assert refused(actions.keep_scan, one, paper, by=office.accountant) == "not_draft"
    assert refused(actions.keep_scan, one, paper, by=office.cashier) == "not_allowed"
    client.post(page("update", one), typed(office, {}, do="check") | {"scan": paper})
    one.refresh_from_db()
    assert one.scan is None


def test_the_list_leaves_as_it_is_filtered(office):
    one = office.reviewed_one()
    office.begun("750", APRIL)
    rows = RECONCILIATIONS.queryset(office.chief, None, QueryDict("chip=reviewed"))
    values = {str(column.header): column.value for column in RECONCILIATIONS.columns}
    assert [row.pk for row in rows] == [one.pk]
    (shown,) = rows.annotate(adjusted=values[str(_("adjusted balance"))]).values("adjusted", "bank_account__number")
    assert shown == {"adjusted": one.adjusted_book, "bank_account__number": office.bank.number}
