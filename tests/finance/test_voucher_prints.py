"""Vouchers on paper: everybody's name, unused lines, fractions, many in the order in which they are bound."""

from datetime import date
from io import BytesIO

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from finance.ledger import actions, prints
from houqin.exports.models import ExportJob
from houqin.exports.progress import Progress
from houqin.schools.middleware import SESSION_KEY
from tests.finance.ledger_factories import CASH, EXPENSE, Office
from tests.schools.factories import make_person, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return Office()


@pytest.fixture
def chief(client, office):
    client.force_login(office.chief)
    return client


def words_of(pdf):
    return ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def test_the_cashier_signs_what_moves_money_in_books_of_one_kind():
    office = Office(voucher_kinds="general")
    paid = office.payment(10)
    moved = office.draft(office.line("500102", 10, 0, "补记"), office.line("230790", 0, 10))
    papers = prints.papers_of([paid.pk, moved.pk])
    assert [paper.has_cashier for paper in papers] == [True, False]
    first, second = (words_of(prints.pdf([paper]))[0] for paper in papers)
    assert "出纳" in first and "出纳" not in second


def test_the_printed_voucher_names_everybody(chief, office):
    for person, name in ((office.chief, "王主管"), (office.accountant, "陈会计"), (office.cashier, "赵出纳")):
        person.display_name = name
        person.save()
        person.memberships.update(since=date(2026, 1, 1))
    office.opening(5000)
    posting = office.post(office.payment(1234.5, attachments=3))
    answer = chief.get(reverse("finance:ledger:print", args=[posting.voucher_id]))
    assert answer["Content-Type"] == "application/pdf"
    (text,) = words_of(answer.content)
    for words in (
        "付款凭证",
        "付字第1号",
        "壹仟贰佰叁拾肆元伍角整",
        "会计主管：王主管",
        "记账：王主管",
        "审核：王主管",
        "出纳：赵出纳",
        "制单：陈会计",
        "附件3张",
    ):
        assert words in text, words


def test_a_draft_says_on_paper_that_it_is_one(chief, office):
    (text,) = words_of(prints.pdf(prints.papers_of([office.payment().pk])))
    assert "尚未记账" in text
    assert "记账：审核：" in text


def print_job(user, school, **query):
    params = {
        name: [str(one) for one in value] if isinstance(value, list) else [value] for name, value in query.items()
    }
    return ExportJob(kind="finance.vouchers", format="pdf", owner=user, school=school, params=params)


def test_many_vouchers_are_printed_in_the_order_of_their_numbers(office, tmp_path):
    office.opening(5000)
    postings = [office.post(office.payment(10 + n, on=date(2026, 3, 2 + n))) for n in range(5)]
    received = office.post(office.receipt(7, on=date(2026, 3, 20)))
    draft = office.payment(3, on=date(2026, 4, 1))
    voided = actions.void(office.payment(3), by=office.accountant)
    keys = prints.bound_order(office.chief, office.school, QueryDict("month=2026-03&chip=&books=main"))
    # 收 before 付, each by its numbers.
    assert keys == [received.voucher_id, *(one.voucher_id for one in postings)]
    assert voided.pk not in prints.bound_order(office.chief, office.school, QueryDict("chip=voided"))
    ticked = QueryDict(mutable=True)
    ticked.setlist("voucher", [str(draft.pk), str(postings[1].voucher_id), "x"])
    assert prints.bound_order(office.chief, office.school, ticked) == [postings[1].voucher_id, draft.pk]
    assert prints.bound_order(make_person(make_school(), "accountant"), None, ticked) == []
    path = tmp_path / "vouchers.pdf"
    job = print_job(office.chief, office.school, chip="posted", month="2026-03", books="main")
    with CaptureQueriesContext(connection) as captured:
        assert prints.write_vouchers(job, path, Progress(job)) == 6
    assert len(captured) < 12
    pages = words_of(path.read_bytes())
    # Two on a page, in the order of their numbers.
    assert len(pages) == 3
    assert ["收字第1号" in pages[0], "付字第1号" in pages[0], "付字第4号" in pages[2], "付字第5号" in pages[2]] == [
        True
    ] * 4


def test_a_page_is_never_half_empty_between_two_lots(office, tmp_path, monkeypatch):
    monkeypatch.setattr(prints, "TOGETHER", 3)
    for n in range(5):
        office.payment(10 + n, on=date(2026, 3, 2 + n))
    path = tmp_path / "vouchers.pdf"
    job = print_job(office.chief, office.school, chip="drafts")
    assert prints.write_vouchers(job, path, Progress(job)) == 5
    assert [text.count("付款凭证") for text in words_of(path.read_bytes())] == [2, 2, 1]


def test_ticked_vouchers_are_sent_to_print(chief, office):
    voucher = office.payment()
    session = chief.session
    session[SESSION_KEY] = office.school.pk
    session.save()
    address = reverse("finance:ledger:print_several")
    chief.post(address, {"voucher": [voucher.pk]})
    job = ExportJob.objects.get()
    assert (job.kind, job.params["voucher"]) == ("finance.vouchers", [str(voucher.pk)])
    chief.post(address, {"query": "month=2026-03&chip=posted"})
    assert ExportJob.objects.latest("pk").params["month"] == ["2026-03"]


@pytest.mark.parametrize(
    ("count", "fractions", "unused"),
    [(2, [""], 4), (6, [""], 0), (7, ["1/2", "2/2"], 5), (13, ["1/3", "2/3", "3/3"], 5)],
)
def test_more_lines_than_fit_go_on_a_sheet_with_a_fraction(office, count, fractions, unused):
    lines = [office.line(EXPENSE, 1, 0, "很多行") for _ in range(count - 1)] + [office.line(CASH, 0, count - 1)]
    sheets = prints.papers_of([office.draft(*lines).pk])[0].sheets
    assert [sheet.fraction for sheet in sheets] == fractions
    assert [bool(sheet.sums) for sheet in sheets] == [False] * (len(sheets) - 1) + [True]
    assert (len(sheets[-1].empty), sheets[-1].sums[0].debit) == (unused, count - 1)
