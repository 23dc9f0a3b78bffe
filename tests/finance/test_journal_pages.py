"""The pages of paper journals, from the upload to the second person."""

import io
import json

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from finance.journals.imports import JOURNAL
from finance.journals.models import JournalBatch
from finance.journals.tasks import post_waiting
from houqin.imports import actions as imports
from houqin.imports.work import run_job
from tests.finance.journal_factories import HEAD, entered, examined, small
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
