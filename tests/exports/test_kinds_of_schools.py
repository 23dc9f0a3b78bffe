"""The exports of places and people: what is filtered and visible, in words."""

import csv

import pytest
from django.http import QueryDict

from houqin.exports import actions
from houqin.exports.models import ExportJob
from tests.schools.factories import make_membership, make_person, make_place, make_school

pytestmark = pytest.mark.django_db


def exported(kind, *, by, school, query=""):
    """The rows of the CSV file, without its head."""
    job = actions.run(actions.start(kind, by=by, school=school, format="csv", params=QueryDict(query)))
    assert job.state == ExportJob.State.DONE, job.error
    with job.path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def test_places_as_filtered():
    school = make_school()
    building = make_place(school, name="一号楼", code="YHL", kind="building")
    make_place(school, name="101教室", code="YHL-101", parent=building)
    make_place(make_school(), name="别处")
    head = make_person(school, "logistics")
    assert [row[:2] for row in exported("schools.places", by=head, school=school)] == [
        ["YHL", "一号楼"],
        ["YHL-101", "一号楼101教室"],
    ]
    assert [row[0] for row in exported("schools.places", by=head, school=school, query="q=101")] == ["YHL-101"]
    assert [row[0] for row in exported("schools.places", by=head, school=school, query="chip=building")] == ["YHL"]


def test_people_with_their_posts():
    school, other = make_school(), make_school()
    head = make_person(school, "logistics", display_name="罗建平")
    make_membership(head, school, "staff")
    make_membership(head, other, "principal")
    make_person(other, "staff")
    rows = exported("schools.people", by=head, school=school)
    assert [row[0] for row in rows] == ["罗建平"]
    posts = rows[0][1].split("、")
    assert len(posts) == 2
    assert all(post.endswith(f" {school.name}") for post in posts)
