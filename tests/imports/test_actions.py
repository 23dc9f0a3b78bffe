import io

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation
from kombu.exceptions import OperationalError

from houqin.accounts.models import User
from houqin.errors import NotAllowed, Refused
from houqin.history.models import ActionLog
from houqin.imports import actions, registry, tasks
from houqin.imports.models import ImportJob
from houqin.schools.models import Membership, Place
from tests.imports.factories import KIND, checked, codes, csv_text, make_job, read, workbook, worked
from tests.schools.factories import make_person, make_place, make_school

pytestmark = pytest.mark.django_db
State = ImportJob.State


def code_of(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value.code


def test_upload_keeps_the_file_under_a_name_of_ours(school, head):
    job = make_job(workbook(), school=school, by=head, name="../清册.xlsx")
    assert (job.state, job.name, job.school, job.started_by) == ("uploaded", "清册.xlsx", school, head)
    assert "清册" not in job.stored_path
    assert default_storage.exists(job.stored_path)


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "file_empty"), (b"%PDF-1.7", "file_kind"), (b"\xff\xd8\xff\xe0", "file_kind")]
)
def test_what_is_no_table_is_refused(school, head, content, code):
    assert code_of(make_job, content, school=school, by=head) == code
    assert not ImportJob.objects.exists()


def test_a_file_of_too_many_bytes_is_refused(school, head, monkeypatch):
    monkeypatch.setattr(actions, "FILE_BYTES", 100)
    assert code_of(make_job, b"a" * 101, school=school, by=head) == "file_too_large"


def test_only_those_who_may_upload(school):
    other = make_person(make_school(), "logistics")
    for person in (make_person(school, "staff"), other):
        with pytest.raises(NotAllowed):
            make_job(workbook(), school=school, by=person)


def test_reading_finds_sheet_header_and_columns(school, head):
    job = read(workbook(above=[["某某学校资产清册"], ["单位：元"]], below=[["合计", None, 31]]), school=school, by=head)
    assert (job.state, job.sheet, job.header_row, job.rows_total) == ("mapped", "清册", 3, 4)
    assert job.mapping == {"name": 0, "code": 1, "quantity": 2, "price": 3, "day": 4}
    assert job.preview[0] == [4, ["课桌", "A1", "10", "120.5", "2024-09-01"]]


def test_the_sheet_whose_titles_say_most_is_taken(school, head):
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    book.create_sheet("说明", 0).append(["名称", "怎么填"])
    out = io.BytesIO()
    book.save(out)
    job = read(out.getvalue(), school=school, by=head)
    assert (job.sheet, len(job.sheets)) == ("清册", 2)
    actions.choose_sheet(job, sheet="说明", header_row=1, by=head)
    assert worked(job).sheet == "说明"
    assert job.mapping == {"name": 0}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_csv_goes_the_same_way(school, head, encoding):
    job = checked(csv_text().encode(encoding), school=school, by=head)
    assert (job.state, job.rows_total) == ("ready", 3)


def test_another_row_of_titles_can_be_chosen(school, head):
    job = read(workbook(), school=school, by=head)
    actions.choose_sheet(job, sheet=job.sheet, header_row=2, by=head)
    job = worked(job)
    assert (job.state, job.header_row, job.headers[0]) == ("mapped", 2, "课桌")


@pytest.mark.parametrize(
    ("sheet", "row", "code"), [("没有", 1, "sheet_missing"), ("清册", 4, "header_row"), ("清册", 0, "header_row")]
)
def test_a_sheet_or_row_that_is_not_there_is_refused(school, head, sheet, row, code):
    job = read(workbook(), school=school, by=head)
    assert code_of(actions.choose_sheet, job, sheet=sheet, header_row=row, by=head) == code


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({"name": 0}, "column_missing"),
        ({"name": 0, "code": 0}, "column_twice"),
        ({"name": 0, "code": 9}, "column_unknown"),
        ({"name": 0, "code": 1, "colour": 2}, "column_unknown"),
    ],
)
def test_columns_that_cannot_be_are_refused(school, head, mapping, code):
    job = read(workbook(), school=school, by=head)
    assert code_of(actions.choose_columns, job, mapping=mapping, by=head) == code


def test_changed_columns_are_what_is_read(school, head):
    job = read(workbook([["A1", "课桌"]], head=["编号", "名称"]), school=school, by=head)
    actions.choose_columns(job, mapping={"name": 0, "code": 1}, by=head)
    actions.confirm(worked(job), by=head)
    worked(job)
    assert Place.objects.get().name == "A1"


def test_a_clean_file_waits_for_confirmation_and_is_written_whole(school, head):
    job = checked(workbook(below=[["合计", None, 31]]), school=school, by=head)
    assert job.state == "ready"
    assert job.summary == {"figures": [["in all", "31"]], "skipped": [[5, "合计"]]}
    assert not Place.objects.exists()
    actions.confirm(job, by=head)
    job = worked(job)
    assert (job.state, job.written, job.rows_done) == ("done", 3, 3)
    assert set(Place.objects.values_list("school", "code")) == {(school.pk, code) for code in ("A1", "A2", "A3")}
    assert ActionLog.objects.filter(code="imports.write", user=head, result="done").count() == 1


def test_a_second_confirmation_changes_nothing(school, head):
    job = checked(workbook(), school=school, by=head)
    for _ in range(2):
        actions.confirm(job, by=head)
    worked(job)
    actions.confirm(job, by=head)
    job = worked(worked(job))
    assert (job.state, job.written, Place.objects.count()) == ("done", 3, 3)


def test_errors_name_row_and_column_as_people_see_them(school, head):
    make_place(school, code="A9")
    rows = [
        ["课桌", "A1", 1.5, "120.555", "2024.13.1"],
        [None, "A2", "=1+1", -1],
        ["椅子", "A3"],
        ["椅子", "A3"],
        [],
        ["黑板", "A9", "=SUM(A1)"],
        ["讲台", "A9"],
    ]
    job = checked(workbook(rows, above=[["清册"], []]), school=school, by=head)
    assert job.state == "refused"
    assert codes(job) == [
        (4, "quantity", "not_whole"),
        (4, "price", "not_exact"),
        (4, "day", "not_a_date"),
        (5, "name", "required"),
        (5, "quantity", "formula_text"),
        (5, "price", "too_small"),
        (7, "code", "code_taken"),
        (9, "quantity", "formula_text"),
        (10, "code", "code_taken"),
    ]
    assert job.errors[1]["cell"] == "120.555"
    assert job.errors[6]["cell"] == "A3"
    assert job.error_count == 9


def test_formulas_without_a_result_are_named(school, head):
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    table = book.active
    table["A2"] = '=HYPERLINK("http://example.org","x")'
    table["B3"].value, table["B3"].data_type = "#N/A", "e"
    out = io.BytesIO()
    book.save(out)
    job = checked(out.getvalue(), school=school, by=head)
    assert codes(job) == [(2, "name", "formula_text"), (3, "code", "formula_error")]
    assert [error["cell"] for error in job.errors] == ['=HYPERLINK("http://example.org","x")', "#N/A"]


def test_an_error_in_the_last_row_refuses_all(school, head):
    rows = [[f"物{n}", f"A{n}"] for n in range(300)] + [["最后", ""]]
    job = checked(workbook(rows), school=school, by=head)
    assert (job.state, codes(job)) == ("refused", [(302, "code", "required")])
    assert not Place.objects.exists()


def test_only_the_first_errors_are_kept_but_all_are_counted(school, head):
    job = checked(workbook([["", f"A{n}"] for n in range(700)]), school=school, by=head)
    assert (job.error_count, len(job.errors)) == (700, 500)


def test_a_file_without_rows_is_refused(school, head):
    assert codes(checked(workbook([]), school=school, by=head)) == [(0, "", "no_rows")]


def test_a_file_with_too_many_rows_is_refused(school, head, monkeypatch):
    small = registry.ImportKind(KIND.name, "", KIND.permission, KIND.columns, KIND.check, KIND.write, max_rows=2)
    monkeypatch.setitem(registry._kinds, KIND.name, small)
    assert codes(checked(workbook(), school=school, by=head)) == [(0, "", "too_many_rows")]


def test_an_unreadable_file_is_refused_in_words(school, head):
    job = read(b"PK\x03\x04nonsense", school=school, by=head)
    assert (job.state, codes(job)) == ("refused", [(0, "", "workbook_unreadable")])
    assert job.errors[0]["message"]
    assert code_of(actions.choose_columns, job, mapping={}, by=head) == "wrong_state"


def test_a_refusal_while_writing_names_the_row_and_writes_nothing(school, head):
    job = checked(workbook([["课桌", "A1"], ["拒绝", "A2"], ["椅子", "A3"]]), school=school, by=head)
    actions.confirm(job, by=head)
    job = worked(job)
    assert (job.state, codes(job)) == ("refused", [(3, "name", "not_this_one")])
    assert not Place.objects.exists()


def test_a_fault_while_writing_leaves_nothing_and_says_so(school, head):
    job = checked(workbook([["课桌", "A1"], ["故障", "A2"]]), school=school, by=head)
    actions.confirm(job, by=head)
    job = worked(job)
    assert (job.state, codes(job)) == ("failed", [(0, "", "broken")])
    assert not Place.objects.exists()


def test_records_that_came_in_between_are_found_before_writing(school, head):
    job = checked(workbook(), school=school, by=head)
    make_place(school, code="A2")
    actions.confirm(job, by=head)
    job = worked(job)
    assert (job.state, codes(job)) == ("refused", [(3, "code", "code_taken")])


def test_a_constraint_that_stands_against_it_is_said_in_words(school, head, monkeypatch):
    blind = registry.ImportKind(KIND.name, "", KIND.permission, KIND.columns, lambda *a, **k: [], KIND.write)
    monkeypatch.setitem(registry._kinds, KIND.name, blind)
    make_place(school, code="A2")
    job = checked(workbook(), school=school, by=head)
    actions.confirm(job, by=head)
    job = worked(job)
    assert (job.state, codes(job)) == ("refused", [(0, "", "conflict")])
    assert Place.objects.count() == 1


def test_permission_lost_before_confirming(school, head):
    job = checked(workbook(), school=school, by=head)
    Membership.objects.filter(user=head).delete()
    del head._access
    with pytest.raises(NotAllowed):
        actions.confirm(job, by=head)


def test_permission_lost_after_confirming(school, head):
    job = checked(workbook(), school=school, by=head)
    actions.confirm(job, by=head)
    Membership.objects.filter(user=head).delete()
    job = worked(job)
    assert (job.state, codes(job)) == ("failed", [(0, "", "not_allowed")])
    assert not Place.objects.exists()


def test_a_kind_that_is_gone_fails_in_words(school, head, monkeypatch):
    job = make_job(workbook(), school=school, by=head)
    monkeypatch.delitem(registry._kinds, KIND.name)
    assert worked(job).state == "failed"
    assert codes(job) == [(0, "", "kind_gone")]


@pytest.mark.parametrize("state", ["uploaded", "mapped", "refused", "ready"])
def test_cancelling_before_writing(school, head, state):
    content = workbook() if state != "refused" else workbook([["", ""], ["x", ""]])
    job = {"uploaded": make_job, "mapped": read}.get(state, checked)(content, school=school, by=head)
    assert job.state == state
    for _ in range(2):
        job = actions.cancel(job, by=head)
    assert (job.state, job.ended_at is not None) == ("cancelled", True)
    assert worked(job).state == "cancelled"


def set_state(job, state):
    """Put the job into a state that only workers reach, with what belongs to it."""
    ended = timezone.now() if state in ImportJob.ENDED else None
    ImportJob.objects.filter(pk=job.pk).update(
        state=state, ended_at=ended, written=1 if state == "done" else None, error_count=1
    )


STEPS = {
    "choose_sheet": lambda job, by: actions.choose_sheet(job, sheet=job.sheet, header_row=1, by=by),
    "choose_columns": lambda job, by: actions.choose_columns(job, mapping=job.mapping, by=by),
    "confirm": lambda job, by: actions.confirm(job, by=by),
    "cancel": lambda job, by: actions.cancel(job, by=by),
}
OPEN = {"mapped", "refused", "ready"}
ALLOWED = {
    "choose_sheet": OPEN,
    "choose_columns": OPEN,
    "confirm": {"ready", "writing", "done"},
    "cancel": OPEN | {"uploaded", "reading", "checking", "cancelled"},
}


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_from_every_state(school, head, step, state):
    job = read(workbook(), school=school, by=head)
    set_state(job, state)
    if state in ALLOWED[step]:
        STEPS[step](job, head)
    else:
        assert code_of(STEPS[step], job, head) == "wrong_state"


@pytest.mark.parametrize("step", ["choose_sheet", "choose_columns", "confirm"])
def test_steps_ask_for_the_permission(school, head, step):
    job = read(workbook(), school=school, by=head)
    set_state(job, "ready")
    Membership.objects.filter(user=head).update(role="staff")
    with pytest.raises(NotAllowed):
        STEPS[step](job, User.objects.get(pk=head.pk))


@pytest.mark.parametrize("step", STEPS)
def test_a_colleague_does_not_go_on_with_ones_import(school, head, step):
    job = read(workbook(), school=school, by=head)
    set_state(job, "ready")
    with pytest.raises(NotAllowed):
        STEPS[step](job, make_person(school, "logistics"))
    job.refresh_from_db()
    assert job.state == "ready"


def test_a_missing_broker_does_not_undo_the_upload(school, head, monkeypatch, django_capture_on_commit_callbacks):
    def broken(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(tasks.run, "delay", broken)
    monkeypatch.setattr("houqin.web.waking._rests_until", 0.0)
    with django_capture_on_commit_callbacks(execute=True):
        job = make_job(workbook(), school=school, by=head)
    assert job.state == "uploaded"


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("state = 'lost'", "imports_importjob_state"),
        ("state = 'done', ended_at = now()", "imports_importjob_written"),
        ("written = 3", "imports_importjob_written"),
        ("state = 'failed'", "imports_importjob_ended"),
        ("ended_at = now()", "imports_importjob_ended"),
        ("rows_done = rows_total + 1", "imports_importjob_rows_done"),
        ("state = 'refused', error_count = 0", "imports_importjob_refused_says_why"),
    ],
)
def test_the_database_refuses_impossible_imports(school, head, change, constraint):
    job = make_job(workbook(), school=school, by=head)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE imports_importjob SET {change} WHERE id = %s", [job.pk])


def test_the_language_of_the_uploader_is_kept(school, head):
    with translation.override("en"):
        job = make_job(workbook([["", "A1"]]), school=school, by=head)
    with translation.override("zh-hans"):
        actions.choose_columns(worked(job), mapping=job.mapping, by=head)
        job = worked(job)
    assert job.errors[0]["message"] == "This is missing."
