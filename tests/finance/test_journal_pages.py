"""The pages of paper journals, from the upload to the second person."""

import io
import json

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from finance.journals.forms import MapForm
from finance.journals.imports import JOURNAL
from finance.journals.models import JournalBatch
from finance.journals.tasks import post_waiting
from finance.ledger import cases
from finance.ledger.accounts import Accounts
from houqin.imports import actions as imports
from houqin.imports.work import run_job
from tests.finance.journal_factories import FROM_CENTRAL, GOODS, HEAD, entered, examined, small
from tests.finance.ledger_factories import Office
from tests.schools.factories import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return Office(year=2024)


def test_the_way_through_the_pages(client, office, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    book = openpyxl.Workbook()
    for line in [HEAD, *small()]:
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    job = imports.upload(
        SimpleUploadedFile("日记账.xlsx", out.getvalue()), kind=JOURNAL, school=office.school, by=office.accountant
    )
    run_job(job.pk)
    job.refresh_from_db()
    imports.choose_columns(job, mapping=job.mapping, by=office.accountant)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "ready", json.dumps(job.errors, ensure_ascii=False)
    imports.confirm(job, by=office.accountant)
    run_job(job.pk)
    batch = JournalBatch.objects.get()
    client.force_login(office.accountant)
    assert (
        reverse("finance:journals:detail", args=[batch.pk])
        in client.get(reverse("finance:journals:list")).content.decode()
    )
    page = client.get(reverse("finance:journals:map", args=[batch.pk]))
    for counter in batch.counters.all():
        assert f'name="account_{counter.pk}"' in page.content.decode()
    fields = page.context["form"].fields
    data = {name: "" if field.initial is None else field.initial for name, field in fields.items()}
    assert client.post(reverse("finance:journals:map", args=[batch.pk]), data).status_code == 302
    assert client.post(reverse("finance:journals:confirm", args=[batch.pk])).status_code == 403
    batch.refresh_from_db()
    assert batch.state == "submitted"
    client.force_login(office.chief)
    assert client.get(batch.get_absolute_url()).status_code == 200
    assert client.post(reverse("finance:journals:confirm", args=[batch.pk])).status_code == 302
    post_waiting()
    batch.refresh_from_db()
    assert batch.state == "posted"
    text = client.get(f"{batch.get_absolute_url()}?month=2").content.decode()
    assert "打印纸" in text
    assert "购粉笔" not in text


def test_strangers_find_no_journal(client, office):
    batch = entered(examined([HEAD, *small()], office), office)
    client.force_login(make_person(Office(year=2024).school, "accountant"))
    for name in ("detail", "map"):
        assert client.get(reverse(f"finance:journals:{name}", args=[batch.pk])).status_code == 404
    assert client.post(reverse("finance:journals:confirm", args=[batch.pk])).status_code == 404


# A counter account of the paper, what came and went, and the usual case on the page of vouchers that is like it.
LIKE = [
    (GOODS, None, 30, "goods_cash"),
    ("5101 单位管理费用", None, 30, "goods_cash"),
    ("1601 固定资产", None, 30, "goods_cash"),
    ("1902 待处理财产损溢", None, 30, "cash_short"),
    (FROM_CENTRAL, 30, None, "cash_from_bank"),
    ("1218 其他应收款", None, 30, "advance"),
    ("2307 其他应付款", 30, None, "deposit"),
    ("2307 其他应付款", None, 30, "deposit_back"),
]


@pytest.mark.parametrize(("counter", "received", "paid", "name"), LIKE)
def test_the_budget_half_is_proposed_as_the_usual_case_books_it(office, counter, received, paid, name):
    start = [None, None, None, None, "上年结转", None, None, None, "借", 100]
    line = [1, 3, "收" if received else "付", 1, "一笔", counter, received, paid, "借", 130 if received else 70]
    batch = entered(examined([HEAD, start, line], office), office)
    form = MapForm(about=batch, by=office.accountant)
    [(_counter, own, budget)] = form.of_counters
    case = cases.BY_NAME[name]
    usual = [line["account"].split(" ")[0] for line in case.lines(Accounts(office.ledger))]
    expected = [code for code, (use, _side) in zip(usual, case.sides, strict=True) if code >= "6" and use != "funds"]
    proposed = form.accounts.get(budget.initial)
    assert own.initial
    assert ([proposed.code] if proposed else []) == expected
