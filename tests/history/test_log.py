import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import QueryDict
from django.utils import timezone

from houqin.accounts.models import fingerprint
from houqin.history import labels
from houqin.history.models import ActionLog
from houqin.history.searching import DEFAULT_SPAN, LONGEST_SPAN, LogQuery
from houqin.web.trail import Origin, origin, record_action
from tests.history.factories import make_entry
from tests.schools.factories import make_person, make_place, make_school, make_user

pytestmark = pytest.mark.django_db


def found(**params):
    return set(LogQuery.of(QueryDict(query_string(params))).narrow(ActionLog.objects.all()))


def query_string(params):
    query = QueryDict(mutable=True)
    query.update(params)
    return query.urlencode()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history_actionlog SET detail = 'nothing happened'",
        "DELETE FROM history_actionlog",
        "TRUNCATE history_actionlog",
    ],
)
def test_log_is_only_added_to(statement):
    make_entry(make_school())
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert ActionLog.objects.count() == 1


def test_entry_stands_in_the_log_of_the_records_school():
    school = make_school()
    record_action("tests.do", by=None, record=make_place(school))
    assert ActionLog.objects.get().school == school


def test_entry_about_a_school_stands_in_its_own_log():
    school = make_school()
    record_action("tests.do", by=None, record=school)
    assert ActionLog.objects.get().school == school


def test_entry_without_record_stands_in_the_log_of_the_persons_school():
    school = make_school()
    record_action("tests.log_in", by=make_person(school))
    assert ActionLog.objects.get().school == school


def test_what_is_tried_with_an_account_stands_in_the_log_of_its_school():
    school, central = make_school(), make_school()
    person = make_person(school)
    record_action("tests.log_in", by=None, record=person, result="wrong_password")
    record_action("tests.make_code", by=make_person(central, "central_officer"), record=person)
    assert set(ActionLog.objects.values_list("school", flat=True)) == {school.pk}
    assert ActionLog.objects.visible_to(make_person(school, "principal")).count() == 2
    assert not ActionLog.objects.visible_to(make_person(make_school(), "principal")).exists()


def test_the_log_knows_a_device_again_and_cannot_pose_as_it():
    token = origin.set(Origin(device="abcdefghijklmnopqrstuvwx"))
    try:
        record_action("tests.do", by=None)
    finally:
        origin.reset(token)
    assert ActionLog.objects.get().device == fingerprint("abcdefghijklmnopqrstuvwx")[:40]


def test_entry_by_nobody_is_kept_without_school():
    record_action("tests.log_in", by=make_user(), result="wrong_password")
    assert ActionLog.objects.get().school is None


def test_words_find_record_detail_code_name_of_action_and_person(monkeypatch):
    monkeypatch.setitem(labels._actions, "tests.assign", "指派了维修")
    school = make_school()
    by_record = make_entry(school, record_name="二号楼302教室")
    by_detail = make_entry(school, detail="换了新的门锁")
    by_action = make_entry(school, code="tests.assign")
    by_person = make_entry(school, user=make_user(display_name="欧阳慧"))
    assert found(q="302") == {by_record}
    assert found(q="门锁") == {by_detail}
    assert found(q="指派") == {by_action}
    assert found(q="tests.ass") == {by_action}
    assert found(q="欧阳") == {by_person}
    assert found(q="oyh") == {by_person}
    assert found(q="302 门锁") == set()
    assert found(q="100%_") == set()


def test_person_and_action_narrow():
    school = make_school()
    person = make_person(school)
    mine = make_entry(school, user=person)
    other = make_entry(school, code="tests.other")
    assert found(person=str(person.pk)) == {mine}
    assert found(action="tests.other") == {other}
    assert found(person="0 OR 1=1") == {mine, other}


def test_span_is_of_whole_days_and_never_open():
    school = make_school()
    today = timezone.localdate()
    old = make_entry(school, at=timezone.now() - DEFAULT_SPAN - timedelta(days=2))
    new = make_entry(school)
    assert found() == {new}
    assert found(since=str(today - timedelta(days=200))) == {old, new}
    assert found(since=str(today - timedelta(days=200)), until=str(today - timedelta(days=1))) == {old}
    assert found(since="2026-02-31", until="never") == {new}
    assert found(until="0001-01-02") == {new}
    assert found(until="9999-12-31", q="\x00", action="\x00", person="²") == {new}
    asked = LogQuery.of(QueryDict("since=2001-01-01"))
    assert asked.until - asked.since == LONGEST_SPAN
    backwards = LogQuery.of(QueryDict("since=2020-02-01&until=2020-01-01"))
    assert backwards.since == backwards.until


def test_names_fall_back_to_codes():
    assert labels.action_label("tests.nobody_named_this") == "tests.nobody_named_this"
    assert labels.result_label("tests_nobody") == "tests_nobody"
    assert labels.result_label("wrong_state") != "wrong_state"


def test_every_action_has_a_name():
    written = re.compile(r'(?:record_action\(\s*|\bcode=|\baction_code = )"([a-z_]+\.[a-z_]+)"')
    root = Path(__file__).resolve().parents[2]
    codes = {
        code
        for source in [*root.glob("houqin/**/*.py"), *root.glob("assets/**/*.py")]
        for code in written.findall(source.read_text(encoding="utf-8"))
    }
    assert codes
    assert codes <= {code for code, _label in labels.actions()}
